/** Blacklists and alerts. */
import { z } from 'zod';
import { BlacklistCategory } from './detections.ts';
import { instant, id, nullableText, config } from './primitives.ts';

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

export const Alert = z
  .object({
    alertId: id,
    hitId: id,
    detectionId: id,
    title: z.string(),
    category: BlacklistCategory,
    priority: z.int(),
    plateNumber: z.string(),
    issuingEntity: z.string().nullable(),
    cameraId: id,
    cameraName: z.string(),
    raisedAt: instant,
    cause: z
      .enum(['live', 'late', 'correction'])
      .describe('late: it happened long before it was told; correction: a correction showed it'),
    retractedAt: instant.nullable().describe('set when the detection turned out to say something else'),
    acknowledgedAt: instant.nullable(),
    acknowledgedBy: z.string().nullable(),
  })
  .meta({ id: 'Alert' });
export type Alert = z.infer<typeof Alert>;

export const AlertChannelInput = z
  .object({ name: z.string().trim().min(1).max(100), plugin: z.string().min(1), config, enabled: z.boolean() })
  .meta({ id: 'AlertChannelInput' });
export type AlertChannelInput = z.infer<typeof AlertChannelInput>;
export const AlertChannel = AlertChannelInput.extend({ channelId: id }).meta({ id: 'AlertChannel' });
export type AlertChannel = z.infer<typeof AlertChannel>;
