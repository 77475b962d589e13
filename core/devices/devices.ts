/**
 * Devices: whoever sends what it read by itself, over whichever door. A door hands over one message of the wire and gets the
 * exact answer back; who the device is, whether it may, storing, holding and quarantine are settled here.
 */
import type {
  Decoded,
  DeviceHealth,
  Outcome,
  PicturePull,
  Transport,
  WireMessage,
  WireReply,
} from '../plugins/define.ts';

/** `waiting` until an administrator approves it; `blocked` is refused. */
export type DeviceState = 'waiting' | 'approved' | 'blocked';

export interface DeviceCamera {
  /** What the device calls it; empty when the device is one camera. */
  readonly cameraRef: string;
  readonly cameraId: string;
  readonly name: string;
}

export interface Device {
  readonly deviceId: string;
  /** Device format plugin. */
  readonly format: string;
  /** The device's own id; empty when it has none. */
  readonly ref: string;
  readonly name: string;
  readonly state: DeviceState;
  /** Where it sent from last. */
  readonly address: string;
  readonly transport: Transport | null;
  /** A device with a token must send it; one that cannot is known by format, own id and address. */
  readonly hasToken: boolean;
  /** As stored; secrets are replaced by `true` when set. */
  readonly config: Readonly<Record<string, unknown>>;
  /** IANA zone of its clock where that names none; null: the site's. */
  readonly timeZone: string | null;
  readonly createdAt: Date;
  readonly lastSeenAt: Date | null;
  /** Last message that was stored. */
  readonly lastStoredAt: Date | null;
  /** Null for a device without a standing connection that never told its health. */
  readonly isOnline: boolean | null;
  readonly health: DeviceHealth | null;
  readonly cameras: readonly DeviceCamera[];
  readonly stored: number;
  /** Kept as they came: waiting for approval, or quarantined. */
  readonly held: { readonly waiting: number; readonly quarantined: number; readonly bytes: number };
  /** Median of receipt minus capture of recent messages told in time, ms; null when unknown. */
  readonly lagMs: number | null;
  /** Last trouble; null once a message came through again. */
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly at: Date;
    readonly heldId: string | null;
  } | null;
  /** An approved device with the same id sends from another address: approving this one moves it. */
  readonly movedFrom: string | null;
}

export type HeldReason = 'waiting' | 'quarantine';

export interface HeldMessage {
  readonly heldId: string;
  readonly deviceId: string;
  readonly format: string;
  readonly reason: HeldReason;
  readonly transport: Transport;
  /** Address path, topic or event name. */
  readonly path: string;
  readonly receivedAt: Date;
  readonly bytes: number;
  /** Why it could not be decoded; null while it only waits. */
  readonly error: { readonly code: string; readonly message: string; readonly field: string | null } | null;
}

/** A standing connection of a door. */
export interface DoorSession {
  readonly sessionId: string;
  readonly transport: Transport;
  readonly address: string;
  /** Ends the connection: another one of the same device has taken over, or the device was blocked. */
  close(reason: string): void;
}

export interface ReceiveOptions {
  /** Format plugin where the door knows it (by path, topic, event); null: the formats are asked whose marker it bears. */
  readonly format: string | null;
  /** What the device sent to prove who it is; null when it sent nothing. */
  readonly token: string | null;
  readonly session?: DoorSession;
}

export interface Received {
  readonly reply: WireReply;
  readonly outcome: Outcome;
  /** Null when nobody could be told from the message. */
  readonly deviceId: string | null;
}

export interface DeviceInput {
  readonly name: string;
  readonly format: string;
  readonly ref: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly timeZone: string | null;
}

export interface HeldQuery {
  readonly reason: HeldReason | null;
  readonly deviceId: string | null;
  readonly before: Date | null;
  readonly limit: number;
}

export interface Devices {
  /**
   * Takes one message; durable when it resolves with `stored` or `held`. Never throws for what was sent: the reply says it in
   * the device's own words.
   */
  receive(message: WireMessage, options: ReceiveOptions): Promise<Received>;
  /** What a sender is answered whose message could not be read for this reason: in its own words, where the door knows them. */
  turnAway(head: WireMessage, options: Pick<ReceiveOptions, 'format'>, error: unknown): WireReply;
  /** A standing connection ended. */
  sessionEnded(sessionId: string): void;
  /** Whose token this is; null when nobody's. For doors that ask before any message (a broker). */
  identify(token: string): Promise<{ readonly deviceId: string; readonly format: string; readonly ref: string } | null>;

  list(): Promise<readonly Device[]>;
  get(deviceId: string): Promise<Device | null>;
  /** Makes an approved device before it ever sent. @throws invalid_input, name_taken, protocol_unknown */
  create(input: DeviceInput): Promise<Device>;
  /** Secrets left out keep their value. @throws not_found, invalid_input, name_taken */
  update(deviceId: string, change: Partial<Omit<DeviceInput, 'format'>>): Promise<Device>;
  /** What it held is decoded and stored. @param cameraId an existing camera that its (first) camera is; null makes new ones */
  approve(
    deviceId: string,
    choice: { readonly name: string | null; readonly cameraId: string | null },
  ): Promise<Device>;
  /** Refused from now on; what it held is dropped, its cameras and detections stay. */
  block(deviceId: string): Promise<Device>;
  /** Forgets it; it may come back as a new waiting one. */
  remove(deviceId: string): Promise<void>;
  /** The token is shown once and stored as a hash; an older one ends. */
  makeToken(deviceId: string): Promise<{ readonly token: string }>;
  removeToken(deviceId: string): Promise<void>;

  held(query: HeldQuery): Promise<readonly HeldMessage[]>;
  /** The message as it came, for people: text shortened, pictures named. @throws not_found */
  heldContent(heldId: string): Promise<{ readonly message: WireMessage; readonly held: HeldMessage }>;
  /** Decodes again; what succeeds is stored and leaves the list. */
  replay(heldIds: readonly string[] | 'all'): Promise<{ readonly stored: number; readonly failed: number }>;
  discard(heldIds: readonly string[]): Promise<number>;
  /** What a message would become with these settings, and what would be answered; nothing is stored. @throws invalid_input naming the field */
  tryOut(input: {
    readonly format: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly timeZone: string | null;
    readonly message: WireMessage;
  }): Promise<{ readonly decoded: Decoded; readonly reply: WireReply }>;
  /** A picture that a device keeps for us, asked of the address set for it alone. @throws not_found, invalid_input, camera_… */
  pullPicture(deviceId: string, pull: PicturePull): Promise<Uint8Array>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
