/** Alerts and the channels that tell of them. */
import { z } from 'zod';
import { BlacklistCategory } from './detections.ts';
import { config, id, instant } from './primitives.ts';

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
