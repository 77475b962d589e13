/** What happened to an alert, in order, told from its timeline, its deliveries and its repeats. */
import type { AlertDelivery, AlertDetail, AlertRun, AlertTimeline, TimelineEntry } from '../../api/contract.ts';

export type Line =
  | { readonly kind: 'happened'; readonly at: string; readonly entry: TimelineEntry }
  | { readonly kind: 'delivery'; readonly at: string; readonly delivery: AlertDelivery }
  | { readonly kind: 'repeats'; readonly at: string; readonly count: number };

/** Deliveries say more of the same (attempts, errors) than these entries. */
const TOLD: readonly TimelineEntry['what'][] = ['told', 'not_told'];

export function linesOf(alert: AlertDetail, timeline: AlertTimeline): readonly Line[] {
  const isKnown = (entry: TimelineEntry): boolean => entry.what === 'told' || entry.note === null;
  const lines: Line[] = [
    ...timeline.entries
      .filter((entry) => !TOLD.includes(entry.what) || !isKnown(entry))
      .map((entry) => ({ kind: 'happened' as const, at: entry.at, entry })),
    ...alert.deliveries.map((delivery) => ({ kind: 'delivery' as const, at: delivery.createdAt, delivery })),
  ];
  if (alert.repeatCount > 0 && alert.lastRepeatAt !== null)
    lines.push({ kind: 'repeats', at: alert.lastRepeatAt, count: alert.repeatCount });
  // A stable order where two carry the same instant: what happened goes before who was told of it.
  return lines.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

export interface NextStep {
  readonly run: AlertRun;
  readonly at: string;
}

export function nextStepOf(timeline: AlertTimeline): NextStep | null {
  const due = timeline.runs.filter(({ state, nextAt }) => state === 'running' && nextAt !== null);
  const [run] = due.sort((a, b) => Date.parse(a.nextAt ?? '') - Date.parse(b.nextAt ?? ''));
  return run?.nextAt == null ? null : { run, at: run.nextAt };
}
