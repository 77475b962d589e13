/** Follows vehicles in and out of geofences: by what cameras saw, by the clock, and when a detection says something else. */
import { v5 as uuidv5 } from 'uuid';
import type { DetectionSummary } from '../detections/detections.ts';
import type { LprMessage, SeenMotion } from '../message.ts';
import type { FenceBook } from './fence-book.ts';
import type { SiteCamera } from './fence-index.ts';
import type { GeofenceStore, LaterSight, StoredEvent, StoredState, Vehicle, VehicleWork } from './geofence-store.ts';
import type { Geofence, GeofenceEventCause, GeofenceRules } from './geofences.ts';
import { dueAt, fold, NO_VISIT, type FoldRules, type Sighting, type VisitEvent, type VisitState } from './visits.ts';

/** Names events: the same visit gives the same ids in every process and at every look. */
const EVENT_IDS = '6f0a5c1e-5f0e-4f3b-9b0e-3f5d0b7c2a41';
/** A camera's clock that is further ahead is wrong, and when we received it counts. */
const AHEAD_MS = 5 * 60_000;
/** What is known so long after it happened belongs in the past. */
const LATE_MS = 15 * 60_000;
/** A sighting this old may have been overtaken by another camera's, which nobody had a reason to remember. */
const OVERTAKEN_MS = 2_000;
const MOST_LATER = 200;

export interface Seen {
  readonly vehicle: Vehicle;
  readonly detectionId: string;
  readonly cameraId: string;
  readonly at: number;
  readonly confidence: number;
  readonly motion: SeenMotion | null;
  readonly cause: GeofenceEventCause;
  /** Whose message showed it; null when no message did. */
  readonly frameId: string | null;
}

export interface FollowDependencies {
  readonly store: GeofenceStore;
  readonly book: FenceBook;
  readonly calendars: { includes(calendarId: string, at: Date): boolean };
  readonly now: () => Date;
}

export interface VehicleFollower {
  /** Takes a sighting into account everywhere it matters. False: it matters nowhere, and nobody was asked. */
  see(seen: Seen): Promise<boolean>;
  /** Takes back what a detection was counted as, but for `vehicle`. */
  forget(detectionId: string, except: Vehicle | null): Promise<void>;
  /** What happened by itself until then, for at most `limit` vehicles at once; gives how many. */
  passTime(until: Date, limit: number): Promise<number>;
}

const sameVehicle = (a: Vehicle, b: Vehicle): boolean =>
  a.plateNumber === b.plateNumber && a.issuingEntity === b.issuingEntity && a.countryCode === b.countryCode;

/** How the vehicle moved before the camera, as far as device or lanes say. */
function motionOf(camera: SiteCamera | null, motion: SeenMotion | null): 'toward' | 'away' | null {
  if (motion !== null && motion.direction !== null) return motion.direction;
  const lanes = camera?.lanes ?? [];
  const lane = motion?.lane ?? null;
  const its = lane === null ? undefined : lanes.find(({ number, name }) => String(number) === lane || name === lane);
  const [first] = lanes;
  const only = first !== undefined && lanes.every(({ direction }) => direction === first.direction) ? first : undefined;
  const direction = (its ?? only)?.direction ?? 'both';
  return direction === 'both' ? null : direction;
}

export function fitsDirection(
  direction: GeofenceRules['direction'],
  camera: SiteCamera | null,
  motion: SeenMotion | null,
): boolean {
  if (direction === null) return true;
  const moved = motionOf(camera, motion);
  if (direction.by === 'camera') return moved === direction.motion;
  const ahead = camera?.heading ?? null;
  const inferred = ahead === null || moved === null ? null : (ahead + (moved === 'toward' ? 180 : 0)) % 360;
  const heading = motion?.heading ?? inferred;
  if (heading === null) return false;
  const { from, to } = direction;
  return from <= to ? heading >= from && heading <= to : heading >= from || heading <= to;
}

/** The instant that a message's sighting has; a camera's clock that runs ahead is not followed. */
export function instantOf({ lpr: { capturedAt, receivedAt } }: LprMessage, now: Date): number {
  const at = Date.parse(capturedAt);
  return at > now.getTime() + AHEAD_MS ? Date.parse(receivedAt) : at;
}

export const vehicleOf = ({ plateNumber, issuingEntity, countryCode }: Vehicle): Vehicle => ({
  ...{ plateNumber, issuingEntity, countryCode },
});

export const seenAgain = (summary: DetectionSummary): Seen => ({
  ...{ vehicle: vehicleOf(summary), detectionId: summary.detectionId, cameraId: summary.cameraId },
  ...{
    at: summary.capturedAt.getTime(),
    confidence: summary.confidence,
    motion: null,
    cause: 'correction',
    frameId: null,
  },
});

export function createVehicleFollower({ store, book, calendars, now }: FollowDependencies): VehicleFollower {
  const rulesOf = ({ rules }: Geofence): FoldRules => ({
    rules,
    isOpen: (at) => rules.calendarId === null || calendars.includes(rules.calendarId, new Date(at)),
  });
  const toStore = (
    { geofenceId, name }: Geofence,
    vehicle: Vehicle,
    event: VisitEvent,
    how: Pick<StoredEvent, 'cause' | 'frameId' | 'isToTell'>,
  ): StoredEvent => {
    const { plateNumber, issuingEntity, countryCode } = vehicle;
    const named = [
      geofenceId,
      plateNumber,
      issuingEntity,
      countryCode,
      event.enterDetectionId,
      event.enteredAt,
      event.event,
    ];
    return {
      ...event,
      ...how,
      geofenceId,
      geofenceName: name,
      geofenceEventId: uuidv5(JSON.stringify(named), EVENT_IDS),
    };
  };
  const stateOf = (fence: Geofence, state: VisitState, before: VisitState): StoredState => {
    const due = dueAt(state, fence.rules);
    const isTold = (state.visit === null) !== (before.visit === null);
    return { geofenceId: fence.geofenceId, state, dueAt: due === null ? null : new Date(due), isTold };
  };
  const late = (event: VisitEvent): boolean => event.decidedAt < now().getTime() - LATE_MS;

  /** From the beginning, because something that was taken into account already is others now; from `since` on. */
  const refold = async (
    work: VehicleWork,
    fence: Geofence,
    vehicle: Vehicle,
    before: VisitState,
    change: {
      readonly since: number;
      readonly until: number;
      readonly detectionId: string;
      readonly cause: GeofenceEventCause;
      readonly frameId: string | null;
    },
  ): Promise<StoredState> => {
    const sightings = await work.history(fence.geofenceId);
    const { state, events } = fold(NO_VISIT, sightings, Math.max(before.clock, change.until), rulesOf(fence));
    const standing = await work.eventIdsSince(fence.geofenceId, change.since);
    const wanted = events
      .filter(({ decidedAt }) => decidedAt >= change.since)
      .map((event) => {
        const isOwn = event.detectionId === change.detectionId;
        // Its own message carries its own events; of others, flows are told from outside, unless it is long past.
        const cause = change.cause === 'live' && late(event) ? 'late' : change.cause;
        const isToTell = cause === 'live' && !(isOwn && change.frameId !== null);
        return toStore(fence, vehicle, event, { cause, frameId: isOwn ? change.frameId : null, isToTell });
      });
    await work.saveEvents(wanted);
    const stands = new Set(wanted.map(({ geofenceEventId }) => geofenceEventId));
    await work.retract(
      standing.filter((id) => !stands.has(id)),
      change.detectionId,
      change.cause === 'correction',
    );
    return stateOf(fence, state, before);
  };

  const laterIn = (
    { geofenceId, rules }: Geofence,
    detectionId: string,
    later: readonly LaterSight[],
  ): readonly (Sighting & { geofenceId: string })[] =>
    later.flatMap(({ confidence, ...sight }) => {
      const relation = book.relation(sight.cameraId, geofenceId);
      if (relation === 'near' || relation === 'unknown') return [];
      if (sight.detectionId === detectionId || confidence < rules.minConfidence) return [];
      const fits = fitsDirection(rules.direction, book.index().camera(sight.cameraId), null);
      const lastAt = relation === 'inside' ? sight.lastAt : sight.at;
      return [{ ...sight, lastAt, relation, fitsDirection: fits, geofenceId }];
    });

  const keepPresence = (vehicle: Vehicle, rows: readonly StoredState[]): void => {
    for (const { geofenceId, state } of rows) book.setPresence(vehicle, geofenceId, state.visit !== null);
  };

  /** @param later what is on record of the vehicle after it: where it was seen outside, nobody may have noted it */
  const seeIn = async (seen: Seen, fences: readonly Geofence[], later: readonly LaterSight[]): Promise<void> => {
    const { vehicle, detectionId, cameraId, at, cause, frameId } = seen;
    const saved = await store.work(vehicle, async (work) => {
      const geofenceIds = fences.map(({ geofenceId }) => geofenceId);
      const states = await work.states(geofenceIds);
      const own = await work.own(detectionId);
      const sightings: (Sighting & { geofenceId: string })[] = [];
      const inOrder: { fence: Geofence; before: VisitState; point: Sighting }[] = [];
      const outOfOrder: { fence: Geofence; before: VisitState; since: number; until: number }[] = [];
      for (const fence of fences) {
        const { geofenceId, rules } = fence;
        const before = states.get(geofenceId) ?? NO_VISIT;
        const relation = book.relation(cameraId, geofenceId);
        if (relation === 'near' || relation === 'unknown') continue;
        const known = own.get(geofenceId);
        // Of whoever is not inside, nobody has to know that it is outside; but it may have been inside at that time.
        if (relation !== 'inside' && known === undefined && before.visit === null && at >= before.clock) continue;
        const fits = fitsDirection(rules.direction, book.index().camera(cameraId), seen.motion);
        if (known !== undefined && (relation !== 'inside' || at <= known.lastAt)) continue;
        const sighting: Sighting = known ?? { detectionId, cameraId, at, lastAt: at, relation, fitsDirection: fits };
        sightings.push({ ...sighting, lastAt: at, geofenceId });
        const after = relation === 'inside' ? laterIn(fence, detectionId, later) : [];
        if (after.length > 0) {
          sightings.push(...after);
          const until = Math.max(at, ...after.map((one) => one.lastAt));
          outOfOrder.push({ fence, before, since: known?.lastAt ?? at, until });
        } else if (at >= before.clock) inOrder.push({ fence, before, point: { ...sighting, at, lastAt: at } });
        else outOfOrder.push({ fence, before, since: known?.lastAt ?? at, until: at });
      }
      if (sightings.length === 0) return [];
      await work.saveSightings(sightings);
      const rows: StoredState[] = [];
      const events: StoredEvent[] = [];
      for (const { fence, before, point } of inOrder) {
        const folded = fold(before, [point], at, rulesOf(fence));
        rows.push(stateOf(fence, folded.state, before));
        for (const event of folded.events) {
          const isOwn = event.detectionId === detectionId;
          const why = cause === 'live' && !isOwn && late(event) ? 'late' : cause;
          const isToTell = why === 'live' && !(isOwn && frameId !== null);
          events.push(toStore(fence, vehicle, event, { cause: why, frameId: isOwn ? frameId : null, isToTell }));
        }
      }
      await work.saveEvents(events);
      for (const { fence, before, since, until } of outOfOrder) {
        rows.push(await refold(work, fence, vehicle, before, { since, until, detectionId, cause, frameId }));
      }
      await work.saveStates(rows);
      return rows;
    });
    keepPresence(vehicle, saved);
  };

  /** What happened to one vehicle by itself until then. */
  const passFor = async (vehicle: Vehicle, geofenceIds: readonly string[], until: Date): Promise<void> => {
    const saved = await store.work(vehicle, async (work) => {
      const states = await work.states(geofenceIds);
      const rows: StoredState[] = [];
      const events: StoredEvent[] = [];
      for (const [geofenceId, before] of states) {
        const fence = book.get(geofenceId);
        if (fence === null) continue;
        let state = before;
        // Only to what is due: what was seen since, and is still on its way, is not out of order.
        for (;;) {
          const at = fence.enabled ? dueAt(state, fence.rules) : null;
          if (at === null || at > until.getTime()) break;
          const folded = fold(state, [], Math.max(at, state.clock), rulesOf(fence));
          state = folded.state;
          for (const event of folded.events) {
            const cause = late(event) ? 'late' : 'live';
            events.push(toStore(fence, vehicle, event, { cause, frameId: null, isToTell: cause === 'live' }));
          }
        }
        const row = stateOf(fence, state, before);
        rows.push(fence.enabled ? row : { ...row, dueAt: null });
      }
      await work.saveEvents(events);
      await work.saveStates(rows);
      return rows;
    });
    keepPresence(vehicle, saved);
  };

  return {
    async see(seen) {
      const { vehicle, cameraId } = seen;
      if (vehicle.plateNumber === '') return false;
      const candidates = new Set(book.presentIn(vehicle));
      for (const [geofenceId, relation] of book.index().relationsOf(cameraId)) {
        if (relation === 'inside') candidates.add(geofenceId);
      }
      // Long ago it may have been inside of what it left since.
      if (seen.cause !== 'live') for (const geofenceId of await store.fencesOf(vehicle)) candidates.add(geofenceId);
      const fences = [...candidates].flatMap((geofenceId) => {
        const fence = book.get(geofenceId);
        return fence?.enabled === true && seen.confidence >= fence.rules.minConfidence ? [fence] : [];
      });
      if (fences.length === 0) return false;
      const present = book.presentIn(vehicle);
      const isOld = seen.at < now().getTime() - OVERTAKEN_MS;
      const wasInside = fences.some(
        ({ geofenceId }) =>
          book.relation(cameraId, geofenceId) === 'inside' &&
          (seen.cause !== 'live' || (isOld && !present.has(geofenceId))),
      );
      const later = wasInside ? await store.seenSince(vehicle, new Date(seen.at), MOST_LATER) : [];
      try {
        await seeIn(seen, fences, later);
      } catch (error) {
        // Another process removed one of them a moment ago.
        if ((error as { code?: unknown } | null)?.code !== '23503') throw error;
        await book.reload(null);
        await seeIn(
          seen,
          fences.filter(({ geofenceId }) => book.get(geofenceId) !== null),
          later,
        );
      }
      return true;
    },
    async forget(detectionId, except) {
      for (const { vehicle, geofenceIds } of await store.vehiclesOf(detectionId)) {
        if (except !== null && sameVehicle(vehicle, except)) continue;
        const fences = geofenceIds.flatMap((geofenceId) => book.get(geofenceId) ?? []);
        const saved = await store.work(vehicle, async (work) => {
          const own = await work.own(detectionId);
          const states = await work.states(geofenceIds);
          await work.removeSightings(detectionId);
          const rows: StoredState[] = [];
          for (const fence of fences) {
            const sighting = own.get(fence.geofenceId);
            const before = states.get(fence.geofenceId) ?? NO_VISIT;
            if (sighting === undefined) continue;
            const change = { since: sighting.at, until: 0, detectionId, cause: 'correction', frameId: null } as const;
            rows.push(await refold(work, fence, vehicle, before, change));
          }
          await work.saveStates(rows);
          return rows;
        });
        keepPresence(vehicle, saved);
      }
    },
    async passTime(until, limit) {
      const due = await store.due(until, limit);
      const failures: unknown[] = [];
      for (const { vehicle, geofenceIds } of due) {
        try {
          await passFor(vehicle, geofenceIds, until);
        } catch (error) {
          // The others are followed all the same; this one is due again.
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
      return due.length;
    },
  };
}
