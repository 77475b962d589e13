/** Detections, their corrections, what they teach. */
import { z } from 'zod';
import { Image } from './frames.ts';
import { instant, id, nullableText, box, point, why } from './primitives.ts';

const character = z.object({
  char: z.string(),
  confidence: z.number(),
  alternatives: z.array(z.object({ char: z.string(), confidence: z.number() })),
});
const candidate = z.object({ plateNumber: z.string(), issuingEntity: z.string().nullable(), confidence: z.number() });
const quality = z.object({
  plateHeight: z.number(),
  sharpness: z.number(),
  glare: z.number(),
  contrast: z.number(),
  angle: z.number(),
  score: z.number(),
});
const deviceSaid = z.object({
  text: z.string().describe('as it came, before the hub brought it into its own form'),
  confidence: z.number().nullable(),
  trackId: z.string().nullable(),
  isFinal: z.boolean().optional().describe('the last word of the device on this pass'),
  vehicle: z
    .object({
      type: z.string().nullable(),
      make: z.string().nullable(),
      model: z.string().nullable(),
      colour: z.string().nullable(),
    })
    .nullable(),
  motion: z
    .object({
      direction: z.enum(['toward', 'away']).nullable(),
      heading: z.number().nullable().describe('degrees from north, clockwise'),
      speed: z.number().nullable().describe('km/h'),
      lane: z.string().nullable(),
    })
    .nullable(),
});
export const DetectionStatus = z.enum(['provisional', 'confirmed', 'corrected', 'rejected']);
export type DetectionStatus = z.infer<typeof DetectionStatus>;
export const BlacklistCategory = z.enum(['stolen', 'wanted', 'vip', 'expired', 'own']);
export type BlacklistCategory = z.infer<typeof BlacklistCategory>;

export const MatchedBy = z
  .enum(['exact', 'without_province', 'wildcard', 'confusable', 'candidate'])
  .describe('without_province: the read or the entry names none, so it is no identity');
export type MatchedBy = z.infer<typeof MatchedBy>;

export const HitDifference = z.object({
  place: z.int().describe('from 0, in the characters of the entry'),
  read: z.string(),
  listed: z.string(),
});

export const Hit = z
  .object({
    hitId: id,
    blacklistId: id,
    blacklistName: z.string(),
    entryId: id,
    category: BlacklistCategory,
    priority: z.int(),
    matchedBy: MatchedBy,
    confidence: z.number().describe('0..1: how sure it is that this is the plate that the entry means'),
    reason: z.string().nullable(),
    entryPlateNumber: z.string().describe('as listed, with wildcards where it has them'),
    entryIssuingEntity: z.string().nullable(),
    differences: z.array(HitDifference).describe('what was taken for what; empty text: nothing there'),
    isCovert: z.boolean().describe('only shown to those who may see blacklists, and without a sound'),
    colour: z.string().nullable().describe('#rrggbb; null: that of the category'),
    sound: z.string().nullable().describe('null: that of the category'),
    listedAt: instant.describe('when the list was last known to be right'),
    isNew: z.boolean(),
  })
  .meta({ id: 'Hit' });
export type Hit = z.infer<typeof Hit>;

export const DetectionSummary = z
  .object({
    detectionId: id,
    status: DetectionStatus,
    plateNumber: z.string().describe('whole text without the province; empty when unread'),
    series: z.string().nullable(),
    serial: z.string().nullable(),
    issuingEntity: z.string().nullable().describe('ISO 3166-2, or TH-95-BETONG'),
    countryCode: z.string().nullable().describe('ISO 3166-1 alpha-2'),
    plateType: z.string().nullable(),
    confidence: z.number().min(0).max(1),
    characters: z.array(character),
    capturedAt: instant.describe('of the first read'),
    lastSeenAt: instant.describe('of the last read'),
    isParked: z.boolean().describe('it stood before the camera for a minute or more'),
    capturedAtSource: z.enum(['device', 'file', 'received']),
    receivedAt: instant,
    cameraId: id,
    cameraName: z.string(),
    frameId: id,
    frame: Image.nullable().describe('null when the device told a read without a picture'),
    patch: Image.nullable(),
    box: box.nullable().describe('[x, y, width, height] in pixels of the frame'),
    corners: z.array(point).nullable().describe('top left, top right, bottom right, bottom left'),
    readCount: z.int(),
    hits: z.array(Hit),
  })
  .meta({ id: 'DetectionSummary' });
export type DetectionSummary = z.infer<typeof DetectionSummary>;

export const DetectionRead = z
  .object({
    readId: id,
    engine: z.string(),
    plateNumber: z.string(),
    series: z.string().nullable(),
    serial: z.string().nullable(),
    issuingEntity: z.string().nullable(),
    countryCode: z.string().nullable(),
    plateType: z.string().nullable(),
    confidence: z.number(),
    provinceConfidence: z.number(),
    characters: z.array(character),
    candidates: z.array(candidate),
    reasons: z.array(z.string()),
    quality: quality.nullable().describe('null where no patch was measured'),
    device: deviceSaid.optional().describe('set for a read that the device made itself'),
    frameId: id,
    frame: Image.nullable(),
    patch: Image.nullable(),
    box: box.nullable(),
    corners: z.array(point).nullable(),
    capturedAt: instant,
    isBest: z.boolean(),
  })
  .meta({ id: 'DetectionRead' });
export type DetectionRead = z.infer<typeof DetectionRead>;

const identity = z.object({
  plateNumber: z.string(),
  issuingEntity: z.string().nullable(),
  countryCode: z.string().nullable(),
});
export const Correction = z
  .object({
    correctionId: id,
    kind: z.enum(['text', 'not_a_plate']),
    before: identity,
    after: identity,
    note: z.string().nullable(),
    correctedBy: z.string().describe('name of the user'),
    correctedAt: instant,
  })
  .meta({ id: 'Correction' });
export type Correction = z.infer<typeof Correction>;

export const Detection = DetectionSummary.extend({
  province: z.object({ confidence: z.number() }).nullable(),
  candidates: z.array(candidate),
  reasons: z.array(z.string()).describe('of the winning read'),
  mergedBy: z
    .array(z.string())
    .describe('why the reads are one detection and say this together, e.g. voted:3/4, track, parked'),
  quality: quality.nullable(),
  reads: z.array(DetectionRead),
  corrections: z.array(Correction),
  merges: z
    .array(
      z.object({
        mergeId: id,
        detectionId: id,
        plateNumber: z.string(),
        mergedBy: z.string().describe('name of the user'),
        mergedAt: instant,
        splitAt: instant.nullable(),
      }),
    )
    .describe('further detections that a correction showed to be this one'),
}).meta({ id: 'Detection' });
export type Detection = z.infer<typeof Detection>;

export const DetectionQuery = z
  .object({
    plate: z.string().trim().max(40).optional().describe('part of a plate, Thai or Latin; * any run, ? one character'),
    issuingEntity: z.string().max(20).optional(),
    countryCode: z.string().length(2).optional(),
    cameraId: z.uuid().optional(),
    status: DetectionStatus.optional(),
    plateType: z.string().max(20).optional().describe('class of the plate, e.g. RY1'),
    isParked: z.stringbool().optional().describe('true: it stood before the camera for a minute or more'),
    from: instant.optional(),
    to: instant.optional(),
    minConfidence: z.coerce.number().min(0).max(1).optional(),
    cursor: z.string().max(500).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    ...why,
  })
  .meta({ id: 'DetectionQuery' });
export type DetectionQuery = z.input<typeof DetectionQuery>;

export const DetectionPage = z
  .object({ items: z.array(DetectionSummary), nextCursor: z.string().nullable() })
  .meta({ id: 'DetectionPage' });
export type DetectionPage = z.infer<typeof DetectionPage>;

export const CorrectionInput = z
  .object({
    kind: z.enum(['text', 'not_a_plate']),
    plateNumber: z.string().trim().max(20).default(''),
    issuingEntity: z.string().max(20).nullable().default(null),
    countryCode: z.string().length(2).nullable().default(null),
    note: nullableText.default(null),
  })
  .meta({ id: 'CorrectionInput' });
export type CorrectionInput = z.input<typeof CorrectionInput>;

export const TrainingPair = z
  .object({
    correctionId: id,
    correctedAt: instant,
    engine: z.string(),
    read: z.string().describe('what the engine read'),
    text: z.string().describe('what a person says is there; empty: no plate'),
    issuingEntity: z.string().nullable(),
    countryCode: z.string().nullable(),
    picture: z
      .string()
      .nullable()
      .describe('the straightened plate, JPEG in base64; null without consent, or when retention removed it'),
  })
  .meta({ id: 'TrainingPair' });
export type TrainingPair = z.infer<typeof TrainingPair>;
export const TrainingPairPage = z
  .object({ items: z.array(TrainingPair), nextCursor: z.string().nullable() })
  .meta({ id: 'TrainingPairPage' });
export type TrainingPairPage = z.infer<typeof TrainingPairPage>;
