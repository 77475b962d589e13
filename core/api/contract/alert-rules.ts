/** Rules: which matters become alerts, and what happens then. */
import { z } from 'zod';
import { DetectionQuery } from './detections.ts';
import { id, instant, why } from './primitives.ts';

const ids = z.array(z.uuid()).max(500);
const sureness = z.number().min(0).max(1).nullable();
const priority = z.int().min(0).max(100).nullable();

/** What a search in Detections asks for, without its span of time and its page. */
export const DetectionFilter = DetectionQuery.omit({
  ...{ cursor: true, limit: true, from: true, to: true, reason: true, caseNumber: true },
})
  .extend({ isParked: z.boolean().optional() })
  .meta({ id: 'DetectionFilter' });
export type DetectionFilter = z.input<typeof DetectionFilter>;

export const RuleCondition = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('hit'),
      blacklistIds: ids.default([]).describe('empty: any list'),
      categories: z.array(z.string().min(1).max(60)).max(100).default([]),
      matchedBy: z
        .array(z.enum(['exact', 'without_province', 'wildcard', 'confusable', 'candidate']))
        .default([])
        .describe('empty: however it matched'),
      minConfidence: sureness.default(null),
      minPriority: priority.default(null),
    }),
    z.strictObject({
      kind: z.literal('geofence'),
      geofenceIds: ids.default([]).describe('empty: any geofence'),
      events: z.array(z.enum(['enter', 'leave', 'dwell'])).default([]),
    }),
    z.strictObject({ kind: z.literal('detection'), filter: DetectionFilter }),
    z.strictObject({
      kind: z.literal('place'),
      cameraIds: ids.default([]),
      zoneIds: ids.default([]),
      checkpointIds: ids.default([]),
    }),
    z.strictObject({
      kind: z.literal('time'),
      calendarId: z.uuid(),
      isInside: z.boolean().default(true).describe('false: outside the times of the calendar'),
    }),
    z.strictObject({
      kind: z.literal('camera'),
      troubles: z.array(z.enum(['offline', 'failing', 'flapping', 'clock', 'fewer_reads'])).default([]),
    }),
  ])
  .meta({ id: 'RuleCondition' });
export type RuleCondition = z.input<typeof RuleCondition>;

const settings = {
  name: z.string().trim().min(1).max(100),
  enabled: z.boolean(),
  match: z.enum(['all', 'any']).describe('whether all groups have to hold or one is enough'),
  groups: z
    .array(z.strictObject({ match: z.enum(['all', 'any']), conditions: z.array(RuleCondition).min(1).max(20) }))
    .min(1)
    .max(10),
  title: z.string().trim().max(200).describe('{field} as in templates; empty: the name of list, geofence or rule'),
  priority: priority.describe("null: the list's, else 50"),
  channelIds: z.array(z.uuid()).max(50).describe('the console always shows the alert'),
  escalationId: z.uuid().nullable(),
  confirmation: z
    .enum(['at_once', 'provisional', 'wait'])
    .describe('provisional: told at once, marked so, and again when confirmed; wait: told when confirmed'),
  rearmSeconds: z
    .int()
    .min(0)
    .max(30 * 86_400)
    .describe('the same vehicle on the same list within it is counted, not told again'),
  digestMinutes: z.int().min(1).max(1_440).nullable().describe('gathers for so long and sends one'),
  quietCalendarId: z.uuid().nullable().describe('in its times only what is urgent is sent; the rest waits'),
  urgentFrom: priority.describe('from this priority on neither quiet hours nor a digest hold it back'),
  budgetPerDay: z.int().min(1).max(10_000).nullable().describe('so many are told a day; the rest is listed'),
};

export const AlertRuleInput = z
  .object({
    ...settings,
    enabled: settings.enabled.default(true),
    match: settings.match.default('all'),
    title: settings.title.default(''),
    priority: settings.priority.default(null),
    channelIds: settings.channelIds.default([]),
    escalationId: settings.escalationId.default(null),
    confirmation: settings.confirmation.default('at_once'),
    rearmSeconds: settings.rearmSeconds.default(0),
    digestMinutes: settings.digestMinutes.default(null),
    quietCalendarId: settings.quietCalendarId.default(null),
    urgentFrom: settings.urgentFrom.default(null),
    budgetPerDay: settings.budgetPerDay.default(null),
  })
  .meta({ id: 'AlertRuleInput' });
export type AlertRuleInput = z.input<typeof AlertRuleInput>;
/** Without defaults: what is left out stays. */
export const AlertRuleChange = z.object(settings).partial().meta({ id: 'AlertRuleChange' });
export type AlertRuleChange = z.input<typeof AlertRuleChange>;

export const AlertRule = z
  .object({
    ruleId: id,
    ...settings,
    createdAt: instant,
    updatedAt: instant,
    raisedToday: z.int().describe('within the last 24 hours, repeats not counted'),
    lastRaisedAt: instant.nullable(),
  })
  .meta({ id: 'AlertRule' });
export type AlertRule = z.infer<typeof AlertRule>;

export const AlertRulePreviewInput = z
  .object({
    match: settings.match.default('all'),
    groups: settings.groups,
    title: settings.title.default(''),
    rearmSeconds: settings.rearmSeconds.default(0),
    ...why,
  })
  .meta({ id: 'AlertRulePreviewInput' });
export type AlertRulePreviewInput = z.input<typeof AlertRulePreviewInput>;

export const AlertRulePreview = z
  .object({
    from: instant,
    to: instant,
    looked: z.int().describe('detections that were looked at'),
    isCut: z.boolean().describe('there were more detections than are looked at'),
    alerts: z.int().describe('that it would have raised'),
    repeats: z.int().describe('further ones that would have been counted on those'),
    examples: z
      .array(
        z.object({
          detectionId: id,
          plateNumber: z.string(),
          issuingEntity: z.string().nullable(),
          cameraName: z.string(),
          capturedAt: instant,
          title: z.string(),
          listName: z.string().nullable(),
        }),
      )
      .describe('newest first'),
  })
  .meta({ id: 'AlertRulePreview' });
export type AlertRulePreview = z.infer<typeof AlertRulePreview>;

export const AlertSettings = z
  .object({
    budgetPerDay: z
      .int()
      .min(1)
      .max(100_000)
      .nullable()
      .describe('of all rules together; one notice says that it is used up, the rest is listed'),
  })
  .meta({ id: 'AlertSettings' });
export type AlertSettings = z.infer<typeof AlertSettings>;
export const AlertSettingsChange = AlertSettings.partial().meta({ id: 'AlertSettingsChange' });
