/** The hits that wait for a decision, and what was decided. */
import { z } from 'zod';
import { BlacklistCategory, DetectionStatus, Hit } from './detections.ts';
import { Outcome } from './outcome.ts';
import { Image } from './frames.ts';
import { id, instant } from './primitives.ts';

export const HitItem = Hit.extend({
  detectionId: id,
  status: DetectionStatus.describe('of the detection'),
  plateNumber: z.string().describe('as read, or as corrected'),
  issuingEntity: z.string().nullable(),
  cameraId: id,
  cameraName: z.string(),
  capturedAt: instant,
  createdAt: instant,
  isLate: z.boolean(),
  frame: Image.nullable(),
  patch: Image.nullable(),
  value: z.number().describe('priority / 100 × sureness × accuracy of the list: what hits are ranked by'),
  accuracy: z.number().describe("the list's, learned from decisions; 0.5 as long as nobody decided"),
  retractedAt: instant.nullable().describe('set when the detection turned out to say something else'),
  outcome: Outcome.nullable(),
  decidedAt: instant.nullable(),
  decidedBy: z.string().nullable(),
  decisionNote: z.string().nullable(),
}).meta({ id: 'HitItem' });
export type HitItem = z.infer<typeof HitItem>;

export const HitQuery = z
  .object({
    blacklistId: z.uuid().optional(),
    category: BlacklistCategory.optional(),
    cameraId: z.uuid().optional(),
    from: instant.optional().describe('by when the vehicle was seen'),
    to: instant.optional(),
    state: z.enum(['open', 'decided', 'retracted', 'all']).default('open'),
    status: DetectionStatus.optional().describe('of the detection'),
    order: z.enum(['value', 'newest']).default('value'),
    cursor: z.string().max(300).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  })
  .meta({ id: 'HitQuery' });
export type HitQuery = z.input<typeof HitQuery>;
export const HitPage = z.object({ items: z.array(HitItem), nextCursor: z.string().nullable() }).meta({ id: 'HitPage' });
export type HitPage = z.infer<typeof HitPage>;

/** Many at once, or taken back: the same plate passes ten cameras, and a finger slips. */
export const HitDecisionsInput = z
  .strictObject({
    hitIds: z.array(z.uuid()).min(1).max(200),
    outcome: Outcome.nullable().describe('null: undecided again'),
    note: z.string().trim().max(2000).nullable().default(null),
  })
  .meta({ id: 'HitDecisionsInput' });
export type HitDecisionsInput = z.input<typeof HitDecisionsInput>;
export const HitDecisions = z.object({ items: z.array(HitItem) }).meta({ id: 'HitDecisions' });
export type HitDecisions = z.infer<typeof HitDecisions>;

export const HitCounts = z
  .object({ open: z.int(), byCategory: z.record(BlacklistCategory, z.int()) })
  .meta({ id: 'HitCounts' });
export type HitCounts = z.infer<typeof HitCounts>;

export const HitDecisionInput = z
  .strictObject({ outcome: Outcome, note: z.string().trim().max(2000).nullable().default(null) })
  .meta({ id: 'HitDecisionInput' });
export type HitDecisionInput = z.input<typeof HitDecisionInput>;
