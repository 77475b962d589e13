/**
 * The REST contract: schemas → types, validation and OpenAPI. Instants are ISO 8601 in UTC. The console shares these types
 * and nothing else with core. Lists answer `{ items }`, paged ones add `nextCursor`; errors answer `ApiError`.
 */
import { z } from 'zod';

const instant = z.iso.datetime({ offset: true });
const id = z.string().min(1).max(200);
const nullableText = z.string().trim().max(2000).nullable();
const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const point = z.tuple([z.number(), z.number()]);

export const ApiError = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      problems: z.array(z.object({ field: z.string(), problem: z.string() })).optional(),
    }),
  })
  .meta({ id: 'Error' });
export type ApiError = z.infer<typeof ApiError>;

// ---- pictures, frames ----------------------------------------------------------------------------------------------

export const Image = z.object({ imageId: id, width: z.int(), height: z.int() }).meta({ id: 'Image' });
export type Image = z.infer<typeof Image>;

/** `POST /frames` as JSON; as multipart the picture is the file part `image` and the rest are form fields. */
export const FrameUpload = z
  .object({
    image: z.string().describe('JPEG, PNG, WebP, AVIF, GIF or TIFF in base64, at most 20 MB decoded'),
    capturedAt: instant.optional().describe("the device's own clock; absent: the time of receipt counts"),
    eventKey: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'the same key twice is one frame', examples: ['pass-4711'] }),
    label: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'what people see; absent: the name of the file', examples: ['car.jpg'] }),
  })
  .meta({ id: 'FrameUpload' });
export type FrameUpload = z.infer<typeof FrameUpload>;

export const FrameAccepted = Image.extend({ frameId: id, duplicate: z.boolean() }).meta({ id: 'FrameAccepted' });
export type FrameAccepted = z.infer<typeof FrameAccepted>;

export const FrameStatus = Image.extend({
  frameId: id,
  cameraId: id,
  state: z.enum(['queued', 'running', 'settled', 'dead']),
  label: z.string().nullable(),
  capturedAt: instant,
  receivedAt: instant,
  attempts: z.int(),
  outcomes: z.object({
    recorded: z.int().optional(),
    discarded: z.int().optional(),
    no_plate: z.int().optional(),
  }),
  detectionIds: z.array(id),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
}).meta({ id: 'FrameStatus' });
export type FrameStatus = z.infer<typeof FrameStatus>;

// ---- detections ----------------------------------------------------------------------------------------------------

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
export const DetectionStatus = z.enum(['provisional', 'confirmed', 'corrected', 'rejected']);
export type DetectionStatus = z.infer<typeof DetectionStatus>;
export const BlacklistCategory = z.enum(['stolen', 'wanted', 'vip', 'expired', 'own']);
export type BlacklistCategory = z.infer<typeof BlacklistCategory>;

export const Hit = z
  .object({
    hitId: id,
    blacklistId: id,
    blacklistName: z.string(),
    entryId: id,
    category: BlacklistCategory,
    priority: z.int(),
    matchedBy: z.enum(['exact', 'without_province']),
    confidence: z.number(),
    reason: z.string().nullable(),
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
    capturedAt: instant,
    capturedAtSource: z.enum(['device', 'file', 'received']),
    receivedAt: instant,
    cameraId: id,
    cameraName: z.string(),
    frameId: id,
    frame: Image,
    patch: Image,
    box: box.describe('[x, y, width, height] in pixels of the frame'),
    corners: z.array(point).describe('top left, top right, bottom right, bottom left'),
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
    quality,
    frameId: id,
    frame: Image,
    patch: Image,
    box,
    corners: z.array(point),
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
  reasons: z.array(z.string()),
  quality,
  reads: z.array(DetectionRead),
  corrections: z.array(Correction),
}).meta({ id: 'Detection' });
export type Detection = z.infer<typeof Detection>;

export const DetectionQuery = z
  .object({
    plate: z.string().trim().max(40).optional().describe('part of a plate, Thai or Latin; * any run, ? one character'),
    issuingEntity: z.string().max(20).optional(),
    countryCode: z.string().length(2).optional(),
    cameraId: z.uuid().optional(),
    status: DetectionStatus.optional(),
    from: instant.optional(),
    to: instant.optional(),
    minConfidence: z.coerce.number().min(0).max(1).optional(),
    cursor: z.string().max(500).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
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

// ---- cameras -------------------------------------------------------------------------------------------------------

const coordinate = {
  latitude: z.number().min(-90).max(90).nullable(),
  longitude: z.number().min(-180).max(180).nullable(),
};
const config = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export const TrainingPair = z
  .object({
    correctionId: id,
    correctedAt: instant,
    engine: z.string(),
    read: z.string().describe('what the engine read'),
    text: z.string().describe('what a person says is there; empty: no plate'),
    issuingEntity: z.string().nullable(),
    countryCode: z.string().nullable(),
    picture: z.string().nullable().describe('the straightened plate, JPEG in base64; null without consent'),
  })
  .meta({ id: 'TrainingPair' });
export type TrainingPair = z.infer<typeof TrainingPair>;
export const TrainingPairPage = z
  .object({ items: z.array(TrainingPair), nextCursor: z.string().nullable() })
  .meta({ id: 'TrainingPairPage' });
export type TrainingPairPage = z.infer<typeof TrainingPairPage>;

export const CameraReading = z
  .object({
    engine: z.string().max(100).describe('an engine, or empty: as the flow says'),
    countries: z
      .array(z.string().regex(/^[A-Z]{2}$/))
      .max(20)
      .describe('expected first; others stay possible'),
    minPlateHeight: z.number().min(1).max(1000).nullable().describe('pixels; null: as the flow says'),
    minConfidence: z.number().min(0).max(1).nullable().describe('less sure reads count as unreadable'),
  })
  .meta({ id: 'CameraReading' });
export type CameraReading = z.infer<typeof CameraReading>;

export const CameraInput = z
  .object({
    name: z.string().trim().min(1).max(100),
    protocol: z.string().min(1).max(50).describe('id of a camera protocol, or push'),
    config,
    enabled: z.boolean(),
    checkpointId: id.nullable(),
    ...coordinate,
    heading: z.number().min(0).lt(360).nullable(),
    reading: CameraReading.default({ engine: '', countries: [], minPlateHeight: null, minConfidence: null }),
  })
  .meta({ id: 'CameraInput' });
export type CameraInput = z.input<typeof CameraInput>;

export const Camera = CameraInput.extend({
  reading: CameraReading,
  cameraId: id,
  builtIn: z.enum(['demo', 'folder', 'upload']).nullable(),
  createdAt: instant,
  health: z.object({
    state: z.enum(['off', 'waiting', 'online', 'late', 'failing']),
    lastFrameAt: instant.nullable(),
    lastFrame: Image.nullable(),
    framesToday: z.int(),
    error: z.object({ code: z.string(), message: z.string(), since: instant }).nullable(),
  }),
}).meta({ id: 'Camera' });
export type Camera = z.infer<typeof Camera>;

export const CameraSight = z
  .object({
    detections: z.int().describe('the newest of the last week, at most 500'),
    plateHeight: z.number().nullable().describe('median, pixels in the frame; null without detections'),
    advice: z.array(
      z.object({
        code: z.enum([
          'plates_small',
          'plates_blurred',
          'plates_faint',
          'plates_glaring',
          'plates_tilted',
          'reads_unsure',
        ]),
        value: z.number(),
      }),
    ),
  })
  .meta({ id: 'CameraSight' });
export type CameraSight = z.infer<typeof CameraSight>;

export const CameraTest = z
  .object({ protocol: z.string().min(1), config, cameraId: id.nullable().default(null) })
  .meta({ id: 'CameraTest' });
export type CameraTest = z.input<typeof CameraTest>;
export const CameraTestResult = z
  .object({ preview: z.string().nullable().describe('data: address of a JPEG'), width: z.int(), height: z.int() })
  .meta({ id: 'CameraTestResult' });
export type CameraTestResult = z.infer<typeof CameraTestResult>;

export const IngestKey = z
  .object({
    keyId: id,
    cameraId: id,
    label: z.string(),
    prefix: z.string(),
    createdAt: instant,
    lastUsedAt: instant.nullable(),
    revokedAt: instant.nullable(),
  })
  .meta({ id: 'IngestKey' });
export type IngestKey = z.infer<typeof IngestKey>;
export const IngestKeyInput = z.object({ label: z.string().trim().min(1).max(100) }).meta({ id: 'IngestKeyInput' });
export type IngestKeyInput = z.infer<typeof IngestKeyInput>;
export const NewIngestKey = IngestKey.extend({ key: z.string().describe('shown this once') }).meta({
  id: 'NewIngestKey',
});
export type NewIngestKey = z.infer<typeof NewIngestKey>;

export const CheckpointInput = z
  .object({ name: z.string().trim().min(1).max(100), ...coordinate })
  .meta({ id: 'CheckpointInput' });
export type CheckpointInput = z.infer<typeof CheckpointInput>;
export const Checkpoint = CheckpointInput.extend({ checkpointId: id }).meta({ id: 'Checkpoint' });
export type Checkpoint = z.infer<typeof Checkpoint>;

// ---- plugins and reference -----------------------------------------------------------------------------------------

const words = z.object({
  name: z.string(),
  description: z.string(),
  field: z
    .record(
      z.string(),
      z.object({ label: z.string(), help: z.string().optional(), option: z.record(z.string(), z.string()).optional() }),
    )
    .optional(),
});
export const PluginInfo = z
  .object({
    id,
    kind: z.enum(['ocrEngine', 'cameraProtocol', 'alertChannel']),
    fields: z.record(
      z.string(),
      z.object({
        kind: z.enum(['text', 'number', 'flag', 'choice', 'secret', 'url', 'path', 'ref']),
        default: z.union([z.string(), z.number(), z.boolean()]),
        required: z.boolean(),
        min: z.number().optional(),
        max: z.number().optional(),
        unit: z.string().optional(),
        options: z.array(z.string()).readonly().optional(),
      }),
    ),
    words: z.object({ en: words, th: words }),
  })
  .meta({ id: 'PluginInfo' });
export type PluginInfo = z.infer<typeof PluginInfo>;

export const EngineInfo = z
  .object({
    id,
    isDefault: z.boolean().describe('whether an empty choice of engine stands for it'),
    config,
    locates: z.boolean(),
    reads: z.boolean(),
    problem: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'EngineInfo' });
export type EngineInfo = z.infer<typeof EngineInfo>;
export const EngineChange = z
  .object({ config: config.optional(), isDefault: z.literal(true).optional() })
  .meta({ id: 'EngineChange' });
export type EngineChange = z.infer<typeof EngineChange>;

export const Reference = z
  .object({
    provinces: z.array(
      z.object({
        code: z.string(),
        nameTh: z.string(),
        nameEn: z.string(),
        abbreviationTh: z.string(),
        region: z.string(),
      }),
    ),
    countries: z.array(z.object({ code: z.string(), nameTh: z.string(), nameEn: z.string() })),
    plateClasses: z.array(
      z.object({ id: z.string(), nameTh: z.string(), nameEn: z.string(), background: z.string(), text: z.string() }),
    ),
  })
  .meta({ id: 'Reference' });
export type Reference = z.infer<typeof Reference>;

// ---- blacklists, alerts --------------------------------------------------------------------------------------------

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

// ---- access --------------------------------------------------------------------------------------------------------

export const Role = z.enum(['viewer', 'operator', 'investigator', 'supervisor', 'auditor', 'administrator']);
export type Role = z.infer<typeof Role>;
export const User = z
  .object({
    userId: id,
    name: z.string(),
    role: Role,
    disabled: z.boolean(),
    createdAt: instant,
    lastSignInAt: instant.nullable(),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof User>;
export const Site = z
  .object({
    name: z.string().trim().min(1).max(100),
    timeZone: z.string().min(1).max(64),
    era: z.enum(['gregorian', 'buddhist']),
    language: z.enum(['th', 'en']),
    trainingPictures: z.boolean().describe('whether pictures go with exported corrections'),
  })
  .meta({ id: 'Site' });
export type Site = z.infer<typeof Site>;

export const SetupState = z.object({ needed: z.boolean(), codeRequired: z.boolean() }).meta({ id: 'SetupState' });
export type SetupState = z.infer<typeof SetupState>;
export const SetupInput = z
  .object({
    name: z.string().trim().min(2).max(64),
    password: z.string().min(12).max(256),
    code: z.string().max(64).nullable().default(null),
    language: z.enum(['th', 'en']).default('en'),
  })
  .meta({ id: 'SetupInput' });
export type SetupInput = z.input<typeof SetupInput>;
export const SignIn = z
  .object({ name: z.string().trim().min(1).max(64), password: z.string().min(1).max(256) })
  .meta({ id: 'SignIn' });
export type SignIn = z.infer<typeof SignIn>;
export const Session = z
  .object({ user: User, permissions: z.array(z.string()), site: Site, version: z.string() })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;
export const PasswordChange = z
  .object({ current: z.string().min(1).max(256), next: z.string().min(12).max(256) })
  .meta({ id: 'PasswordChange' });
export type PasswordChange = z.infer<typeof PasswordChange>;
export const UserInput = z
  .object({ name: z.string().trim().min(2).max(64), password: z.string().min(12).max(256), role: Role })
  .meta({ id: 'UserInput' });
export type UserInput = z.infer<typeof UserInput>;
export const UserChange = z
  .object({ role: Role.optional(), disabled: z.boolean().optional(), password: z.string().min(12).max(256).optional() })
  .meta({ id: 'UserChange' });
export type UserChange = z.infer<typeof UserChange>;
export const AuditEntry = z
  .object({
    auditId: id,
    at: instant,
    userId: z.string().nullable(),
    userName: z.string().nullable(),
    action: z.string(),
    subject: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
    address: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

// ---- status and live -----------------------------------------------------------------------------------------------

/** What the top of the Live page shows. */
export const HubStatus = z
  .object({
    detectionsToday: z.int(),
    framesQueued: z.int(),
    framesRunning: z.int(),
    framesDead: z.int(),
    cameras: z.object({ online: z.int(), total: z.int() }),
    openAlerts: z.int(),
    freeBytes: z.number(),
    pluginFailures: z.array(z.object({ folder: z.string(), message: z.string() })),
    engineProblem: z.string().nullable().describe('what hinders the default engine, and the remedy'),
  })
  .meta({ id: 'HubStatus' });
export type HubStatus = z.infer<typeof HubStatus>;

/** Events of the Socket.IO namespace `/live` (path `/socket.io`), authorised by the session cookie. */
export interface LiveEvents {
  'detection.created': (detection: DetectionSummary) => void;
  'detection.updated': (detection: DetectionSummary) => void;
  'frame.ended': (frame: FrameStatus) => void;
  'camera.changed': (change: { cameraId: string }) => void;
  'alert.raised': (alert: Alert) => void;
  'alert.acknowledged': (alert: Alert) => void;
}
