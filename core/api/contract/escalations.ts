/** Escalations: whom to tell next while nobody acknowledges; the timeline of an alert; its acknowledgement. */
import { z } from 'zod';
import { id, instant } from './primitives.ts';
import { Outcome } from './outcome.ts';
import { Target } from './people.ts';

export const EscalationTelling = z
  .object({
    channelId: z.uuid(),
    to: z.array(Target).max(50).describe('empty: those whom the channel tells by itself'),
  })
  .meta({ id: 'EscalationTelling' });
export type EscalationTelling = z.infer<typeof EscalationTelling>;
export const EscalationStep = z
  .object({
    afterSeconds: z.int().min(0).max(604_800).describe('since the round began'),
    tells: z.array(EscalationTelling).min(1).max(20),
  })
  .meta({ id: 'EscalationStep' });
export type EscalationStep = z.infer<typeof EscalationStep>;
const settings = {
  name: z.string().trim().min(1).max(100),
  steps: z.array(EscalationStep).min(1).max(20).describe('each later than the one before it'),
  repeats: z.int().min(0).max(20).describe('further rounds after the first'),
  repeatAfterSeconds: z.int().min(60).max(604_800).describe('from the last step to the next round'),
  tellsTaken: z.boolean().describe('those who were told hear who acknowledged it'),
};
export const EscalationInput = z
  .object({
    ...settings,
    repeats: settings.repeats.default(0),
    repeatAfterSeconds: settings.repeatAfterSeconds.default(900),
    tellsTaken: settings.tellsTaken.default(false),
  })
  .meta({ id: 'EscalationInput' });
export type EscalationInput = z.input<typeof EscalationInput>;
/** Without defaults: what is left out stays. */
export const EscalationChange = z.object(settings).partial().meta({ id: 'EscalationChange' });
export type EscalationChange = z.infer<typeof EscalationChange>;
export const Escalation = z
  .object({
    escalationId: id,
    ...settings,
    createdAt: instant,
    running: z.int().describe('alerts that it is at work on'),
  })
  .meta({ id: 'Escalation' });
export type Escalation = z.infer<typeof Escalation>;

export const AlertRun = z
  .object({
    escalationId: id.nullable().describe('null: it was removed since'),
    name: z.string(),
    startedAt: instant,
    state: z.enum(['running', 'done', 'stopped']),
    stoppedBy: z.enum(['acknowledged', 'retracted', 'ended', 'person']).nullable(),
    round: z.int().describe('from 0'),
    step: z.int().describe('the next one, from 0'),
    stepCount: z.int(),
    nextAt: instant.nullable(),
  })
  .meta({ id: 'AlertRun' });
export type AlertRun = z.infer<typeof AlertRun>;

export const AcknowledgeInput = z
  .object({
    outcome: Outcome.nullable().default(null).describe('null: taken, the outcome is not known yet'),
    note: z.string().trim().max(1000).default(''),
  })
  .meta({ id: 'AcknowledgeInput' });
export type AcknowledgeInput = z.input<typeof AcknowledgeInput>;
export const OutcomeInput = z
  .object({ outcome: Outcome, note: z.string().trim().max(1000).default('') })
  .meta({ id: 'OutcomeInput' });
export type OutcomeInput = z.input<typeof OutcomeInput>;
export const Acknowledgement = z
  .object({
    alertId: id,
    at: instant,
    by: z.string().describe('name of the user or of the person told'),
    how: z.enum(['console', 'link', 'flow']),
    outcome: Outcome.nullable(),
    note: z.string(),
    undoUntil: instant.nullable().describe('until when it can be taken back; null: not any more'),
  })
  .meta({ id: 'Acknowledgement' });
export type Acknowledgement = z.infer<typeof Acknowledgement>;

export const TimelineEntry = z
  .object({
    at: instant,
    what: z.enum([
      ...(['raised', 'told', 'not_told', 'escalation_started', 'escalated', 'escalation_stopped'] as const),
      ...(['acknowledged', 'undone', 'outcome', 'retracted'] as const),
    ]),
    by: z.string().nullable().describe('who acted; null: the hub'),
    how: z.enum(['console', 'link', 'flow']).nullable(),
    channel: z.string().nullable(),
    to: z.string().nullable().describe('name of the person told, else the address; null: the channel alone'),
    kind: z.string().nullable().describe('of the notice: alert, escalation, retraction, digest'),
    state: z.string().nullable().describe('of a delivery: waiting, delivered, dead'),
    escalation: z.string().nullable(),
    round: z.int().nullable(),
    step: z.int().nullable(),
    outcome: Outcome.nullable(),
    note: z.string().nullable().describe('of a person, or why something was not done'),
  })
  .meta({ id: 'TimelineEntry' });
export type TimelineEntry = z.infer<typeof TimelineEntry>;
export const AlertTimeline = z
  .object({
    alertId: id,
    entries: z.array(TimelineEntry).describe('oldest first'),
    runs: z.array(AlertRun),
    acknowledgement: Acknowledgement.nullable(),
  })
  .meta({ id: 'AlertTimeline' });
export type AlertTimeline = z.infer<typeof AlertTimeline>;

export const AlertFigure = z
  .object({
    key: z.string().nullable().describe('id of the rule, list or camera, or the day; null: none'),
    name: z.string(),
    alerts: z.int(),
    acknowledged: z.int(),
    medianSeconds: z.number().nullable().describe('from raised to acknowledged'),
    p90Seconds: z.number().nullable(),
    outcomes: z.object({
      correct: z.int(),
      misread: z.int(),
      wrong_list: z.int(),
      recovered: z.int(),
      dismissed: z.int(),
    }),
    accuracy: z
      .number()
      .nullable()
      .describe('share of correct and recovered among those judged right or wrong, 0..1; null: none was judged'),
  })
  .meta({ id: 'AlertFigure' });
export type AlertFigure = z.infer<typeof AlertFigure>;
