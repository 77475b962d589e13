/** Templates: in which words people are told, by kind of notice, channel and language. */
import type { FieldProblem } from '../errors.ts';
import type { NoticeKind } from '../plugins/define.ts';
import type { AlertFacts } from './alert-facts.ts';
import type { SmsParts } from './sms-parts.ts';
import type { Language } from './template-fields.ts';

export const TEMPLATE_KINDS = ['alert', 'escalation', 'retraction', 'digest', 'budget', 'taken', 'test'] as const;

export interface TemplateSlot {
  readonly kind: NoticeKind;
  /** Id of an alert channel plugin; null: every channel without words of its own. */
  readonly plugin: string | null;
  readonly language: Language;
}

export interface TemplateInput extends TemplateSlot {
  readonly title: string;
  readonly text: string;
  /** The middle of the plate is hidden. */
  readonly masksPlate: boolean;
}

export interface Template extends TemplateInput {
  /** Null: as it comes with the hub. */
  readonly templateId: string | null;
  readonly changedAt: Date | null;
  /** What no longer fits, e.g. after an update. */
  readonly problems: readonly FieldProblem[];
}

export type StoredTemplate = TemplateInput & { readonly templateId: string; readonly changedAt: Date };

export interface TemplateField {
  readonly name: string;
  readonly formats: readonly string[];
  readonly en: string;
  readonly th: string;
  readonly example: { readonly en: string; readonly th: string };
}

export interface RenderedNotice {
  /** One line of plain text. */
  readonly title: string;
  /** Lines of plain text. */
  readonly text: string;
}

export interface Preview extends RenderedNotice {
  /** The alert it shows; null: made-up facts. */
  readonly alertId: string | null;
  readonly characters: number;
  /** What the channel carries; null: as long as it likes. */
  readonly maxText: number | null;
  readonly sms: SmsParts;
}

export interface Templates {
  /** Every slot: those of the hub, and what was put in their place. */
  list(): readonly Template[];
  fields(): readonly TemplateField[];
  /** @throws invalid_input naming the field, what is unknown and the nearest that is known */
  save(input: TemplateInput): Promise<Template>;
  /** Back to the words of the hub. @throws not_found */
  reset(templateId: string): Promise<void>;
  /**
   * In memory; the channel's own words before the general ones, somebody's before the hub's.
   * @param slot its `kind` is that of the facts
   */
  render(facts: AlertFacts, slot: Omit<TemplateSlot, 'kind'>): RenderedNotice;
  /** A single line by the same rules, e.g. the title of a rule. */
  line(template: string, facts: AlertFacts, language: Language): string;
  /** What is wrong with a text; empty: nothing. @param field named in the problems */
  faults(template: string, field: string): readonly FieldProblem[];
  /** On this alert, else the newest, else made-up facts. @throws invalid_input, not_found */
  preview(input: TemplateInput, alertId: string | null): Promise<Preview>;
  start(): Promise<void>;
  stop(): void;
}

/** What templates need of a database. */
export interface TemplateStore {
  list(): Promise<readonly StoredTemplate[]>;
  /** In its slot; tells the news. */
  save(input: TemplateInput): Promise<void>;
  /** False when there is none. Tells the news. */
  remove(templateId: string): Promise<boolean>;
}
