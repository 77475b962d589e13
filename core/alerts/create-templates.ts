import { LprError, type FieldProblem } from '../errors.ts';
import { keepFresh } from '../kept-fresh.ts';
import type { News } from '../news.ts';
import type { Log } from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import type { AlertFacts } from './alert-facts.ts';
import { sampleFacts } from './sample-facts.ts';
import { smsParts } from './sms-parts.ts';
import { defaultWords, PLUGINS_WITH_WORDS } from './template-defaults.ts';
import {
  fieldText,
  knownFields,
  templateWords,
  type FieldName,
  type Language,
  type TemplateSite,
  type Writing,
} from './template-fields.ts';
import { parseTemplate, problemsOf, renderParsed, type Parsed } from './template-text.ts';
import {
  TEMPLATE_KINDS,
  type RenderedNotice,
  type StoredTemplate,
  type Template,
  type TemplateInput,
  type Templates,
  type TemplateSlot,
  type TemplateStore,
} from './templates.ts';

export interface TemplatesDependencies {
  readonly store: TemplateStore;
  readonly news: Pick<News, 'on'>;
  readonly plugins: Pick<Plugins, 'find'>;
  readonly site: () => Promise<TemplateSite>;
  /** Of this alert; null as id: of the newest. Null: there is none. */
  readonly factsOf: (alertId: string | null) => Promise<AlertFacts | null>;
  readonly publicUrl: string | null;
  readonly log: Log;
  readonly now?: () => Date;
}

const LANGUAGES: readonly Language[] = ['th', 'en'];
const MOST_PARSED = 500;

const keyOf = ({ kind, plugin, language }: TemplateSlot): string => `${kind} ${plugin ?? ''} ${language}`;

export function createTemplates({
  store,
  news,
  plugins,
  site: askSite,
  factsOf,
  publicUrl,
  log,
  now = () => new Date(),
}: TemplatesDependencies): Templates {
  let stored = new Map<string, StoredTemplate>();
  let site: TemplateSite = { name: '', timeZone: 'Asia/Bangkok', era: 'buddhist' };
  const parsed = new Map<string, Parsed>();

  const parse = (text: string): Parsed => {
    let known = parsed.get(text);
    if (known === undefined) {
      known = parseTemplate(text, knownFields);
      if (parsed.size >= MOST_PARSED) parsed.clear();
      parsed.set(text, known);
    }
    return known;
  };
  const faults = (text: string, field: string): readonly FieldProblem[] => problemsOf(field, parse(text));
  const problems = ({ title, text }: Pick<TemplateInput, 'title' | 'text'>): readonly FieldProblem[] => [
    ...(/[\r\n]/.test(title) ? [{ field: 'title', problem: 'must be one line' }] : []),
    ...faults(title, 'title'),
    ...faults(text, 'text'),
    ...(title.trim() === '' && text.trim() === '' ? [{ field: 'text', problem: 'is missing' }] : []),
  ];
  const checked = (input: TemplateInput): void => {
    const found = [
      ...problems(input),
      ...(input.plugin === null || plugins.find('alertChannel', input.plugin) !== null
        ? []
        : [{ field: 'plugin', problem: 'is no alert channel that the hub knows' }]),
    ];
    if (found.length === 0) return;
    const all = found.map(({ field, problem }) => `${field} ${problem}`).join('; ');
    throw new LprError('invalid_input', `The template cannot be used: ${all}.`, { problems: found });
  };

  const copy = keepFresh({
    what: 'the templates',
    topics: ['templates', 'site'],
    ...{ news, log },
    load: () => Promise.all([store.list(), askSite()]),
    apply([templates, current]) {
      stored = new Map(templates.map((template) => [keyOf(template), template]));
      site = current;
    },
  });

  const usable = (template: StoredTemplate | undefined): template is StoredTemplate =>
    template !== undefined && problems(template).length === 0;
  const fill = (template: string, facts: AlertFacts, writing: Writing): string =>
    renderParsed(parse(template), (part) => fieldText(part, facts, writing));

  /** Somebody's words for the channel, the hub's for it, somebody's for all, the hub's for all. */
  const wordsOf = (slot: TemplateSlot): Pick<TemplateInput, 'title' | 'text' | 'masksPlate'> => {
    const general = { ...slot, plugin: null };
    for (const one of slot.plugin === null ? [general] : [slot, general]) {
      const own = stored.get(keyOf(one));
      if (usable(own)) return own;
      const words = defaultWords(one.kind, one.plugin, one.language);
      if (words !== null) return { ...words, masksPlate: false };
    }
    throw new LprError('internal', `There are no words for ${slot.kind}.`);
  };
  const write = (
    { title, text, masksPlate }: Pick<TemplateInput, 'title' | 'text' | 'masksPlate'>,
    facts: AlertFacts,
    language: Language,
  ): RenderedNotice => {
    const writing: Writing = { language, site, masksPlate };
    return { title: fill(title, facts, writing).replace(/\s*\n\s*/g, ' '), text: fill(text, facts, writing) };
  };

  const templateOf = (slot: TemplateSlot): Template | null => {
    const own = stored.get(keyOf(slot));
    if (own !== undefined) return { ...own, problems: problems(own) };
    const words = defaultWords(slot.kind, slot.plugin, slot.language);
    return words === null
      ? null
      : { ...slot, ...words, templateId: null, masksPlate: false, changedAt: null, problems: [] };
  };

  return {
    list() {
      const slots = new Map<string, TemplateSlot>();
      for (const kind of TEMPLATE_KINDS) {
        for (const language of LANGUAGES) {
          for (const plugin of [null, ...PLUGINS_WITH_WORDS]) {
            const slot = { kind, plugin, language };
            slots.set(keyOf(slot), slot);
          }
        }
      }
      for (const [key, template] of stored) slots.set(key, template);
      return [...slots.values()].flatMap(({ kind, plugin, language }) => templateOf({ kind, plugin, language }) ?? []);
    },
    fields() {
      const example = (name: string, language: Language): string => {
        const kind = name === 'items' || name === 'count' ? 'digest' : 'alert';
        const facts = sampleFacts(kind, language, now(), publicUrl);
        const more: Partial<AlertFacts> = {
          ...(name === 'stay' ? { geofenceEvent: 'dwell', geofenceSeconds: 1_500 } : {}),
          ...(name === 'provisional' ? { isProvisional: true } : {}),
          ...(name === 'trouble' ? { cameraTrouble: 'offline' } : {}),
          ...(name === 'acknowledgedBy' || name === 'outcome' ? sampleFacts('taken', language, now(), publicUrl) : {}),
          ...(name === 'cause' ? { cause: 'correction' } : {}),
        };
        return fieldText({ field: name, formats: [] }, { ...facts, ...more }, { language, site, masksPlate: false });
      };
      return [...knownFields].map(([name, formats]) => ({
        name,
        formats,
        en: templateWords.en.field[name as FieldName],
        th: templateWords.th.field[name as FieldName],
        example: { en: example(name, 'en'), th: example(name, 'th') },
      }));
    },
    async save(input) {
      checked(input);
      await store.save(input);
      await copy.refresh();
      const saved = templateOf(input);
      if (saved === null) throw new LprError('conflict', 'The template was removed at the same time: save it again.');
      return saved;
    },
    async reset(templateId) {
      if (!(await store.remove(templateId))) throw new LprError('not_found', 'There is no such template.');
      await copy.refresh();
    },
    render: (facts, { plugin, language }) => write(wordsOf({ kind: facts.kind, plugin, language }), facts, language),
    line: (template, facts, language) =>
      fill(template, facts, { language, site, masksPlate: false }).replace(/\s*\n\s*/g, ' '),
    faults,
    async preview(input, alertId) {
      checked(input);
      const real = await factsOf(alertId);
      if (real === null && alertId !== null) throw new LprError('not_found', 'There is no such alert.');
      const { kind, plugin, language } = input;
      const sample = sampleFacts(kind, language, now(), publicUrl);
      // A single alert does not show what a digest or a used-up budget looks like.
      const fits = real !== null && kind !== 'digest' && kind !== 'budget';
      const facts: AlertFacts = fits
        ? { ...real, kind, acknowledgeLink: real.acknowledgeLink ?? sample.acknowledgeLink }
        : sample;
      const rendered = write(input, facts, language);
      return {
        ...rendered,
        alertId: fits ? real.alertId : null,
        characters: Array.from(rendered.text).length,
        maxText: plugin === null ? null : (plugins.find('alertChannel', plugin)?.maxText ?? null),
        sms: smsParts(rendered.text === '' ? rendered.title : rendered.text),
      };
    },
    start: () => copy.start(),
    stop() {
      copy.stop();
    },
  };
}
