/** Cameras, ingest keys, checkpoints. */
import { z } from 'zod';
import { Image } from './frames.ts';
import { config, coordinate, id, instant, nullableText } from './primitives.ts';

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

export const Lane = z
  .object({
    number: z.int().min(0).max(99).describe('as the device counts its lanes'),
    name: z.string().trim().max(60),
    direction: z.enum(['toward', 'away', 'both']).describe('how vehicles move as the camera sees them'),
    destination: z.string().trim().max(100).describe('where the lane leads, in words; may be empty'),
  })
  .meta({ id: 'Lane' });
export type Lane = z.infer<typeof Lane>;

const deviceState = z.record(z.string().min(1).max(60), z.unknown());

const told = {
  name: z.string().trim().min(1).max(100),
  protocol: z.string().min(1).max(50).describe('id of a camera protocol, or push'),
  config,
  enabled: z.boolean(),
  checkpointId: id.nullable(),
  ...coordinate,
  heading: z.number().min(0).lt(360).nullable(),
};
const lanes = z.array(Lane).max(16);

export const CameraInput = z
  .object({
    ...told,
    reading: CameraReading.default({ engine: '', countries: [], minPlateHeight: null, minConfidence: null }),
    lanes: lanes.default([]),
    desired: deviceState.default({}).describe('settings that the device should have'),
  })
  .meta({ id: 'CameraInput' });
export type CameraInput = z.input<typeof CameraInput>;
/** Without defaults: what is left out stays. */
export const CameraChange = z
  .object({ ...told, reading: CameraReading, lanes, desired: deviceState })
  .partial()
  .meta({ id: 'CameraChange' });
export type CameraChange = z.input<typeof CameraChange>;

export const CameraState = z
  .enum(['off', 'waiting', 'online', 'late', 'offline', 'flapping', 'failing', 'maintenance'])
  .meta({ id: 'CameraState' });
export type CameraState = z.infer<typeof CameraState>;
const reason = z.enum([
  ...['switched_off', 'maintenance', 'error', 'device_gone', 'no_frame_yet'],
  ...['silence', 'frames', 'changes_often'],
] as const);

export const CameraHealth = z
  .object({
    state: CameraState,
    since: instant,
    reason,
    lastFrameAt: instant.nullable(),
    lastFrame: Image.nullable(),
    framesToday: z.int(),
    framesSkipped: z.int().describe('passed over by the motion gate, today and since the hub started'),
    framesDropped: z.int().describe('given up because the workers were behind, today and since the hub started'),
    error: z.object({ code: z.string(), message: z.string(), since: instant }).nullable(),
    expectedSeconds: z.number().nullable().describe('how long it is usually silent at most; null: not known yet'),
    clockOffsetSeconds: z.number().nullable().describe("how far its clock is behind the hub's"),
    warnings: z
      .array(
        z.object({
          code: z.enum(['clock_zone', 'clock_off', 'frames_fell', 'reads_fell']),
          value: z.number().describe('seconds behind, or how many came in the last whole hour'),
          expected: z.number().nullable().describe('how many come in this hour of the week'),
        }),
      )
      .describe('muted in maintenance'),
    maintenance: z.object({ windowId: id, to: instant, reason: z.string() }).nullable().describe('open now'),
  })
  .meta({ id: 'CameraHealth' });
export type CameraHealth = z.infer<typeof CameraHealth>;

export const CameraHistoryQuery = z.object({ days: z.coerce.number().int().min(1).max(92).default(7) });
export const CameraHistory = z
  .object({
    states: z
      .array(
        z.object({
          from: CameraState.nullable(),
          to: CameraState,
          at: instant,
          reason,
          errorCode: z.string().nullable(),
        }),
      )
      .describe('newest first'),
    hours: z
      .array(
        z.object({
          hour: instant,
          frames: z.int(),
          withoutPlate: z.int(),
          detections: z.int(),
          downSeconds: z.int().describe('offline or failing'),
          maintenance: z.boolean(),
        }),
      )
      .describe('oldest first; hours without anything may be missing'),
  })
  .meta({ id: 'CameraHistory' });
export type CameraHistory = z.infer<typeof CameraHistory>;

export const Camera = CameraInput.extend({
  reading: CameraReading,
  lanes: z.array(Lane),
  desired: deviceState,
  cameraId: id,
  builtIn: z.enum(['demo', 'folder', 'upload']).nullable(),
  createdAt: instant,
  health: CameraHealth,
}).meta({ id: 'Camera' });
export type Camera = z.infer<typeof Camera>;

export const CameraDifference = z
  .object({
    field: z.string().describe('dotted, such as config.url'),
    isSecret: z.boolean().describe('before and after only say whether it was set'),
    before: z.unknown(),
    after: z.unknown(),
  })
  .meta({ id: 'CameraDifference' });
export type CameraDifference = z.infer<typeof CameraDifference>;

export const CameraVersion = z
  .object({
    versionId: id,
    version: z.int(),
    at: instant,
    by: z.string().nullable().describe('null: the hub itself'),
    action: z.enum(['created', 'changed', 'removed', 'restored']),
    note: z.string().nullable(),
    differences: z.array(CameraDifference).describe('from the version before'),
  })
  .meta({ id: 'CameraVersion' });
export type CameraVersion = z.infer<typeof CameraVersion>;

export const VersionNote = z.object({ note: nullableText.default(null) }).meta({ id: 'VersionNote' });
export type VersionNote = z.input<typeof VersionNote>;

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

export const CameraProbe = z
  .object({
    address: z.string().trim().min(1).max(500).describe('a host, or an http, https or rtsp address'),
    username: z.string().max(100).default(''),
    password: z.string().max(200).default(''),
  })
  .meta({ id: 'CameraProbe' });
export type CameraProbe = z.input<typeof CameraProbe>;
export const CameraProbeResult = z
  .object({
    maker: z.enum([
      ...['hikvision', 'dahua', 'axis', 'milesight', 'frigate', 'rekor', 'plate-recognizer', 'onvif', 'unknown'],
    ] as const),
    model: z.string().nullable(),
    firmware: z.string().nullable(),
    isReached: z.boolean(),
    wantsPassword: z.boolean(),
    hubUrl: z.string().describe('where the camera reaches the hub'),
    cameras: z.array(z.object({ protocol: z.string(), config })).describe('ready configurations, best first'),
    devices: z.array(
      z.object({
        format: z.string(),
        steps: z.array(
          z.object({
            menu: z.string().nullable().describe("in the camera's own words; null: as before"),
            field: z.string(),
            value: z.string(),
          }),
        ),
      }),
    ),
    asked: z.array(
      z.object({ check: z.string(), url: z.string(), result: z.enum(['found', 'password', 'other', 'silent']) }),
    ),
  })
  .meta({ id: 'CameraProbeResult' });
export type CameraProbeResult = z.infer<typeof CameraProbeResult>;

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

export const CameraQuery = z.object({
  zoneId: z.uuid().optional(),
  checkpointId: z.uuid().optional(),
  state: CameraState.optional(),
  text: z.string().trim().max(100).optional().describe('part of the name'),
});

export const CameraMetricsQuery = z.object({ days: z.coerce.number().int().min(1).max(92).default(7) });
export const CameraMetrics = z
  .object({
    days: z.int(),
    frames: z.int(),
    framesWithoutPlate: z.int(),
    detections: z.int(),
    readsPerVehicle: z.number().nullable(),
    confidence: z.number().nullable().describe('median'),
    reviewed: z.int().describe('detections that a person corrected, confirmed or rejected'),
    exact: z.int().describe('of them, those read exactly as the person says'),
    notPlates: z.int().describe('of them, those that were no plate'),
    storedMs: z
      .object({ p50: z.number(), p95: z.number() })
      .nullable()
      .describe('from receipt to the recorded detection'),
    onTheWayMs: z.number().nullable().describe("from capture to receipt by the device's clock, median"),
    detectionsPerHour: z.number().nullable(),
  })
  .meta({ id: 'CameraMetrics' });
export type CameraMetrics = z.infer<typeof CameraMetrics>;

export const DeviceStates = z
  .object({
    desired: deviceState,
    reported: deviceState.nullable(),
    reportedAt: instant.nullable(),
    drift: z.array(z.object({ field: z.string(), desired: z.unknown(), reported: z.unknown() })),
  })
  .meta({ id: 'DeviceStates' });
export type DeviceStates = z.infer<typeof DeviceStates>;
