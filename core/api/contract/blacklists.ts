/** Blacklists. */
import { z } from 'zod';
import { BlacklistCategory } from './detections.ts';
import { instant, id, nullableText } from './primitives.ts';

export const BlacklistInput = z
  .object({ name: z.string().trim().min(1).max(100), category: BlacklistCategory, priority: z.int().min(0).max(100) })
  .meta({ id: 'BlacklistInput' });
export type BlacklistInput = z.infer<typeof BlacklistInput>;
export const Blacklist = BlacklistInput.extend({ blacklistId: id, entryCount: z.int(), createdAt: instant }).meta({
  id: 'Blacklist',
});
export type Blacklist = z.infer<typeof Blacklist>;

export const BlacklistEntryInput = z
  .object({
    plateNumber: z.string().trim().min(1).max(20),
    issuingEntity: z.string().max(20).nullable().default(null),
    countryCode: z.string().length(2).nullable().default(null),
    reason: nullableText.default(null),
    validFrom: instant.nullable().default(null),
    validTo: instant.nullable().default(null),
  })
  .meta({ id: 'BlacklistEntryInput' });
export type BlacklistEntryInput = z.input<typeof BlacklistEntryInput>;
export const BlacklistEntry = z
  .object({
    entryId: id,
    blacklistId: id,
    plateNumber: z.string(),
    issuingEntity: z.string().nullable(),
    countryCode: z.string().nullable(),
    reason: z.string().nullable(),
    validFrom: instant.nullable(),
    validTo: instant.nullable(),
    createdBy: z.string(),
    createdAt: instant,
  })
  .meta({ id: 'BlacklistEntry' });
export type BlacklistEntry = z.infer<typeof BlacklistEntry>;
