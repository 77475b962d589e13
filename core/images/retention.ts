/** How long pictures are kept: rules by class, age and free disk; legal hold; what was removed and why. */
import { LprError, type FieldProblem } from '../errors.ts';

/**
 * `unused`: no detection shows it. `unmatched`: a detection without hits. `hit`: one that a blacklist entry matched.
 * `hold`: somebody keeps the detection for a case; never removed.
 */
export const CLASSES = ['unused', 'unmatched', 'hit', 'hold'] as const;
export type KeptAs = (typeof CLASSES)[number];
export type Purpose = 'frame' | 'patch';

/** Ages in whole days since the hub received the picture; null keeps for ever. */
export interface RetentionPolicy {
  readonly unused: number | null;
  readonly unmatched: { readonly frames: number | null; readonly patches: number | null };
  readonly hit: { readonly frames: number | null; readonly patches: number | null };
  /** Below the larger of the two, pictures go before their age: unmatched, then unused, oldest first. */
  readonly floor: { readonly percent: number; readonly gigabytes: number };
}

/** One thing that shows a picture. `waiting`: a frame on its way through the flow. */
export interface ImageUse {
  readonly imageId: string;
  readonly part: Purpose;
  readonly as: KeptAs | 'waiting';
  /** When the hub received what shows it. */
  readonly at: Date;
}

export interface RetentionFigures {
  /** Null: came within the last hour or waits for the flow. */
  readonly keptAs: KeptAs | null;
  readonly purpose: Purpose;
  readonly pictures: number;
  readonly bytes: number;
  /** What the policy would remove now for its age. */
  readonly going: {
    readonly pictures: number;
    readonly bytes: number;
    readonly oldest: Date | null;
    readonly newest: Date | null;
  };
}

export interface Room {
  readonly free: number;
  readonly total: number;
  /** What must stay free. */
  readonly floor: number;
}

export interface RetentionPreview {
  readonly figures: readonly RetentionFigures[];
  /** Null in an S3 store, which has no floor. */
  readonly room: Room | null;
}

export interface ImageRemoval {
  readonly removalId: string;
  readonly imageId: string;
  readonly purpose: Purpose;
  readonly keptAs: KeptAs;
  readonly reason: 'age' | 'space';
  readonly bytes: number;
  readonly storedAt: Date;
  readonly removedAt: Date;
}

export interface DetectionHold {
  readonly kind: 'hold' | 'release';
  readonly reason: string;
  readonly by: string;
  readonly at: Date;
}

export interface SweepResult {
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly removed: number;
  readonly bytes: number;
  /** What hindered it; null when it went through. */
  readonly problem: { readonly code: string; readonly message: string } | null;
}

export interface RetentionState {
  readonly policy: RetentionPolicy;
  readonly isSweeping: boolean;
  readonly lastSweep: SweepResult | null;
}

export interface Retention {
  state(): Promise<RetentionState>;
  /** @throws invalid_input */
  setPolicy(policy: RetentionPolicy, userId: string): Promise<void>;
  /** What a policy would remove now, nothing touched. @throws invalid_input */
  preview(policy: RetentionPolicy): Promise<RetentionPreview>;
  /** Sweeps now, or joins the sweep that runs. Faults are in the result. */
  sweep(): Promise<SweepResult>;
  /** Newest first. */
  removals(options: { readonly limit: number; readonly before: string | null }): Promise<readonly ImageRemoval[]>;
  /** Newest first; held when the first is a `hold`. @throws not_found */
  holds(detectionId: string): Promise<readonly DetectionHold[]>;
  /** Keeps a detection's pictures whatever their age, or ends that. @throws not_found, conflict (it is so already) */
  hold(detectionId: string, kind: DetectionHold['kind'], reason: string, userId: string): Promise<void>;
  /** What is wrong and not mended by waiting; null when nothing is. */
  problem(): string | null;
  start(): void;
  stop(): Promise<void>;
}

export const DAY_MS = 86_400_000;
const LONGEST_DAYS = 36_500;

/** @throws invalid_input naming every field */
export function checkPolicy({ unused, unmatched, hit, floor }: RetentionPolicy): void {
  const problems: FieldProblem[] = [];
  const ages = {
    unused,
    'unmatched.frames': unmatched.frames,
    'unmatched.patches': unmatched.patches,
    'hit.frames': hit.frames,
    'hit.patches': hit.patches,
  };
  for (const [field, days] of Object.entries(ages)) {
    if (days === null || (Number.isInteger(days) && days >= 1 && days <= LONGEST_DAYS)) continue;
    problems.push({ field, problem: `must be whole days from 1 to ${LONGEST_DAYS}, or null to keep for ever` });
  }
  for (const part of ['frames', 'patches'] as const) {
    // One picture may be both; a hit never makes it go earlier.
    if ((hit[part] ?? Infinity) >= (unmatched[part] ?? Infinity)) continue;
    problems.push({ field: `hit.${part}`, problem: `must be no less than unmatched.${part}` });
  }
  if (!(floor.percent >= 0 && floor.percent <= 50)) {
    problems.push({ field: 'floor.percent', problem: 'must be from 0 to 50' });
  }
  if (!(floor.gigabytes >= 0 && floor.gigabytes <= 1_000_000)) {
    problems.push({ field: 'floor.gigabytes', problem: 'must be from 0 to 1000000' });
  }
  if (problems.length === 0) return;
  const all = problems.map(({ field, problem }) => `${field} ${problem}`).join('; ');
  throw new LprError('invalid_input', `The rules for storage cannot be used: ${all}.`, { problems });
}

const days = (policy: RetentionPolicy, as: KeptAs, part: Purpose): number | null => {
  if (as === 'hold') return null;
  if (as === 'unused') return policy.unused;
  return policy[as][part === 'frame' ? 'frames' : 'patches'];
};

/** What of this class was received before it has passed its age; null: nothing ever has. */
export function cutoff(policy: RetentionPolicy, as: KeptAs, part: Purpose, now: Date): Date | null {
  const age = days(policy, as, part);
  return age === null ? null : new Date(now.getTime() - age * DAY_MS);
}

/** Milliseconds since 1970 until when its uses keep a picture: the longest of them counts. Infinity: for ever. */
export const keptUntil = (policy: RetentionPolicy, uses: readonly ImageUse[]): number =>
  Math.max(
    ...uses.map(({ as, part, at }) => {
      const age = as === 'waiting' ? null : days(policy, as, part);
      return age === null ? Infinity : at.getTime() + age * DAY_MS;
    }),
  );

/** The use that keeps it longest by class, of those the newest; null while one waits. */
export function strongest(uses: readonly ImageUse[]): { readonly keptAs: KeptAs; readonly keptFrom: Date } | null {
  if (uses.some(({ as }) => as === 'waiting')) return null;
  const keptAs = CLASSES.findLast((one) => uses.some(({ as }) => as === one));
  if (keptAs === undefined) return null;
  const times = uses.filter(({ as }) => as === keptAs).map(({ at }) => at.getTime());
  return { keptAs, keptFrom: new Date(Math.max(...times)) };
}

export const floorBytes = ({ floor }: RetentionPolicy, total: number): number =>
  Math.max((total * floor.percent) / 100, floor.gigabytes * 1e9);
