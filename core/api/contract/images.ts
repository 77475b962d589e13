/** How long pictures are kept, what was removed, what is held for a case. */
import { z } from 'zod';
import { instant, id } from './primitives.ts';

const KeptAs = z.enum(['unused', 'unmatched', 'hit', 'hold']);
const Purpose = z.enum(['frame', 'patch']);
const age = z.int().min(1).max(36_500).nullable().describe('days since receipt; null keeps for ever');

export const RetentionPolicy = z
  .object({
    unused: age.describe('pictures that no detection shows'),
    unmatched: z.object({ frames: age, patches: age }).describe('detections without hits'),
    hit: z.object({ frames: age, patches: age }).describe('detections that a blacklist entry matched'),
    floor: z
      .object({ percent: z.number().min(0).max(50), gigabytes: z.number().min(0).max(1_000_000) })
      .describe('below the larger of the two unmatched and unused pictures go before their age, oldest first'),
  })
  .meta({ id: 'RetentionPolicy' });
export type RetentionPolicy = z.infer<typeof RetentionPolicy>;

export const RetentionState = z
  .object({
    policy: RetentionPolicy,
    isSweeping: z.boolean(),
    lastSweep: z
      .object({
        startedAt: instant,
        endedAt: instant,
        removed: z.int(),
        bytes: z.number(),
        problem: z.object({ code: z.string(), message: z.string() }).nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'RetentionState' });
export type RetentionState = z.infer<typeof RetentionState>;

export const RetentionPreview = z
  .object({
    figures: z.array(
      z.object({
        keptAs: KeptAs.nullable().describe('null: came within the last hour, or waits for the flow'),
        purpose: Purpose,
        pictures: z.int(),
        bytes: z.number(),
        going: z
          .object({
            pictures: z.int(),
            bytes: z.number(),
            oldest: instant.nullable(),
            newest: instant.nullable(),
          })
          .describe('what these rules would remove now for its age'),
      }),
    ),
    room: z
      .object({ free: z.number(), total: z.number(), floor: z.number() })
      .nullable()
      .describe('bytes of the disk; null in an S3 store, which has no floor'),
  })
  .meta({ id: 'RetentionPreview' });
export type RetentionPreview = z.infer<typeof RetentionPreview>;

export const ImageRemoval = z
  .object({
    removalId: id,
    imageId: id,
    purpose: Purpose,
    keptAs: KeptAs,
    reason: z.enum(['age', 'space']),
    bytes: z.number(),
    storedAt: instant,
    removedAt: instant,
  })
  .meta({ id: 'ImageRemoval' });
export type ImageRemoval = z.infer<typeof ImageRemoval>;

export const DetectionHold = z
  .object({ kind: z.enum(['hold', 'release']), reason: z.string(), by: z.string(), at: instant })
  .meta({ id: 'DetectionHold' });
export type DetectionHold = z.infer<typeof DetectionHold>;
export const DetectionHoldInput = z
  .object({
    kind: z.enum(['hold', 'release']),
    reason: z.string().trim().min(3).max(500).describe('why: the case, who asked'),
  })
  .meta({ id: 'DetectionHoldInput' });
export type DetectionHoldInput = z.input<typeof DetectionHoldInput>;
