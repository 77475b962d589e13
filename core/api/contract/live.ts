/** Status and live updates. */
import { z } from 'zod';
import type { Alert } from './alerts.ts';
import type { DetectionSummary } from './detections.ts';
import type { FrameStatus } from './frames.ts';
import type { GeofenceEvent } from './places.ts';

/** What the top of the Live page shows. */
const DoorsStatus = z
  .object({
    connections: z.object({ socketio: z.int(), websocket: z.int(), mqtt: z.int() }).describe('standing, of devices'),
    refused: z.int().describe('turned away since the start because an address, or all together, held too many'),
    bytesHeld: z.number().describe('of messages that come in or wait their turn'),
    broker: z
      .discriminatedUnion('kind', [
        z.object({ kind: z.literal('embedded'), port: z.int(), tlsPort: z.int().nullable() }),
        z.object({
          kind: z.literal('external'),
          isShared: z.boolean().nullable().describe('several hubs divide the work; null until known'),
          inHand: z.int().describe('messages not acknowledged to the broker yet'),
          problem: z.string().nullable(),
        }),
      ])
      .nullable()
      .describe('MQTT; null when it is off'),
  })
  .meta({ id: 'DoorsStatus' });

export const HubStatus = z
  .object({
    detectionsToday: z.int(),
    framesQueued: z.int(),
    framesRunning: z.int(),
    framesDead: z.int(),
    framesDropped: z.int().describe('of live cameras, given up today because the workers were behind'),
    cameras: z.object({ online: z.int(), total: z.int() }),
    openAlerts: z.int(),
    devicesWaiting: z.int().describe('devices that nobody has approved or blocked yet'),
    messagesQuarantined: z.int().describe('kept because they could not be decoded'),
    freeBytes: z.number().nullable().describe('where pictures lie; null in an S3 store, which does not tell'),
    doors: DoorsStatus.nullable().describe('by which devices come; null until they are open'),
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
  'device.changed': (change: { deviceId: string }) => void;
  'geofence.event': (event: GeofenceEvent) => void;
  /** A detection turned out to say something else. */
  'geofence.retracted': (event: GeofenceEvent) => void;
  'alert.raised': (alert: Alert) => void;
  /** It came again, or was confirmed, or is told to more people. */
  'alert.updated': (alert: Alert) => void;
  'alert.acknowledged': (alert: Alert) => void;
  'alert.retracted': (alert: Alert) => void;
}
