/** Whether a read belongs to a pass, how surely, and by what. */
import { plateSimilarity } from '../plates/plates.ts';
import type { ReadRecord } from './detection-store.ts';
import type { MergeOptions } from './detections.ts';
import type { JoinedBy, Pass } from './pass.ts';
import { overlap, type CameraMotion } from './place.ts';

export interface Likeness {
  /** The higher, the surer; only compared with others of the same read. */
  readonly score: number;
  readonly by: JoinedBy;
}

/** Within this time a track is the same vehicle, whatever was read; later the text has to agree at least this much. */
const TRACK_SURE_MS = 10_000;
const TRACK_LIKENESS = 0.5;
/** A vehicle that drives is before the camera no longer than this between two looks. */
const PLACE_MS = 2_500;
/** Texts less alike than the window wants, yet more than those of two vehicles usually are. */
const PLACE_LIKENESS = 0.5;
const LEAST_FIT = 0.3;
/** Without places time has to do: nobody follows closer than this on one lane, and a look follows the other within it. */
const UNPLACED_MS = 1_200;
const UNPLACED_LIKENESS = 0.6;
/** At the same place again after up to this long it has not been away: nobody drives round that fast. */
const UNMOVED_MS = 90_000;
const UNMOVED = 0.5;
/** Nobody turns round faster than this. */
const TURNED_MS = 2_000;
const TURNED_DEGREES = 120;

type Gap = { readonly ms: number; readonly nearest: ReadRecord };

/** The read of the pass that is nearest in time, and how far it is. */
function gapTo(pass: Pass, at: number): Gap | null {
  let best: Gap | null = null;
  for (const nearest of pass.reads) {
    const ms = Math.abs(nearest.capturedAt.getTime() - at);
    if (best === null || ms < best.ms) best = { ms, nearest };
  }
  // Of folded reads only first and last are known in time.
  if (best !== null && at > pass.firstAt && at < pass.lastAt && pass.folded > 0) return { ...best, ms: 0 };
  return best;
}

const isOther = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b;

/** The device says that it drives the other way now, and there was time to turn. */
function turned(pass: Pass, read: ReadRecord): boolean {
  const to = read.device?.motion;
  if (!to) return false;
  const at = read.capturedAt.getTime();
  const moving = pass.reads.filter(({ device }) => device?.motion);
  const since = ({ capturedAt }: ReadRecord): number => Math.abs(capturedAt.getTime() - at);
  const [nearest] = moving.sort((a, b) => since(a) - since(b));
  const from = nearest?.device?.motion;
  if (nearest === undefined || !from || since(nearest) < TURNED_MS) return false;
  if (from.direction !== null && to.direction !== null) return from.direction !== to.direction;
  if (from.heading === null || to.heading === null) return false;
  const turn = Math.abs(from.heading - to.heading) % 360;
  return Math.min(turn, 360 - turn) > TURNED_DEGREES;
}

function textLikeness(pass: Pass, text: string): number {
  let best = 0;
  const compared = new Set<string>();
  for (const { plateNumber } of pass.reads) {
    if (plateNumber === '' || compared.has(plateNumber)) continue;
    compared.add(plateNumber);
    best = Math.max(best, plateSimilarity(plateNumber, text));
  }
  return pass.fixed === null ? best : Math.max(best, plateSimilarity(pass.fixed.plateNumber, text));
}

/** Whether a plate that moved from the one read to the other would have moved as vehicles do here; 0..1. */
function follows(nearest: ReadRecord, read: ReadRecord, motion: CameraMotion): number {
  if (nearest.box === null || read.box === null) return 0;
  return nearest.capturedAt.getTime() <= read.capturedAt.getTime()
    ? motion.fits(nearest.box, read.box)
    : motion.fits(read.box, nearest.box);
}

export function likenessOf(
  pass: Pass,
  read: ReadRecord,
  { windowSeconds, minSimilarity, parkedMinutes }: MergeOptions,
  motion: CameraMotion,
): Likeness | null {
  if (pass.reads.some((other) => other.readId === read.readId)) return { score: 9, by: 'read' };
  // Two plates in one picture are two vehicles.
  if (pass.reads.some((other) => other.frameId === read.frameId)) return null;
  const gap = gapTo(pass, read.capturedAt.getTime());
  if (gap === null) return null;
  const windowMs = windowSeconds * 1000;
  const parkedMs = parkedMinutes * 60_000;
  if (gap.ms > Math.max(windowMs, parkedMs, TRACK_SURE_MS)) return null;
  const isUnread = read.plateNumber === '' || !pass.reads.some(({ plateNumber }) => plateNumber !== '');
  const likeness = isUnread ? 0 : textLikeness(pass, read.plateNumber);

  const trackId = read.device?.trackId ?? null;
  // Devices count anew when they start: hours later the same number is another vehicle.
  if (trackId !== null && pass.tracks.has(trackId)) {
    const isSure = gap.ms <= TRACK_SURE_MS || isUnread || likeness >= TRACK_LIKENESS;
    if (isSure) return { score: 5 + likeness, by: 'track' };
  }
  if (turned(pass, read)) return null;

  const { issuingEntity } = pass.fixed ?? pass.vote;
  // A province read differently is doubt, not proof: the text must then agree fully.
  const isTextEnough = likeness >= minSimilarity && (likeness === 1 || !isOther(issuingEntity, read.issuingEntity));
  if (isTextEnough && gap.ms <= windowMs) return { score: 2 + likeness - gap.ms / windowMs / 10, by: 'text' };

  // The device itself follows vehicles and says that these are two.
  const isOtherTrack = trackId !== null && pass.tracks.size > 0;
  const place = overlap(gap.nearest.box, read.box);
  const mayStand = gap.ms <= (pass.isStanding ? parkedMs : Math.min(parkedMs, UNMOVED_MS));
  if (mayStand) {
    const isPlaced = gap.nearest.box !== null && read.box !== null;
    const isThere = isPlaced ? place >= UNMOVED : pass.isStanding;
    if (isThere && isTextEnough) return { score: 1 + likeness, by: 'parked' };
    if (isThere && pass.isStanding && isPlaced && (isUnread || likeness >= PLACE_LIKENESS)) {
      return { score: 0.5 + place / 2, by: 'parked' };
    }
    if (pass.isStanding && !isPlaced && isUnread && !isOtherTrack && gap.ms <= windowMs)
      return { score: 0.1, by: 'parked' };
  }

  if (gap.ms > Math.min(PLACE_MS, windowMs)) return null;
  if (isOtherTrack) return null;
  if (gap.nearest.box === null || read.box === null) {
    if (gap.ms > UNPLACED_MS) return null;
    // What could not be read says nothing of its own: it is the look before or after the nearest.
    if (isUnread) return { score: 0.3 - gap.ms / UNPLACED_MS / 10, by: 'place' };
    const isClear = likeness > UNPLACED_LIKENESS && !isOther(issuingEntity, read.issuingEntity);
    return isClear ? { score: likeness, by: 'place' } : null;
  }
  if (!isUnread && likeness < PLACE_LIKENESS) return null;
  const fit = follows(gap.nearest, read, motion);
  return fit >= LEAST_FIT ? { score: fit + likeness / 2, by: 'place' } : null;
}
