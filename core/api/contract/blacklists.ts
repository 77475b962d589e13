/** Blacklists, their entries, and what a matching policy would do. */
import { z } from 'zod';
import { BlacklistCategory, HitDifference, MatchedBy } from './detections.ts';
import { instant, id, nullableText, needsReason, why } from './primitives.ts';

const plateText = z.string().trim().min(1).max(40);
const issuingEntity = z.string().trim().max(20).nullable();
const countryCode = z.string().length(2).nullable();
const shortText = z.string().trim().max(200).nullable();
const share = z.number().min(0).max(1);

export const BlacklistSound = z.enum(['none', 'chime', 'bell', 'alarm', 'siren']);
export type BlacklistSound = z.infer<typeof BlacklistSound>;

export const MatchPolicy = z
  .strictObject({
    edits: z
      .enum(['none', 'confusable', 'any'])
      .describe(
        'confusable: characters that readers mix up; any: besides, by itself, one character that is another, missing or too many',
      ),
    oneEditFrom: z.int().min(4).max(20).default(5).describe('characters that a plate must have for one edit'),
    twoEditsFrom: z.int().min(6).max(40).default(8).describe('and for two; above the longest plate: never'),
    candidates: z.boolean().default(false).describe('other texts that the engine held possible count too'),
    withoutProvince: z.boolean().default(true).describe('a read or entry without province counts, as no identity'),
    minConfidence: share.default(0).describe('hits that are less sure are not made'),
  })
  .meta({ id: 'MatchPolicy' });
export type MatchPolicy = z.infer<typeof MatchPolicy>;

const list = {
  name: z.string().trim().min(1).max(100),
  category: BlacklistCategory,
  priority: z.int().min(0).max(100),
  colour: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/)
    .nullable()
    .describe('#rrggbb; null: that of the category'),
  sound: BlacklistSound.nullable().describe('null: that of the category'),
  isCovert: z.boolean().describe('hits are only shown to those who may see blacklists, and make no sound'),
  policy: MatchPolicy,
  defaultValidityDays: z.int().min(1).max(3650).nullable().describe('of entries for which nobody says how long'),
  warnDays: z.int().min(0).max(365).describe('how long before its end an entry is shown as ending'),
  needsReason: needsReason.describe('what one must give to see or search its entries'),
};

export const BlacklistInput = z
  .strictObject({
    name: list.name,
    category: list.category,
    priority: list.priority,
    colour: list.colour.default(null),
    sound: list.sound.default(null),
    isCovert: list.isCovert.default(false),
    policy: MatchPolicy.default({
      ...{ edits: 'none', oneEditFrom: 5, twoEditsFrom: 8, candidates: false, withoutProvince: true },
      minConfidence: 0,
    }),
    defaultValidityDays: list.defaultValidityDays.default(null),
    warnDays: list.warnDays.default(14),
    needsReason: list.needsReason.default('none'),
  })
  .meta({ id: 'BlacklistInput' });
export type BlacklistInput = z.input<typeof BlacklistInput>;
export const BlacklistChange = z.strictObject(list).partial().meta({ id: 'BlacklistChange' });
export type BlacklistChange = z.infer<typeof BlacklistChange>;

export const Blacklist = z
  .object({
    ...list,
    blacklistId: id,
    entryCount: z.int(),
    endingCount: z.int().describe('entries that end within `warnDays`'),
    toReviewCount: z.int().describe('entries past their review date'),
    accuracyShare: share
      .nullable()
      .describe('hits decided as right, of those decided as right or wrong; null as long as nothing is decided'),
    createdAt: instant,
    changedAt: instant,
    listedAt: instant.describe('when the list was last known to be right'),
    advice: z
      .array(z.enum(['exact_only']))
      .describe('exact_only: so many entries that every read is like one of them: allow no edits'),
  })
  .meta({ id: 'Blacklist' });
export type Blacklist = z.infer<typeof Blacklist>;

const accuracy = z.object({
  hits: z.int().describe('those that were taken back not counted'),
  decided: z.int(),
  right: z.int().describe('decided as correct or recovered'),
  wrong: z.int().describe('decided as misread or wrong list; dismissed counts as neither'),
  share: share.nullable().describe('right of right and wrong; null as long as nothing is decided'),
});
export const BlacklistDetail = Blacklist.extend({
  accuracy,
  cameras: z
    .array(accuracy.extend({ cameraId: id, cameraName: z.string() }))
    .describe('most hits first, at most 100 cameras'),
}).meta({ id: 'BlacklistDetail' });
export type BlacklistDetail = z.infer<typeof BlacklistDetail>;

const entry = {
  plateNumber: plateText.describe('Thai digits are taken as Arabic ones; ? one character, * any'),
  issuingEntity,
  countryCode,
  plateType: z.string().trim().max(20).nullable().describe('class of the plate, e.g. RY1'),
  reason: nullableText,
  validFrom: instant.nullable(),
  validTo: instant.nullable(),
  reviewAt: instant.nullable(),
  confidence: share.describe('how sure the entry itself is'),
  agency: shortText,
  reference: shortText,
  notes: z.string().trim().max(5000).nullable().describe('plain text'),
};
export const BlacklistEntryInput = z
  .strictObject({
    plateNumber: entry.plateNumber,
    issuingEntity: issuingEntity.default(null),
    countryCode: countryCode.default(null),
    plateType: entry.plateType.default(null),
    reason: nullableText.default(null),
    validFrom: instant.nullable().default(null),
    validTo: instant.nullable().optional().describe('left out: as long as the list says; null: until it is taken off'),
    reviewAt: instant.nullable().default(null),
    confidence: entry.confidence.default(1),
    agency: shortText.default(null),
    reference: shortText.default(null),
    notes: entry.notes.default(null),
  })
  .meta({ id: 'BlacklistEntryInput' });
export type BlacklistEntryInput = z.input<typeof BlacklistEntryInput>;
export const BlacklistEntryChange = z.strictObject(entry).partial().meta({ id: 'BlacklistEntryChange' });
export type BlacklistEntryChange = z.infer<typeof BlacklistEntryChange>;

export const BlacklistAttachment = z
  .object({
    attachmentId: id,
    name: z.string(),
    mediaType: z.string(),
    size: z.int().describe('bytes'),
    addedBy: z.string(),
    addedAt: instant,
  })
  .meta({ id: 'BlacklistAttachment' });
export type BlacklistAttachment = z.infer<typeof BlacklistAttachment>;
export const BlacklistAttachmentInput = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    content: z.base64().min(1).max(4_200_000).describe('base64 of a JPEG, PNG or PDF of at most 3 MB'),
  })
  .meta({ id: 'BlacklistAttachmentInput' });
export type BlacklistAttachmentInput = z.infer<typeof BlacklistAttachmentInput>;

export const BlacklistEntry = z
  .object({
    ...entry,
    plateNumber: z.string(),
    entryId: id,
    blacklistId: id,
    isWildcard: z.boolean(),
    isActive: z.boolean().describe('its validity has begun and has not ended'),
    attachments: z.array(BlacklistAttachment),
    createdBy: z.string().nullable().describe('null: by an import that runs by itself'),
    createdAt: instant,
    changedBy: z.string().nullable(),
    changedAt: instant.nullable(),
  })
  .meta({ id: 'BlacklistEntry' });
export type BlacklistEntry = z.infer<typeof BlacklistEntry>;

export const BlacklistWhy = z.strictObject(why).meta({ id: 'BlacklistWhy' });
export type BlacklistWhy = z.input<typeof BlacklistWhy>;
export const BlacklistEntryQuery = z
  .object({
    plate: z.string().trim().max(40).optional().describe('part of a plate, Thai or Latin; * any run, ? one character'),
    state: z.enum(['all', 'active', 'upcoming', 'ended']).default('all'),
    cursor: z.string().max(100).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    ...why,
  })
  .meta({ id: 'BlacklistEntryQuery' });
export type BlacklistEntryQuery = z.input<typeof BlacklistEntryQuery>;
export const BlacklistEntryPage = z
  .object({ items: z.array(BlacklistEntry), nextCursor: z.string().nullable() })
  .meta({ id: 'BlacklistEntryPage' });
export type BlacklistEntryPage = z.infer<typeof BlacklistEntryPage>;

export const BlacklistLookupQuery = z
  .object({
    plate: plateText.describe('the whole plate, without * and ?'),
    issuingEntity: z.string().trim().min(1).max(20).optional().describe('left out: whatever province an entry has'),
    ...why,
  })
  .meta({ id: 'BlacklistLookupQuery' });
export type BlacklistLookupQuery = z.input<typeof BlacklistLookupQuery>;
export const ListedPlate = z
  .object({
    blacklistId: id,
    blacklistName: z.string(),
    category: BlacklistCategory,
    priority: z.int(),
    colour: z.string().nullable(),
    isCovert: z.boolean(),
    listedAt: instant.describe('when the list was last known to be right'),
    entryId: id,
    plateNumber: z.string().describe('as listed, with wildcards where it has them'),
    issuingEntity,
    countryCode: z.string().nullable(),
    plateType: z.string().nullable(),
    reason: z.string().nullable(),
    validFrom: instant.nullable(),
    validTo: instant.nullable(),
    confidence: share.describe('how sure the entry itself is'),
    matchedBy: MatchedBy.describe(
      'confusable: it says something else, but the policy of its list would take a read of this plate for it',
    ),
    differences: z.array(HitDifference),
  })
  .meta({ id: 'ListedPlate' });
export type ListedPlate = z.infer<typeof ListedPlate>;
export const BlacklistLookup = z
  .object({
    plateNumber: z.string().describe('in canonical form'),
    items: z.array(ListedPlate).describe('as listed first, then by wildcard, then by policy; at most 200'),
    count: z.int().describe('how many there are'),
    withheld: z
      .array(z.object({ blacklistId: id, name: z.string(), needsReason }))
      .describe('lists that were not looked at: give a reason, or a case number'),
  })
  .meta({ id: 'BlacklistLookup' });
export type BlacklistLookup = z.infer<typeof BlacklistLookup>;

export const BlacklistEntriesRemoval = z
  .strictObject({ entryIds: z.array(z.uuid()).min(1).max(1000) })
  .meta({ id: 'BlacklistEntriesRemoval' });
export type BlacklistEntriesRemoval = z.infer<typeof BlacklistEntriesRemoval>;

export const BlacklistExpiring = z
  .object({
    ending: z.array(BlacklistEntry).describe('those that end soonest first, at most 200'),
    endingCount: z.int(),
    toReview: z.array(BlacklistEntry).describe('past their review date, at most 200'),
    toReviewCount: z.int(),
  })
  .meta({ id: 'BlacklistExpiring' });
export type BlacklistExpiring = z.infer<typeof BlacklistExpiring>;

export const PolicyPreviewInput = z.strictObject({ policy: MatchPolicy, ...why }).meta({ id: 'PolicyPreviewInput' });
export type PolicyPreviewInput = z.input<typeof PolicyPreviewInput>;
export const NewPolicyPreviewInput = z
  .strictObject({
    policy: MatchPolicy,
    entries: z
      .array(z.strictObject({ plateNumber: plateText, issuingEntity: issuingEntity.default(null) }))
      .min(1)
      .max(5000)
      .describe('what the list would hold'),
  })
  .meta({ id: 'NewPolicyPreviewInput' });
export type NewPolicyPreviewInput = z.input<typeof NewPolicyPreviewInput>;

const outcomeOfPolicy = z.object({
  policy: MatchPolicy,
  hitsPerDay: z.number(),
  byMatch: z.record(MatchedBy, z.number()).describe('hits a day by how they matched'),
});
export const PolicyPreview = z
  .object({
    misreads: z
      .array(
        z.object({
          listed: z.string(),
          accepted: z.array(z.string()).describe('some of the misreads that would count as this plate'),
          acceptedCount: z.int().describe('how many there are'),
        }),
      )
      .describe('of some plates of the list; none where it asks for a reason that is not given, and no examples'),
    days: z.number().describe('how far back the reads go, at most 7'),
    detections: z.int().describe('how many were looked at'),
    ofDetections: z.int().describe('how many there were; more than were looked at: the figures are estimated'),
    entries: z.int(),
    proposed: outcomeOfPolicy,
    present: outcomeOfPolicy.nullable().describe('null for a list that is not made yet'),
    examples: z
      .array(
        z.object({
          detectionId: id,
          plateNumber: z.string(),
          issuingEntity: z.string().nullable(),
          listed: z.string(),
          matchedBy: MatchedBy,
          confidence: share,
          capturedAt: instant,
          cameraName: z.string(),
        }),
      )
      .describe('hits that the proposed policy makes and the present one does not, or simply hits; at most 20'),
  })
  .meta({ id: 'PolicyPreview' });
export type PolicyPreview = z.infer<typeof PolicyPreview>;
