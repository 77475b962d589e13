/** One vehicle before one camera as it is being seen: its reads, what they make together, and why. */
import type { DetectionPart, DetectionStatus } from '../message.ts';
import type { DetectionRecord, DetectionText, DroppedRead, ReadRecord } from './detection-store.ts';
import { overlap } from './place.ts';
import { vote, type Vote } from './vote.ts';

/** So many reads of one pass vote and are stored; of more, the least sure ones in between are only counted. */
const MOST_READS = 16;
/** The newest few stay: an attempt sent again is known by them. */
const NEWEST_KEPT = 4;
/** Different texts whose frequency is counted. */
const MOST_TEXTS = 24;
/** Nothing that drives is at the same place this much later. */
const STANDING_MS = 3_000;
const SAME_PLACE = 0.6;
/** Without places: read this long without a gap. */
const STANDING_UNPLACED_MS = 30_000;
/** What has been seen for this long is called parked. */
export const PARKED_MS = 60_000;

export type JoinedBy = 'read' | 'track' | 'text' | 'place' | 'parked';

export interface Pass {
  readonly detectionId: string;
  readonly cameraId: string;
  readonly capturedAtSource: DetectionRecord['capturedAtSource'];
  readonly receivedAt: Date;
  /** Those that vote, at least one, in the order of capture. */
  readonly reads: readonly ReadRecord[];
  /** Reads that are counted and no longer kept. */
  readonly folded: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly vote: Vote;
  /** What a person said; it stands whatever is read. */
  readonly fixed: DetectionText | null;
  readonly status: DetectionStatus;
  readonly tracks: ReadonlySet<string>;
  readonly isStanding: boolean;
  /** Of its reads: seen by its track, by its place; told late; the device's last word. */
  readonly marks: ReadonlySet<'track' | 'place' | 'late' | 'final'>;
  readonly windowMs: number;
  readonly parkedMs: number;
}

/** The pass with what only this room may change. */
export interface OpenPass extends Pass {
  reads: readonly ReadRecord[];
  folded: number;
  firstAt: number;
  lastAt: number;
  vote: Vote;
  fixed: DetectionText | null;
  status: DetectionStatus;
  isStanding: boolean;
  readonly tracks: Set<string>;
  readonly marks: Set<'track' | 'place' | 'late' | 'final'>;
  readonly texts: Map<string, number>;
  windowMs: number;
  parkedMs: number;
  /** Reads that are stored and should not be any more. */
  drops: DroppedRead[];
  /** Of this process's clock: when the last read came. */
  touchedAt: number;
  /** Reads that were merged and are not written yet. */
  unwritten: number;
  isRecorded: boolean;
}

export interface PassStart {
  readonly detectionId: string;
  readonly cameraId: string;
  readonly capturedAtSource: DetectionRecord['capturedAtSource'];
  readonly receivedAt: Date;
  readonly windowMs: number;
  readonly parkedMs: number;
}

const byCapture = (a: ReadRecord, b: ReadRecord): number =>
  a.capturedAt.getTime() - b.capturedAt.getTime() || (a.readId < b.readId ? -1 : 1);

function count(texts: Map<string, number>, { plateNumber }: ReadRecord, times = 1): void {
  if (texts.size >= MOST_TEXTS && !texts.has(plateNumber)) return;
  texts.set(plateNumber, (texts.get(plateNumber) ?? 0) + times);
}

export function openPass(start: PassStart, read: ReadRecord, isLate: boolean): OpenPass {
  const at = read.capturedAt.getTime();
  const trackId = read.device?.trackId ?? null;
  const isFinal = read.device?.isFinal === true;
  const pass: OpenPass = {
    ...start,
    reads: [read],
    folded: 0,
    ...{ firstAt: at, lastAt: at, vote: vote([read]), fixed: null, isStanding: read.device?.motion?.speed === 0 },
    status: isFinal && read.plateNumber !== '' ? 'confirmed' : 'provisional',
    tracks: new Set(trackId === null ? [] : [trackId]),
    marks: new Set(),
    texts: new Map(),
    ...{ drops: [], touchedAt: Date.now(), unwritten: 0, isRecorded: false },
  };
  count(pass.texts, read);
  if (isLate) pass.marks.add('late');
  if (isFinal) pass.marks.add('final');
  return pass;
}

/** From the database. @param reads at least one */
export function restorePass(
  start: PassStart,
  detection: DetectionRecord,
  reads: readonly [ReadRecord, ...ReadRecord[]],
): OpenPass {
  const [first] = reads;
  const pass = openPass(start, first, false);
  for (const read of reads.slice(1)) include(pass, read);
  pass.folded = Math.max(0, detection.readCount - reads.length);
  if (pass.folded > 0) count(pass.texts, { ...first, plateNumber: detection.plateNumber }, pass.folded);
  pass.firstAt = detection.capturedAt.getTime();
  pass.lastAt = Math.max(pass.lastAt, detection.lastSeenAt.getTime());
  pass.isStanding ||= detection.isParked;
  pass.vote = vote(reads);
  pass.drops = [];
  for (const mark of ['track', 'place', 'late', 'final'] as const) {
    if (detection.reasons.includes(mark)) pass.marks.add(mark);
  }
  const { status } = detection;
  pass.status = status;
  if (status === 'corrected' || status === 'rejected') fix(pass, detection, status);
  pass.isRecorded = true;
  return pass;
}

export function fix(pass: OpenPass, text: DetectionText, status: 'corrected' | 'rejected'): void {
  const { plateNumber, series, serial, issuingEntity, countryCode, plateType, confidence } = text;
  pass.fixed = { plateNumber, series, serial, issuingEntity, countryCode, plateType, confidence };
  pass.status = status;
}

/** Stands where it was seen some time ago, or says so itself. */
function stands(pass: OpenPass, read: ReadRecord): boolean {
  if (read.device?.motion?.speed === 0) return true;
  const at = read.capturedAt.getTime();
  if (read.box === null) return pass.lastAt - pass.firstAt >= STANDING_UNPLACED_MS;
  return pass.reads.some(
    (other) => Math.abs(other.capturedAt.getTime() - at) >= STANDING_MS && overlap(other.box, read.box) >= SAME_PLACE,
  );
}

function include(pass: OpenPass, read: ReadRecord): void {
  const at = read.capturedAt.getTime();
  pass.isStanding ||= stands(pass, read);
  pass.firstAt = Math.min(pass.firstAt, at);
  pass.lastAt = Math.max(pass.lastAt, at);
  pass.reads = [...pass.reads, read].sort(byCapture);
  count(pass.texts, read);
  const trackId = read.device?.trackId ?? null;
  if (trackId !== null) pass.tracks.add(trackId);
  if (read.device?.isFinal === true) pass.marks.add('final');
}

/** Drops the least sure read in between when there are too many; gives its id. */
function foldOne(pass: OpenPass): string | null {
  if (pass.reads.length <= MOST_READS) return null;
  const between = pass.reads.slice(1, -NEWEST_KEPT).filter((read) => read !== pass.vote.best);
  const [weakest] = between.sort((a, b) => a.confidence - b.confidence);
  if (weakest === undefined) return null;
  pass.reads = pass.reads.filter((read) => read !== weakest);
  pass.folded += 1;
  pass.drops.push({ readId: weakest.readId, capturedAt: weakest.capturedAt });
  return weakest.readId;
}

/** Adds a read that the pass does not have. Gives the id of a read that is no longer kept, if there is one. */
export function joinPass(pass: OpenPass, read: ReadRecord, by: JoinedBy, isLate: boolean): string | null {
  pass.touchedAt = Date.now();
  include(pass, read);
  if (by === 'track' || by === 'place') pass.marks.add(by);
  if (isLate) pass.marks.add('late');
  pass.vote = vote(pass.reads as [ReadRecord, ...ReadRecord[]]);
  const dropped = foldOne(pass);
  if (pass.status === 'provisional' && isSettled(pass)) pass.status = 'confirmed';
  return dropped;
}

const isSettled = (pass: Pass): boolean =>
  pass.vote.plateNumber !== '' && (pass.vote.agreeing >= 2 || pass.marks.has('final'));

export const readCountOf = (pass: Pass): number => pass.reads.length + pass.folded;
export const isParked = (pass: Pass): boolean => pass.isStanding && pass.lastAt - pass.firstAt >= PARKED_MS;

/** Why the detection says what it says: keys of the catalogues, with values. */
function reasonsOf(pass: OpenPass): readonly string[] {
  const reads = readCountOf(pass);
  const { plateNumber, issuingEntity } = pass.vote;
  const entities = new Set(pass.reads.flatMap((read) => read.issuingEntity ?? []));
  const named = pass.reads.filter((read) => read.issuingEntity !== null);
  const agreed = named.filter((read) => read.issuingEntity === issuingEntity).length;
  return [
    ...(reads > 1 && plateNumber !== '' ? [`voted:${pass.texts.get(plateNumber) ?? 0}/${reads}`] : []),
    ...(entities.size > 1 ? [`province_voted:${agreed}/${named.length}`] : []),
    ...(isParked(pass) ? ['parked'] : []),
    ...(pass.folded > 0 ? [`folded:${pass.folded}`] : []),
    ...pass.marks,
  ];
}

const textOf = (pass: Pass): DetectionText => pass.fixed ?? pass.vote;

export function partOf(pass: Pass, read: ReadRecord, isNew: boolean): DetectionPart {
  const { plateNumber, issuingEntity, countryCode, plateType, confidence } = textOf(pass);
  return {
    detectionId: pass.detectionId,
    isNew,
    isBest: pass.vote.best.readId === read.readId,
    status: pass.status,
    ...{ plateNumber, issuingEntity, countryCode, plateType, confidence },
    readCount: readCountOf(pass),
  };
}

/** @param settlesAt when a detection that gets no more reads counts as confirmed */
export function recordOf(pass: OpenPass, settlesAt: Date): DetectionRecord {
  const { plateNumber, series, serial, issuingEntity, countryCode, plateType, confidence } = textOf(pass);
  const { detectionId, cameraId, capturedAtSource, receivedAt, status } = pass;
  return {
    ...{ plateNumber, series, serial, issuingEntity, countryCode, plateType, confidence },
    ...{ detectionId, cameraId, capturedAtSource, receivedAt, status, settlesAt, best: pass.vote.best },
    capturedAt: new Date(pass.firstAt),
    lastSeenAt: new Date(pass.lastAt),
    isParked: isParked(pass),
    readCount: readCountOf(pass),
    reasons: reasonsOf(pass),
  };
}
