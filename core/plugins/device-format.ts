/**
 * What devices that read plates by themselves say, and how they want to be answered. A format is a plugin: it turns one
 * message of the wire into events, and an outcome into the bytes the device waits for. It never stores, retries or asks who
 * the device is: the hub does.
 */
import type { ConfigOf, Fields } from '../fields.ts';
import type { Box, SeenMotion, SeenVehicle } from '../message.ts';
import type { LprError } from '../errors.ts';

export type Transport = 'http' | 'websocket' | 'socketio' | 'mqtt';

/** One part of a multipart form. */
export interface WirePart {
  readonly name: string;
  /** As sent; never a path to trust. */
  readonly fileName: string | null;
  readonly mediaType: string | null;
  readonly bytes: Uint8Array;
}

/** One message as it came. */
export interface WireMessage {
  readonly transport: Transport;
  /** Who sent it, without the port. */
  readonly address: string;
  readonly receivedAt: Date;
  /** HTTP: upper case. Else empty. */
  readonly method: string;
  /** HTTP: the path behind `/ingest/<format>`, or the whole fixed path; MQTT: the topic; Socket.IO: the event; WebSocket: empty. */
  readonly path: string;
  /** HTTP: of the address. */
  readonly query: Readonly<Record<string, string>>;
  /** HTTP: lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** HTTP body that is no form, MQTT payload, WebSocket frame. Empty else. */
  readonly body: Uint8Array;
  /** HTTP multipart. */
  readonly parts: readonly WirePart[];
  /** Socket.IO: what the event carried; binary as Buffer. */
  readonly args: readonly unknown[];
  /** Socket.IO: the namespace. */
  readonly namespace: string;
  /** MQTT: the message was kept by the broker from earlier. */
  readonly isRetained: boolean;
}

/** How to get a picture that did not come along: asked of the device's own address or the one set for it, nowhere else. */
export interface PicturePull {
  /** Below the device's base address. */
  readonly path: string;
  /** It may be there only after this long. */
  readonly afterMs: number;
}

/** One plate as a device read it. */
export interface DeviceRead {
  /** As said; empty when the device saw a plate or vehicle and could not read it. */
  readonly text: string;
  /** Name in Thai or English, abbreviation, or ISO 3166-2 code; null when the device says nothing of it. */
  readonly province: string | null;
  /** ISO 3166-1 alpha-2; null when the device says nothing of it. */
  readonly countryCode: string | null;
  /** 0..1; null where the device gives none, or one that it does not measure. */
  readonly confidence: number | null;
  /** Per character of `text`, 0..1; empty when the device gives none. */
  readonly characterConfidences: readonly number[];
  readonly candidates: readonly { readonly text: string; readonly confidence: number | null }[];
  /** In pixels of the event's scene picture. */
  readonly box: Box | null;
  /** The device's own cut-out of the plate, JPEG or PNG. */
  readonly patch: Uint8Array | null;
  /** The device's own name of one pass of one vehicle. */
  readonly trackId: string | null;
  /** The device's last word on this pass (a track that was lost or ended, a group): the detection need not wait for more. */
  readonly isFinal: boolean;
  readonly vehicle: SeenVehicle | null;
  readonly motion: SeenMotion | null;
}

/** What is the same for most formats; spread it and say what differs. */
export const UNKNOWN_READ: DeviceRead = {
  text: '',
  province: null,
  countryCode: null,
  confidence: null,
  characterConfidences: [],
  candidates: [],
  box: null,
  patch: null,
  trackId: null,
  isFinal: false,
  vehicle: null,
  motion: null,
};

/** One moment at one camera. */
export interface DeviceEvent {
  /** The device's own name of this event; with the camera it makes it unique for ever. Null: the content is the key. */
  readonly eventKey: string | null;
  /** Which of the device's cameras; empty when it is one. */
  readonly cameraRef: string;
  /** What the device calls that camera. */
  readonly cameraName: string | null;
  /** Null when the device says no time of capture. */
  readonly capturedAt: Date | null;
  /** The device itself says that it tells this late. */
  readonly isLate: boolean;
  /** The scene, JPEG or PNG. */
  readonly frame: Uint8Array | null;
  readonly pull: PicturePull | null;
  /** Empty: a picture without reads, which the hub's own engines read. */
  readonly reads: readonly DeviceRead[];
  /** What came in another form than promised and was understood all the same, in English, e.g. `confidence came as text`. */
  readonly coerced: readonly string[];
}

/** A sign of life of a camera that is asked: nothing to keep. */
export const NOTHING_SEEN: DeviceEvent = {
  ...{ eventKey: null, cameraRef: '', cameraName: null, capturedAt: null, isLate: false },
  ...{ frame: null, pull: null, reads: [], coerced: [] },
};

/** What a device tells of itself. */
export interface DeviceHealth {
  readonly isOnline: boolean;
  /**
   * In the device's own words, for people. Flat, at most some dozen values; never plates. Devices tell piece by piece (one
   * message a component): a fact stands until the same name is told anew.
   */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
  /** Its own cameras that it says do not work; null when this message says nothing of cameras, and what was told before stands. */
  readonly camerasDown: readonly string[] | null;
  /** The device's own clock when it said so. */
  readonly clock: Date | null;
}

export interface Decoded {
  /** The device's own id; empty when it has none (it is then known by its address). */
  readonly deviceRef: string;
  readonly deviceName: string | null;
  readonly events: readonly DeviceEvent[];
  readonly health: DeviceHealth | null;
  /** Settings as the device says it has them. */
  readonly reported: Readonly<Record<string, unknown>> | null;
  /** The device asks for its settings: the hub answers with `desired`. */
  readonly asksForSettings: boolean;
}

export const NOTHING_DECODED: Decoded = {
  deviceRef: '',
  deviceName: null,
  events: [],
  health: null,
  reported: null,
  asksForSettings: false,
};

/** What became of a message. */
export type Outcome =
  | {
      /** Durably stored; nothing to store (a heartbeat) counts as stored, too. */
      readonly kind: 'stored';
      /** One a stored event, in the order of the message. */
      readonly frameIds: readonly string[];
    }
  | {
      /** Kept as it came: the device waits for approval, or the message could not be decoded and is quarantined. The device must not send it again. */
      readonly kind: 'held';
      readonly heldId: string;
    }
  | {
      /** Never to be sent again: it would be refused for ever. */
      readonly kind: 'refused';
      readonly error: LprError;
    }
  | {
      /** Not now: the device should keep it and try again. */
      readonly kind: 'later';
      readonly error: LprError;
      readonly retryAfterSeconds: number;
    };

/** The exact answer. What a transport has no use for is left out. */
export interface WireReply {
  /** HTTP status. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** HTTP body, or the WebSocket text frame that goes back. */
  readonly body?: string;
  /** WebSocket: the connection ends after that. For devices that take any answer for success, to whom `later` is no answer. */
  readonly close?: boolean;
  /** Socket.IO events that go back to the sender. */
  readonly emit?: readonly { readonly event: string; readonly args: readonly unknown[] }[];
  /** Socket.IO acknowledgement, when the sender asked for one. */
  readonly ack?: readonly unknown[];
  /** MQTT messages. Whether the message itself is acknowledged (PUBACK) follows from the outcome: not for `later`. */
  readonly publish?: readonly {
    readonly topic: string;
    readonly payload: string;
    readonly qos: 0 | 1 | 2;
    readonly retain: boolean;
  }[];
}

export interface FormatContext<F extends Fields> {
  readonly config: ConfigOf<F>;
  /** IANA name of the zone of clocks that name none: the device's own setting, else the site's. */
  readonly timeZone: string;
}

export interface DeviceFormatPlugin<F extends Fields = Fields> {
  readonly kind: 'deviceFormat';
  /** Also its address: `POST /ingest/<id>`. */
  readonly id: string;
  /** Settings of a device of this format. A `url` field named `address` is the base of pulled pictures. */
  readonly fields: F;
  readonly transports: readonly Transport[];
  /** Fixed paths that devices of this kind insist on, at the root of the hub's port. */
  readonly paths?: readonly { readonly method: 'GET' | 'POST' | 'PUT'; readonly path: string }[];
  /** Socket.IO: what is listened to, by namespace. */
  readonly socketio?: readonly { readonly namespace: string; readonly events: readonly string[] }[];
  /** MQTT topics that devices publish; `{device}` stands for one level that must be the device's own id. */
  readonly topics?: readonly string[];
  /** MQTT topics that devices publish beside and the hub has no use for: acknowledged and let fall. Written like `topics`. */
  readonly ignoredTopics?: readonly string[];
  /** MQTT topics that a device may subscribe to, with `{device}`, and `+` or `#` where MQTT allows them. */
  readonly subscriptions?: readonly string[];
  /**
   * Whether a message that came without naming its format (a raw WebSocket frame, `POST /ingest`) is of this one. Cheap: looks
   * for a marker.
   */
  claims(message: WireMessage): boolean;
  /**
   * Pure. @throws LprError `invalid_input` naming the field that failed: the message is then quarantined, not lost.
   */
  decode(message: WireMessage, context: FormatContext<F>): Decoded;
  /** Pure. @param config of the device, where it is known which one sent */
  reply(outcome: Outcome, message: WireMessage, decoded: Decoded | null, config?: ConfigOf<F>): WireReply;
  /** MQTT messages that tell a device its settings, retained. */
  tellSettings?(deviceRef: string, desired: Readonly<Record<string, unknown>>): NonNullable<WireReply['publish']>;
}

export const defineDeviceFormat = <const F extends Fields>(
  plugin: Omit<DeviceFormatPlugin<F>, 'kind'>,
): DeviceFormatPlugin<F> => ({ kind: 'deviceFormat', ...plugin });
