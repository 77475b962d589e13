/** From a rule's data to one function that says whether a matter is its business. In memory; no question to anybody. */
import type { DetectionSummary } from '../detections/detections.ts';
import type { GeofencePart, HitPart, LprMessage } from '../message.ts';
import { likePattern } from '../plates/plates.ts';
import type { AlertSubject } from './alerts.ts';
import type { CameraTrouble, ConditionGroup, DetectionFilter, Rule, RuleCondition, RuleInput } from './rules.ts';

type MatterDetection = Pick<
  DetectionSummary,
  'detectionId' | 'status' | 'plateNumber' | 'issuingEntity' | 'countryCode' | 'plateType' | 'confidence'
> & {
  /** Null: the message does not say. */
  readonly isParked: boolean | null;
};

/** What rules look at. */
export interface Matter {
  readonly cameraId: string;
  readonly capturedAt: Date;
  readonly isLate: boolean;
  readonly detection: MatterDetection | null;
  readonly hit: HitPart | null;
  readonly geofence: GeofencePart | null;
  readonly camera: { readonly trouble: CameraTrouble; readonly since: string } | null;
}

export function matterOf({ lpr }: LprMessage<'detection'>): Matter {
  const { cameraId, capturedAt, isLate, detection, hit = null, geofence = null } = lpr;
  return {
    ...{ cameraId, isLate, hit, geofence, camera: null, capturedAt: new Date(capturedAt) },
    detection: { ...detection, isParked: null },
  };
}

export const matterOfDetection = (
  detection: DetectionSummary,
  parts: { readonly hit: HitPart | null; readonly geofence: GeofencePart | null; readonly isLate: boolean },
): Matter => ({
  ...{ cameraId: detection.cameraId, capturedAt: detection.capturedAt, detection, camera: null },
  ...parts,
});

/** What the conditions ask of the hub, all in memory. */
export interface Surroundings {
  zonesOf(cameraId: string): ReadonlySet<string>;
  checkpointOf(cameraId: string): string | null;
  /** False where there is no such calendar. */
  includes(calendarId: string, at: Date): boolean;
}

type Judge = (matter: Matter) => boolean;

const isAny = <T>(allowed: readonly T[], value: T): boolean => allowed.length === 0 || allowed.includes(value);

/** `like` of PostgreSQL as a regular expression. */
export function patternTest(plate: string): (plateNumber: string) => boolean {
  const pattern = Array.from(likePattern(plate) ?? '%');
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? '';
    if (char === '%') source += '[\\s\\S]*';
    else if (char === '_') source += '[\\s\\S]';
    else source += (char === '\\' ? (pattern[++i] ?? '') : char).replace(/[$()*+./?[\\\]^{|}-]/g, '\\$&');
  }
  const expression = new RegExp(`^${source}$`, 'u');
  return (plateNumber) => expression.test(plateNumber);
}

function detectionJudge(filter: DetectionFilter): Judge {
  const { plate, issuingEntity, countryCode, plateType, cameraId, status, minConfidence, isParked } = filter;
  const matchesPlate = plate === null || plate === '' ? null : patternTest(plate);
  return ({ detection, cameraId: seenBy }) =>
    detection !== null &&
    detection.status !== 'rejected' &&
    (matchesPlate === null || matchesPlate(detection.plateNumber)) &&
    (issuingEntity === null || detection.issuingEntity === issuingEntity) &&
    (countryCode === null || detection.countryCode === countryCode) &&
    (plateType === null || detection.plateType === plateType) &&
    (cameraId === null || seenBy === cameraId) &&
    (status === null || detection.status === status) &&
    (minConfidence === null || detection.confidence >= minConfidence) &&
    // Not known yet: it counts until somebody looks closer (`needsSummary`).
    (isParked === null || detection.isParked === null || detection.isParked === isParked);
}

function conditionJudge(condition: RuleCondition, around: Surroundings): Judge {
  switch (condition.kind) {
    case 'hit': {
      const { blacklistIds, categories, matchedBy, minConfidence, minPriority } = condition;
      return ({ hit }) =>
        hit !== null &&
        isAny(blacklistIds, hit.blacklistId) &&
        isAny(categories, hit.category) &&
        isAny(matchedBy, hit.matchedBy) &&
        (minConfidence === null || hit.confidence >= minConfidence) &&
        (minPriority === null || hit.priority >= minPriority);
    }
    case 'geofence': {
      const { geofenceIds, events } = condition;
      return ({ geofence }) =>
        geofence !== null && isAny(geofenceIds, geofence.geofenceId) && isAny(events, geofence.event);
    }
    case 'detection':
      return detectionJudge(condition.filter);
    case 'place': {
      const { cameraIds, zoneIds, checkpointIds } = condition;
      if (cameraIds.length + zoneIds.length + checkpointIds.length === 0) return () => true;
      return ({ cameraId }) => {
        if (cameraIds.includes(cameraId)) return true;
        const checkpointId = around.checkpointOf(cameraId);
        if (checkpointId !== null && checkpointIds.includes(checkpointId)) return true;
        const zones = around.zonesOf(cameraId);
        return zoneIds.some((zoneId) => zones.has(zoneId));
      };
    }
    case 'time': {
      const { calendarId, isInside } = condition;
      return ({ capturedAt }) => around.includes(calendarId, capturedAt) === isInside;
    }
    case 'camera': {
      const { troubles } = condition;
      return ({ camera }) => camera !== null && isAny(troubles, camera.trouble);
    }
  }
}

type Kinds = readonly RuleCondition['kind'][];
/** The kinds of the conditions that hold, of those that had to; null when the rule has no business with it. */
export type RuleJudge = (matter: Matter) => Kinds | null;

const joined = (match: 'all' | 'any', judges: readonly RuleJudge[]): RuleJudge =>
  match === 'all'
    ? (matter) => {
        const kinds: RuleCondition['kind'][] = [];
        for (const judge of judges) {
          const held = judge(matter);
          if (held === null) return null;
          kinds.push(...held);
        }
        return kinds;
      }
    : (matter) => {
        for (const judge of judges) {
          const held = judge(matter);
          if (held !== null) return held;
        }
        return null;
      };

export const conditionsOf = (groups: readonly ConditionGroup[]): readonly RuleCondition[] =>
  groups.flatMap(({ conditions }) => conditions);

export function judgeOf({ match, groups }: Pick<RuleInput, 'match' | 'groups'>, around: Surroundings): RuleJudge {
  const judge = joined(
    match,
    groups.map((group) =>
      joined(
        group.match,
        group.conditions.map((condition): RuleJudge => {
          const holds = conditionJudge(condition, around);
          const kinds = [condition.kind];
          return (matter) => (holds(matter) ? kinds : null);
        }),
      ),
    ),
  );
  return (matter) => {
    const held = judge(matter);
    // What is wrong with a camera is no business of a rule that names only places and times.
    return held !== null && matter.camera !== null && !held.includes('camera') ? null : held;
  };
}

export interface CompiledRule {
  readonly rule: Rule;
  readonly judge: RuleJudge;
  readonly usesCameras: boolean;
  /** It asks what a message does not say: whether the vehicle is parked. */
  readonly needsSummary: boolean;
}

export function compileRule(rule: Rule, around: Surroundings): CompiledRule {
  const conditions = conditionsOf(rule.groups);
  return {
    ...{ rule, judge: judgeOf(rule, around) },
    usesCameras: conditions.some(({ kind }) => kind === 'camera'),
    needsSummary: conditions.some((one) => one.kind === 'detection' && one.filter.isParked !== null),
  };
}

/** What an alert would be about: the most telling thing that the rule asked for and the matter has. */
export function subjectOf({ cameraId, detection, hit, geofence, camera }: Matter, held: Kinds): AlertSubject | null {
  if (camera !== null) return { kind: 'camera', id: `${cameraId}:${camera.trouble}:${camera.since}` };
  if (held.includes('geofence') && geofence !== null) return { kind: 'geofence', id: geofence.geofenceEventId };
  if (held.includes('hit') && hit !== null) return { kind: 'hit', id: hit.hitId };
  return detection === null ? null : { kind: 'detection', id: detection.detectionId };
}

/** What counts as the same when it comes again: the vehicle and the list or geofence, or the camera and its trouble. */
export function sameness({ cameraId, detection, hit, geofence, camera }: Matter, subject: AlertSubject): string {
  if (camera !== null) return `camera|${cameraId}|${camera.trouble}`;
  const vehicle = `${detection?.plateNumber ?? ''}|${detection?.issuingEntity ?? ''}|${detection?.countryCode ?? ''}`;
  switch (subject.kind) {
    case 'geofence':
      return `geofence|${geofence?.geofenceId ?? ''}|${geofence?.event ?? ''}|${vehicle}`;
    case 'hit': {
      // By the entry, not by what was read: one misread character is no other vehicle on the list. A wildcard names many.
      const listed =
        hit === null || hit.matchedBy === 'wildcard'
          ? vehicle
          : `${hit.entryPlateNumber}|${hit.entryIssuingEntity ?? ''}`;
      return `hit|${hit?.blacklistId ?? ''}|${listed}`;
    }
    default:
      return `detection|${vehicle}`;
  }
}
