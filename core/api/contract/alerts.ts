/** Alerts: what people are told. */
import { z } from 'zod';
import { AlertDelivery } from './alert-channels.ts';
import { BlacklistCategory, Hit } from './detections.ts';
import { Image } from './frames.ts';
import { Outcome } from './outcome.ts';
import { id, instant, why } from './primitives.ts';

export const AlertState = z
  .enum(['open', 'acknowledged', 'escalated', 'retracted', 'late'])
  .describe('escalated: open, and told to more people; late: it happened long before it was told, and calls nobody');
export type AlertState = z.infer<typeof AlertState>;

const AlertSound = z.enum(['none', 'chime', 'bell', 'alarm', 'siren']);
export type AlertSound = z.infer<typeof AlertSound>;

export const Alert = z
  .object({
    alertId: id,
    ruleId: id.nullable().describe('null: a flow raised it'),
    ruleName: z.string().nullable(),
    subject: z.object({ kind: z.enum(['hit', 'geofence', 'detection', 'camera']), id }),
    hitId: id.nullable(),
    detectionId: id.nullable(),
    title: z.string(),
    category: BlacklistCategory.nullable(),
    priority: z.int(),
    plateNumber: z.string().nullable(),
    issuingEntity: z.string().nullable(),
    plate: z
      .object({
        series: z.string().nullable(),
        serial: z.string().nullable(),
        countryCode: z.string().nullable(),
        plateType: z.string().nullable(),
      })
      .nullable()
      .optional()
      .describe('what a badge of the plate is drawn from; left out where it is not known'),
    patch: Image.nullable().optional().describe('the plate cut out, as the detection has it now'),
    list: z
      .object({
        blacklistId: id,
        name: z.string(),
        colour: z.string().nullable().describe('#rrggbb; null: that of the category'),
        sound: AlertSound.nullable().describe('null: that of the category'),
        isCovert: z.boolean().describe('shown and told live only to those who may see blacklists, and without a sound'),
      })
      .nullable()
      .optional()
      .describe('the list of its hit'),
    cameraId: id.nullable(),
    cameraName: z.string(),
    raisedAt: instant,
    capturedAt: instant.nullable(),
    cause: z
      .enum(['live', 'late', 'correction'])
      .describe('late: it happened long before it was told; correction: a correction showed it'),
    state: AlertState,
    isProvisional: z.boolean().describe('the detection may still change'),
    isOverBudget: z.boolean().describe('listed only: the budget of the day was used up'),
    repeatCount: z.int().describe('how often the same matter came again since'),
    lastRepeatAt: instant.nullable(),
    geofence: z
      .object({
        geofenceId: id,
        name: z.string(),
        event: z.enum(['enter', 'leave', 'dwell']),
        seconds: z.number().nullable(),
      })
      .nullable(),
    cameraTrouble: z.enum(['offline', 'failing', 'flapping', 'clock', 'fewer_reads']).nullable(),
    escalationId: id.nullable(),
    escalatedAt: instant.nullable(),
    retractedAt: instant.nullable().describe('set when the detection turned out to say something else'),
    acknowledgedAt: instant.nullable(),
    acknowledgedBy: z.string().nullable(),
    acknowledgedHow: z.enum(['console', 'link', 'flow']).nullable(),
    outcome: Outcome.nullable().describe('what became of it; null: not known yet'),
  })
  .meta({ id: 'Alert' });
export type Alert = z.infer<typeof Alert>;

export const AlertDetail = Alert.extend({
  hit: Hit.nullable(),
  deliveries: z.array(AlertDelivery).describe('oldest first'),
  repeats: z
    .array(
      z.object({
        subject: Alert.shape.subject,
        detectionId: id.nullable(),
        cameraId: id.nullable(),
        cameraName: z.string(),
        at: instant,
      }),
    )
    .describe('newest first, at most 200'),
}).meta({ id: 'AlertDetail' });
export type AlertDetail = z.infer<typeof AlertDetail>;

export const AlertQuery = z
  .object({
    state: z.enum(['open', 'acknowledged', 'escalated', 'retracted', 'late', 'all']).default('all'),
    category: BlacklistCategory.optional(),
    cameraId: z.uuid().optional(),
    ruleId: z.uuid().optional(),
    detectionId: z.uuid().optional(),
    minPriority: z.coerce.number().int().min(0).max(100).optional(),
    from: instant.optional(),
    to: instant.optional(),
    plate: z.string().trim().max(40).optional().describe('part of a plate, Thai or Latin; * any run, ? one character'),
    cursor: z.string().max(500).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    ...why,
  })
  .meta({ id: 'AlertQuery' });
export type AlertQuery = z.input<typeof AlertQuery>;

export const AlertPage = z
  .object({ items: z.array(Alert), nextCursor: z.string().nullable() })
  .meta({ id: 'AlertPage' });
export type AlertPage = z.infer<typeof AlertPage>;

export const AlertCounts = z
  .object({
    open: z.int().describe('escalated ones included'),
    escalated: z.int(),
    acknowledged: z.int(),
    retracted: z.int(),
    late: z.int(),
    dead: z.int().describe('deliveries that were given up'),
    held: z.int().describe('deliveries held back by quiet hours or a digest'),
  })
  .meta({ id: 'AlertCounts' });
export type AlertCounts = z.infer<typeof AlertCounts>;
