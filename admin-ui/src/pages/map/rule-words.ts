/** The rules of a geofence as sentences. */
import type { GeofenceRules } from '../../api/contract.ts';

type Translate = (key: string, values?: Record<string, unknown>) => string;
type Figure = (value: number, options?: Intl.NumberFormatOptions) => string;

/** 90 s, 15 min, 2 h, 3 d: the largest unit that divides it. */
export function spanWords(seconds: number, t: Translate, n: Figure): string {
  const units = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const;
  for (const [unit, size] of units) {
    if (seconds >= size && seconds % size === 0) return t(`page.map.span.${unit}`, { count: n(seconds / size) });
  }
  return t('page.map.span.second', { count: n(seconds) });
}

export function ruleWords(rules: GeofenceRules, t: Translate, n: Figure): readonly string[] {
  const span = (seconds: number): string => spanWords(seconds, t, n);
  const { direction } = rules;
  const tells = rules.events.map((event) =>
    event === 'dwell' ? t('page.map.rule.dwell', { span: span(rules.dwellSeconds) }) : t(`page.map.rule.${event}`),
  );
  return [
    ...(tells.length === 0 ? [t('page.map.rule.nothing')] : tells),
    ...(direction === null
      ? []
      : direction.by === 'camera'
        ? [t(`page.map.rule.${direction.motion}`)]
        : [t('page.map.rule.heading', { from: n(direction.from), to: n(direction.to) })]),
    ...(rules.calendarId === null ? [] : [t('page.map.rule.calendar')]),
    ...(rules.leaveDelaySeconds > 0 ? [t('page.map.rule.leaveDelay', { span: span(rules.leaveDelaySeconds) })] : []),
    ...(rules.silenceSeconds === null ? [] : [t('page.map.rule.silence', { span: span(rules.silenceSeconds) })]),
    ...(rules.rearmSeconds > 0 ? [t('page.map.rule.rearm', { span: span(rules.rearmSeconds) })] : []),
    ...(rules.marginMetres > 0 ? [t('page.map.rule.margin', { metres: n(rules.marginMetres) })] : []),
    ...(rules.minConfidence > 0
      ? [t('page.map.rule.sure', { share: n(rules.minConfidence, { style: 'percent' }) })]
      : []),
  ];
}
