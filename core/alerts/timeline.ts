/** What happened to an alert, in its order. */
import type { Acknowledgement, How, Outcome } from './acknowledgements.ts';
import type { Run, StepRecord } from './escalations.ts';

export interface TimelineEntry {
  readonly at: Date;
  readonly what:
    | 'raised'
    | 'told'
    | 'not_told'
    | 'escalation_started'
    | 'escalated'
    | 'escalation_stopped'
    | 'acknowledged'
    | 'undone'
    | 'outcome'
    | 'retracted';
  /** Who acted; null: the hub. */
  readonly by: string | null;
  readonly how: How | null;
  readonly channel: string | null;
  /** Name of the person told, else the address; null: the channel alone. */
  readonly to: string | null;
  /** Of the notice. */
  readonly kind: string | null;
  /** Of a delivery. */
  readonly state: string | null;
  readonly escalation: string | null;
  readonly round: number | null;
  readonly step: number | null;
  readonly outcome: Outcome | null;
  /** Of a person, or why something was not done. */
  readonly note: string | null;
}

/** A delivery as the timeline needs it. */
export interface ToldDelivery {
  readonly channelName: string;
  readonly kind: string;
  readonly to: string;
  readonly person: string | null;
  readonly state: string;
  readonly createdAt: Date;
  readonly deliveredAt: Date | null;
  readonly error: { readonly message: string } | null;
}

export interface TimelineParts {
  readonly raisedAt: Date;
  readonly retractedAt: Date | null;
  readonly deliveries: readonly ToldDelivery[];
  readonly runs: readonly Run[];
  readonly steps: readonly StepRecord[];
  readonly acknowledgements: readonly Acknowledgement[];
}

const NOTHING: Omit<TimelineEntry, 'at' | 'what'> = {
  ...{ by: null, how: null, channel: null, to: null, kind: null, state: null, escalation: null },
  ...{ round: null, step: null, outcome: null, note: null },
};
const ORDER: readonly TimelineEntry['what'][] = [
  ...(['raised', 'escalation_started', 'escalated', 'told', 'not_told', 'acknowledged', 'outcome'] as const),
  ...(['escalation_stopped', 'undone', 'retracted'] as const),
];

export function timelineOf(parts: TimelineParts): readonly TimelineEntry[] {
  const { raisedAt, retractedAt, deliveries, runs, steps, acknowledgements } = parts;
  const entries: TimelineEntry[] = [{ ...NOTHING, at: raisedAt, what: 'raised' }];
  const add = (at: Date | null, what: TimelineEntry['what'], more: Partial<TimelineEntry> = {}): void => {
    if (at !== null) entries.push({ ...NOTHING, ...more, at, what });
  };
  add(retractedAt, 'retracted');
  for (const { channelName, kind, to, person, state, createdAt, deliveredAt, error } of deliveries) {
    if (state === 'dropped') continue;
    const whom = { channel: channelName, kind, to: person ?? (to === '' ? null : to), state };
    if (deliveredAt !== null) add(deliveredAt, 'told', whom);
    else add(createdAt, 'not_told', { ...whom, note: state === 'dead' ? (error?.message ?? null) : null });
  }
  const runOf = new Map(runs.map((run) => [run.runId, run]));
  for (const { name, startedAt, startedBy, stoppedAt, stoppedBy } of runs) {
    add(startedAt, 'escalation_started', { escalation: name, by: startedBy });
    add(stoppedAt, 'escalation_stopped', { escalation: name, note: stoppedBy });
  }
  for (const { runId, round, step, ranAt, troubles, state } of steps) {
    const which = { escalation: runOf.get(runId)?.name ?? null, round, step };
    if (state !== 'dropped') add(ranAt, 'escalated', which);
    for (const { who, why } of troubles) add(ranAt, 'not_told', { ...which, to: who, note: why });
  }
  for (const one of acknowledgements) {
    const wasJudgedLater = one.judgedAt !== null;
    add(one.at, 'acknowledged', {
      ...{ by: one.by, how: one.how, outcome: wasJudgedLater ? null : one.outcome },
      note: one.note === '' ? null : one.note,
    });
    add(one.judgedAt, 'outcome', { by: one.judgedBy, outcome: one.outcome });
    add(one.undoneAt, 'undone', { by: one.undoneBy });
  }
  return entries.sort((a, b) => a.at.getTime() - b.at.getTime() || ORDER.indexOf(a.what) - ORDER.indexOf(b.what));
}
