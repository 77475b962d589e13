/** What happens in the hub, told to whoever listens in this process: live updates, caches, the alert outbox. */
import { EventEmitter } from 'node:events';
import type { Alert } from './alerts/alerts.ts';
import type { DetectionSummary, DetectionUpdate } from './detections/detections.ts';
import type { FrameStatus } from './ingest/ingest.ts';
import type { LprMessage } from './message.ts';
import type { GeofenceEvent } from './places/geofences.ts';

export interface HubEvents {
  'detection.created': DetectionSummary;
  'detection.updated': DetectionUpdate;
  /** A frame reached `settled` or `dead`. */
  'frame.ended': FrameStatus;
  'camera.changed': { readonly cameraId: string };
  /** The settings that a camera's device should have are others now: for doors, which tell the device. */
  'camera.desired': { readonly cameraId: string; readonly desired: Readonly<Record<string, unknown>> };
  'device.changed': { readonly deviceId: string };
  /** A device said which settings it has. */
  'device.reported': {
    readonly deviceId: string;
    readonly cameraIds: readonly string[];
    readonly reported: Readonly<Record<string, unknown>>;
  };
  /** A device asked for the settings that it should have. */
  'device.asks': { readonly deviceId: string };
  /** Zones or checkpoints are others now. */
  'places.changed': Readonly<Record<string, never>>;
  /**
   * A vehicle came, left or dwells. `message` is null when the flow has it already: a detection in it showed the event. Else the
   * clock did, or a detection that came out of order, and a node sends the message.
   */
  'geofence.event': { readonly event: GeofenceEvent; readonly message: LprMessage<'detection' | 'geofence'> | null };
  'geofence.retracted': GeofenceEvent;
  'alert.raised': Alert;
  /** It came again, or was confirmed, or is told to more people. */
  'alert.updated': Alert;
  'alert.acknowledged': Alert;
  'alert.retracted': Alert;
}

export interface Events {
  emit<K extends keyof HubEvents>(name: K, event: HubEvents[K]): void;
  /** Returns how to stop listening. */
  on<K extends keyof HubEvents>(name: K, listener: (event: HubEvents[K]) => void): () => void;
}

/** @param onError told of a listener that threw; one bad listener never harms the one who emits. */
export function createEvents(onError: (error: unknown) => void): Events {
  const emitter = new EventEmitter().setMaxListeners(0);
  return {
    emit(name, event) {
      for (const listener of emitter.listeners(name)) {
        try {
          (listener as (event: unknown) => void)(event);
        } catch (error) {
          onError(error);
        }
      }
    },
    on(name, listener) {
      emitter.on(name, listener as (event: unknown) => void);
      return () => emitter.off(name, listener as (event: unknown) => void);
    },
  };
}
