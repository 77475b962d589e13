/** Devices, what is kept of them, dead letters. */
import { z } from 'zod';
import { FrameStatus } from './frames.ts';
import { config, id, instant } from './primitives.ts';

const transport = z.enum(['http', 'websocket', 'socketio', 'mqtt']);

export const Device = z
  .object({
    deviceId: id,
    format: z.string().describe('device format plugin'),
    ref: z.string().describe("the device's own id; empty when it has none"),
    name: z.string(),
    state: z.enum(['waiting', 'approved', 'blocked']),
    address: z.string().describe('where it sent from last'),
    transport: transport.nullable(),
    hasToken: z.boolean(),
    config,
    timeZone: z.string().nullable().describe("IANA zone of its clock where that names none; null: the site's"),
    createdAt: instant,
    lastSeenAt: instant.nullable(),
    lastStoredAt: instant.nullable(),
    isOnline: z.boolean().nullable(),
    health: z
      .object({
        isOnline: z.boolean(),
        facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
        camerasDown: z.array(z.string()).nullable(),
        clock: instant.nullable(),
      })
      .nullable(),
    cameras: z.array(z.object({ cameraRef: z.string(), cameraId: id, name: z.string() })),
    stored: z.int().describe('messages stored since it was first seen'),
    held: z.object({ waiting: z.int(), quarantined: z.int(), bytes: z.number() }),
    lagMs: z.number().nullable().describe('median of receipt minus capture of recent messages'),
    error: z.object({ code: z.string(), message: z.string(), at: instant, heldId: id.nullable() }).nullable(),
    movedFrom: id.nullable().describe('an approved device of the same id at another address; approving moves it here'),
  })
  .meta({ id: 'Device' });
export type Device = z.infer<typeof Device>;

const timeZone = z.string().max(64).nullable();
export const DeviceInput = z
  .object({
    name: z.string().trim().min(1).max(100),
    format: z.string().min(1).max(50),
    ref: z.string().trim().max(200).default(''),
    config: config.default({}),
    timeZone: timeZone.default(null),
  })
  .meta({ id: 'DeviceInput' });
export type DeviceInput = z.input<typeof DeviceInput>;
export const NewDevice = Device.extend({ token: z.string().describe('shown this once') }).meta({ id: 'NewDevice' });
export type NewDevice = z.infer<typeof NewDevice>;
export const DeviceChange = z
  .object({
    name: z.string().trim().min(1).max(100).optional(),
    ref: z.string().trim().max(200).optional(),
    config: config.optional(),
    timeZone: timeZone.optional(),
  })
  .meta({ id: 'DeviceChange' });
export type DeviceChange = z.infer<typeof DeviceChange>;
export const DeviceApproval = z
  .object({
    name: z.string().trim().min(1).max(100).nullable().default(null),
    cameraId: id.nullable().default(null).describe('an existing camera that its camera is; null makes new ones'),
  })
  .meta({ id: 'DeviceApproval' });
export type DeviceApproval = z.input<typeof DeviceApproval>;
export const DeviceToken = z.object({ token: z.string().describe('shown this once') }).meta({ id: 'DeviceToken' });
export type DeviceToken = z.infer<typeof DeviceToken>;

export const HeldMessage = z
  .object({
    heldId: id,
    deviceId: id,
    format: z.string(),
    reason: z.enum(['waiting', 'quarantine']),
    transport,
    path: z.string(),
    receivedAt: instant,
    bytes: z.number(),
    error: z.object({ code: z.string(), message: z.string(), field: z.string().nullable() }).nullable(),
  })
  .meta({ id: 'HeldMessage' });
export type HeldMessage = z.infer<typeof HeldMessage>;
export const HeldPage = z
  .object({ items: z.array(HeldMessage), nextCursor: z.string().nullable() })
  .meta({ id: 'HeldPage' });
export type HeldPage = z.infer<typeof HeldPage>;
export const HeldContent = z
  .object({
    held: HeldMessage,
    method: z.string(),
    address: z.string(),
    headers: z.record(z.string(), z.string()),
    text: z.string().nullable().describe('the beginning of what can be read as text'),
    parts: z.array(
      z.object({
        name: z.string(),
        fileName: z.string().nullable(),
        mediaType: z.string().nullable(),
        bytes: z.int(),
        text: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'HeldContent' });
export type HeldContent = z.infer<typeof HeldContent>;
export const Selection = z
  .object({ ids: z.union([z.array(id).min(1).max(500), z.literal('all')]) })
  .meta({ id: 'Selection' });
export type Selection = z.infer<typeof Selection>;
export const ReplayResult = z.object({ stored: z.int(), failed: z.int() }).meta({ id: 'ReplayResult' });
export type ReplayResult = z.infer<typeof ReplayResult>;

export const FramePage = z
  .object({ items: z.array(FrameStatus), nextCursor: z.string().nullable() })
  .meta({ id: 'FramePage' });
export type FramePage = z.infer<typeof FramePage>;

export const DeviceTrial = z
  .object({
    format: z.string().min(1).max(50),
    config: config.default({}),
    timeZone: timeZone.default(null),
    method: z.enum(['GET', 'POST', 'PUT']).default('POST'),
    path: z.string().max(500).default('/'),
    transport: transport.default('http'),
    contentType: z.string().max(200).default('application/json'),
    body: z.string().max(2_000_000).describe('as the device would send it'),
  })
  .meta({ id: 'DeviceTrial' });
export type DeviceTrial = z.input<typeof DeviceTrial>;
export const DeviceTrialResult = z
  .object({
    deviceRef: z.string(),
    events: z.array(z.record(z.string(), z.unknown())).describe('what would be stored; pictures as their size'),
    health: z.record(z.string(), z.unknown()).nullable(),
    reply: z.object({ status: z.int(), body: z.string() }),
  })
  .meta({ id: 'DeviceTrialResult' });
export type DeviceTrialResult = z.infer<typeof DeviceTrialResult>;

export const HeldTrial = z
  .object({
    config: config.optional().describe("absent: the device's own settings"),
    timeZone: timeZone.optional().describe("absent: the device's own"),
  })
  .meta({ id: 'HeldTrial' });
export type HeldTrial = z.input<typeof HeldTrial>;

export const DeviceDoors = z
  .object({
    broker: z
      .object({ isOwn: z.boolean().describe('false: the one of MQTT_URL'), port: z.int().nullable() })
      .nullable()
      .describe('null: no MQTT'),
    formats: z.array(
      z.object({
        format: z.string(),
        transports: z.array(transport),
        paths: z
          .array(z.object({ method: z.string(), path: z.string() }))
          .describe('fixed ones, at the root of the hub'),
        topics: z.array(z.string()).describe("MQTT; {device} stands for the device's own id"),
        socketio: z.array(z.object({ namespace: z.string(), events: z.array(z.string()) })),
      }),
    ),
  })
  .meta({ id: 'DeviceDoors' });
export type DeviceDoors = z.infer<typeof DeviceDoors>;
