/**
 * What the hub tells somebody else's system of detections. A connector is a plugin that knows one form: it makes the message
 * and says it once. The hub owns the outbox, retry, pauses, rate, time-out, health and clean stop.
 */
import type { ConfigOf, Fields } from '../fields.ts';
import type {
  Box,
  ClockSource,
  Corners,
  DetectionStatus,
  HitPart,
  ImageHandle,
  PlateCandidate,
  SeenMotion,
  SeenVehicle,
} from '../message.ts';

/** Where it was seen. */
export interface ConnectorCamera {
  readonly cameraId: string;
  readonly name: string;
  readonly checkpoint: string | null;
  /** Of the camera, or of its checkpoint. */
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** Degrees from north, clockwise. */
  readonly heading: number | null;
}

/** One vehicle passing one camera, as it is known when it is told. */
export interface ConnectorDetection {
  /** Stable: the same however often it has to be sent. */
  readonly detectionId: string;
  /** 0 when it is told for the first time, else how often it was taken before. The same for each attempt. */
  readonly revision: number;
  /** The test button made it up. */
  readonly isTest: boolean;
  readonly status: DetectionStatus;
  readonly plateNumber: string;
  readonly series: string | null;
  readonly serial: string | null;
  /** ISO 3166-2, or `TH-95-BETONG`. */
  readonly issuingEntity: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string | null;
  readonly plateType: string | null;
  /** 0..1 */
  readonly confidence: number;
  readonly candidates: readonly PlateCandidate[];
  readonly capturedAt: Date;
  /** Of the last read. */
  readonly lastSeenAt: Date;
  readonly capturedAtSource: ClockSource;
  readonly receivedAt: Date;
  /** It reached the hub long after it happened. */
  readonly isLate: boolean;
  readonly isParked: boolean;
  readonly readCount: number;
  readonly camera: ConnectorCamera;
  readonly frame: ImageHandle | null;
  readonly patch: ImageHandle | null;
  /** In pixels of `frame`. */
  readonly box: Box | null;
  readonly corners: Corners | null;
  /** As the device said. */
  readonly vehicle: SeenVehicle | null;
  readonly motion: SeenMotion | null;
  readonly hits: readonly HitPart[];
  /** The detection's page, when `PUBLIC_URL` is set. */
  readonly link: string | null;
}

export interface OutgoingRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface ConnectorContext<F extends Fields> {
  readonly config: ConfigOf<F>;
  /** Fires when the hub stops or the time is over. */
  readonly signal: AbortSignal;
  /** IANA name of the site's zone. */
  readonly timeZone: string;
  /** The picture as it is stored, mostly JPEG; null when it is removed. */
  readonly picture: (imageId: string) => Promise<Uint8Array | null>;
  /**
   * POSTs with the hub's limits: 20 s, no redirects, into the hub's own network only where the connector may. Resolves when
   * the other side has taken it (2xx).
   * @throws connector_unreachable, connector_refused, connector_private
   */
  readonly post: (url: string, request: OutgoingRequest) => Promise<void>;
}

export interface ConnectorPlugin<F extends Fields = Fields> {
  readonly kind: 'connector';
  readonly id: string;
  readonly fields: F;
  /**
   * What the form can say beside a settled detection: one that more reads may still change (`provisional`; it is told again
   * when it is settled), and that one says something else than was told (`updates`). Default: neither.
   */
  readonly tells?: readonly ('provisional' | 'updates')[];
  /** Says it once; resolves when the other side has taken it, throws otherwise. The hub tries again. */
  send(detection: ConnectorDetection, context: ConnectorContext<F>): Promise<void>;
}

export const defineConnector = <const F extends Fields>(
  plugin: Omit<ConnectorPlugin<F>, 'kind'>,
): ConnectorPlugin<F> => ({
  kind: 'connector',
  ...plugin,
});
