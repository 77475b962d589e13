/** What merging made of the truth: which passing each detection shows, and which are shown twice or not at all. */
import type { Passing, Traffic } from '../core/simulator/traffic.ts';

export interface MergedRead {
  readonly readId: string;
  readonly detectionId: string;
  /** Of the detection. */
  readonly plateNumber: string;
  readonly issuingEntity: string | null;
  readonly capturedAt: Date;
}

/** Why a passing has a further detection: nothing was read there, another text, another province, or all is the same. */
export type DuplicateCause = 'unread' | 'text' | 'province' | 'parked' | 'same text';

export interface Judgement {
  /** That a device told of at all. */
  readonly passings: number;
  /** Of these, those with at least one look at which a text was read. */
  readonly readable: number;
  readonly detections: number;
  readonly reads: number;
  /** A line for each detection that shows a passing which another one shows already. */
  readonly duplicates: readonly { readonly passing: Passing; readonly cause: DuplicateCause; readonly text: string }[];
  /** Readable passings without a detection of their own, and whose detection has their reads. */
  readonly lost: readonly { readonly passing: Passing; readonly into: Passing | null }[];
  /** Reads that lie in a detection which shows another passing. */
  readonly mixedReads: number;
  /** Passings one of whose detections has the right text and does not name a wrong province. */
  readonly textRight: number;
}

/** A detection shows the passing that most of its reads are of; of equally many, the one that was read first. */
function ownerOf(reads: readonly { readonly passingId: string }[]): string {
  const counts = new Map<string, number>();
  for (const { passingId } of reads) counts.set(passingId, (counts.get(passingId) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

function causeOf(passing: Passing, detection: MergedRead, kept: MergedRead): DuplicateCause {
  if (passing.leftAt.getTime() > passing.at.getTime()) return 'parked';
  if (detection.plateNumber === '' || kept.plateNumber === '') return 'unread';
  if (detection.plateNumber !== kept.plateNumber) return 'text';
  return detection.issuingEntity === kept.issuingEntity ? 'same text' : 'province';
}

export function judgeMerge(
  traffic: Pick<Traffic, 'passings' | 'events'>,
  merged: readonly MergedRead[],
  readIdOf: (eventId: string) => string,
): Judgement {
  const passingOf = new Map(traffic.passings.map((passing) => [passing.passingId, passing]));
  const told = new Map<string, boolean>();
  const passingOfRead = new Map<string, string>();
  for (const { eventId, passingId, plateNumber } of traffic.events) {
    passingOfRead.set(readIdOf(eventId), passingId);
    told.set(passingId, (told.get(passingId) ?? false) || plateNumber !== '');
  }
  const reads = merged.map((read) => ({ ...read, passingId: passingOfRead.get(read.readId) ?? '' }));
  const byDetection = Map.groupBy(reads, ({ detectionId }) => detectionId);
  const owned = new Map<string, { readonly detection: MergedRead; readonly own: number }[]>();
  const foundIn = new Map<string, string>();
  let mixedReads = 0;
  for (const of of byDetection.values()) {
    const owner = ownerOf(of);
    const [detection] = of;
    if (detection === undefined) continue;
    const own = of.filter(({ passingId }) => passingId === owner).length;
    mixedReads += of.length - own;
    owned.set(owner, [...(owned.get(owner) ?? []), { detection, own }]);
    for (const { passingId } of of) if (passingId !== owner) foundIn.set(passingId, owner);
  }
  const duplicates: Judgement['duplicates'][number][] = [];
  let textRight = 0;
  for (const [passingId, detections] of owned) {
    const passing = passingOf.get(passingId);
    const [kept, ...further] = detections.sort((a, b) => b.own - a.own);
    if (passing === undefined || kept === undefined) continue;
    for (const { detection } of further) {
      duplicates.push({ passing, cause: causeOf(passing, detection, kept.detection), text: detection.plateNumber });
    }
    const { plate } = passing;
    const isRight = ({ plateNumber, issuingEntity }: MergedRead): boolean =>
      plateNumber === plate.plateNumber && (issuingEntity === null || issuingEntity === plate.issuingEntity);
    if (detections.some(({ detection }) => isRight(detection))) textRight += 1;
  }
  const readable = [...told].flatMap(([passingId, isReadable]) => (isReadable ? [passingId] : []));
  const lost = readable.flatMap((passingId) => {
    const passing = passingOf.get(passingId);
    if (passing === undefined || owned.has(passingId)) return [];
    return [{ passing, into: passingOf.get(foundIn.get(passingId) ?? '') ?? null }];
  });
  return {
    passings: told.size,
    readable: readable.length,
    detections: byDetection.size,
    reads: reads.length,
    ...{ duplicates, lost, mixedReads, textRight },
  };
}
