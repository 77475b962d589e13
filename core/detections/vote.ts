/** Several looks at one plate make one text. */
import { parsePlate, plateCharacters } from '../plates/plates.ts';
import type { DetectionText, ReadRecord } from './detection-store.ts';

export interface Vote extends DetectionText {
  /** The read whose patch is shown: of those that say the voted text, the surest; else the surest of all. */
  readonly best: ReadRecord;
  /** How many reads say the voted text. */
  readonly agreeing: number;
}

/** How far a read is to be trusted by what it was read from; of one without a patch nothing is known, which is middling. */
const clarity = ({ quality }: ReadRecord): number => 0.5 + (quality?.score ?? 0.6) / 2;

/** A sure read of a good patch counts most; none counts nothing. */
const weightOf = (read: ReadRecord): number => Math.max(0.01, read.confidence * clarity(read));

const heaviest = <K>(weights: ReadonlyMap<K, number>): K | undefined =>
  [...weights].reduce<[K, number] | undefined>(
    (best, entry) => (!best || entry[1] > best[1] ? entry : best),
    undefined,
  )?.[0];

function add<K>(weights: Map<K, number>, key: K, weight: number): void {
  weights.set(key, (weights.get(key) ?? 0) + weight);
}

/** Reads of the commonest length vote for each character with its own confidence. */
function voteText(reads: readonly ReadRecord[]): string {
  const split = reads.map((read) => ({ read, characters: plateCharacters(read.plateNumber) }));
  const lengths = new Map<number, number>();
  for (const { read, characters } of split) if (characters.length > 0) add(lengths, characters.length, weightOf(read));
  const length = heaviest(lengths) ?? 0;
  const voters = split.filter(({ characters }) => characters.length === length);
  return Array.from({ length }, (_, place) => {
    const votes = new Map<string, number>();
    for (const { read, characters } of voters) {
      const char = characters[place] ?? '';
      // An engine may give fewer certainties than characters; then the whole read's counts.
      const certainty = read.characters.length === length ? (read.characters[place]?.confidence ?? 0) : read.confidence;
      add(votes, char, weightOf(read) * (0.1 + certainty));
    }
    return heaviest(votes) ?? '';
  }).join('');
}

function voteEntity(reads: readonly ReadRecord[]): string | null {
  const votes = new Map<string, number>();
  for (const read of reads) {
    const { issuingEntity, provinceConfidence } = read;
    if (issuingEntity !== null) add(votes, issuingEntity, (0.1 + provinceConfidence) * clarity(read));
  }
  return heaviest(votes) ?? null;
}

/** The database keeps seven digits: what is told before it is written must be what is read afterwards. */
const rounded = (confidence: number): number => Math.round(confidence * 1e5) / 1e5;

/** @param reads at least one */
export function vote(reads: readonly [ReadRecord, ...ReadRecord[]]): Vote {
  const surest = (of: readonly ReadRecord[]): ReadRecord =>
    of.reduce((best, read) => (weightOf(read) > weightOf(best) ? read : best));
  const plateNumber = voteText(reads);
  const issuingEntity = voteEntity(reads);
  const agreeing = reads.filter((read) => read.plateNumber === plateNumber);
  const best = surest(agreeing.length > 0 ? agreeing : reads);
  const isBest = best.plateNumber === plateNumber && best.issuingEntity === issuingEntity;
  const countries = best.countryCode === null ? [] : [best.countryCode];
  const parsed = isBest ? best : parsePlate(plateNumber, { issuingEntity, countries })[0];
  return {
    plateNumber,
    series: parsed?.series ?? null,
    serial: parsed?.serial ?? null,
    issuingEntity,
    countryCode: parsed?.countryCode ?? best.countryCode,
    plateType: parsed?.plateType ?? best.plateType,
    // Agreement makes surer: independent looks that all say the same are seldom all wrong.
    confidence: rounded(
      agreeing.length > 0 ? 1 - agreeing.reduce((doubt, read) => doubt * (1 - read.confidence), 1) : best.confidence,
    ),
    best,
    agreeing: plateNumber === '' ? 0 : agreeing.length,
  };
}
