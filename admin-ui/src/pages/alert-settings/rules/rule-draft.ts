/** A rule as it is edited, and its conditions as they begin. */
import { ruleName } from '../../../alerts/rule-name.ts';
import type { AlertRule, AlertRuleInput, DetectionQuery } from '../../../api/contract.ts';
import { filterOf, type AddressQuery } from '../../../detections/detection-filter.ts';

export type RuleDraft = Required<AlertRuleInput>;
export type Condition = RuleDraft['groups'][number]['conditions'][number];
export type ConditionKind = Condition['kind'];

export const CONDITION_KINDS: readonly ConditionKind[] = ['hit', 'geofence', 'detection', 'place', 'time', 'camera'];

/** @param calendarId that a condition of time begins with */
export function newCondition(kind: ConditionKind, calendarId = ''): Condition {
  switch (kind) {
    case 'hit':
      return { kind, blacklistIds: [], categories: [], matchedBy: [], minConfidence: null, minPriority: null };
    case 'geofence':
      return { kind, geofenceIds: [], events: [] };
    case 'detection':
      return { kind, filter: {} };
    case 'place':
      return { kind, cameraIds: [], zoneIds: [], checkpointIds: [] };
    case 'time':
      return { kind, calendarId, isInside: true };
    case 'camera':
      return { kind, troubles: [] };
  }
}

export function newRule(conditions: readonly Condition[] = [newCondition('hit')]): RuleDraft {
  return {
    ...{ name: '', enabled: true, match: 'all', title: '', priority: null, channelIds: [], escalationId: null },
    groups: [{ match: 'all', conditions: [...conditions] }],
    ...{ confirmation: 'provisional', rearmSeconds: 1_800, digestMinutes: null, quietCalendarId: null },
    ...{ urgentFrom: null, budgetPerDay: null },
  };
}

export function draftOf(rule: AlertRule): RuleDraft {
  const { enabled, match, groups, title, priority, channelIds, escalationId, confirmation } = rule;
  const { rearmSeconds, digestMinutes, quietCalendarId, urgentFrom, budgetPerDay } = rule;
  return {
    name: ruleName(rule.ruleId, rule.name),
    ...{ enabled, match, groups, title, priority, channelIds, escalationId, confirmation },
    ...{ rearmSeconds, digestMinutes, quietCalendarId, urgentFrom, budgetPerDay },
  };
}

/** What of a search in Detections a rule can ask for: everything but its span of time. */
export function filterFromSearch(query: AddressQuery): Omit<DetectionQuery, 'from' | 'to' | 'cursor' | 'limit'> {
  const { plate, province, country, camera, status, confidence } = filterOf(query);
  return {
    ...(plate === '' ? {} : { plate }),
    ...(province === null ? {} : { issuingEntity: province }),
    ...(country === null ? {} : { countryCode: country }),
    ...(camera === null ? {} : { cameraId: camera }),
    ...(status === null ? {} : { status }),
    ...(confidence === null ? {} : { minConfidence: confidence / 100 }),
  };
}
