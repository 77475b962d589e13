/** What devices need of a database. */
import type { DeviceHealth, Transport } from '../plugins/define.ts';
import type { Device, DeviceState, HeldMessage, HeldQuery, HeldReason } from './devices.ts';
import type { PackedMessage } from './packed-message.ts';

/** As it lies there: `config` with sealed secrets. */
export interface StoredDevice {
  readonly deviceId: string;
  readonly format: string;
  readonly ref: string;
  readonly name: string;
  readonly state: DeviceState;
  readonly address: string;
  readonly transport: Transport | null;
  readonly tokenHash: string | null;
  readonly config: Readonly<Record<string, unknown>>;
  readonly timeZone: string | null;
  readonly createdAt: Date;
  readonly lastSeenAt: Date | null;
  readonly lastStoredAt: Date | null;
  readonly stored: number;
  readonly health: DeviceHealth | null;
  readonly error: Device['error'];
  /** Camera ids by the device's own names of them. */
  readonly cameras: Readonly<Record<string, string>>;
}

/** What is written down now and then, for many at once. */
export interface Sighting {
  readonly deviceId: string;
  readonly address: string;
  readonly transport: Transport;
  readonly lastSeenAt: Date;
  readonly lastStoredAt: Date | null;
  /** Since the last sighting. */
  readonly stored: number;
  readonly health: DeviceHealth | null;
  readonly error: Device['error'];
}

export type DeviceChange = Partial<
  Pick<StoredDevice, 'ref' | 'name' | 'state' | 'address' | 'tokenHash' | 'config' | 'timeZone'>
>;

export interface HeldCounts {
  readonly deviceId: string;
  readonly waiting: number;
  readonly quarantined: number;
  readonly bytes: number;
  readonly oldestWaitingAt: Date | null;
}

export interface DeviceStore {
  list(): Promise<readonly StoredDevice[]>;
  /** The one without a token that is known so. */
  findAt(format: string, ref: string, address: string): Promise<StoredDevice | null>;
  /** Null when another with the same format, id and address was made meanwhile. */
  add(
    device: Omit<StoredDevice, 'cameras' | 'lastStoredAt' | 'stored' | 'health' | 'error'>,
  ): Promise<StoredDevice | null>;
  /** @throws not_found; conflict when another device is known by the same format, id and address */
  change(deviceId: string, change: DeviceChange): Promise<StoredDevice>;
  remove(deviceId: string): Promise<boolean>;
  addCamera(deviceId: string, cameraRef: string, cameraId: string): Promise<void>;
  sightings(all: readonly Sighting[]): Promise<void>;
  /** Durable when it resolves. */
  hold(messages: readonly (HeldMessage & { readonly packed: PackedMessage })[]): Promise<void>;
  heldCounts(): Promise<readonly HeldCounts[]>;
  held(query: HeldQuery): Promise<readonly HeldMessage[]>;
  heldMessage(heldId: string): Promise<{ readonly held: HeldMessage; readonly packed: PackedMessage } | null>;
  /** Oldest first. @param after the last one looked at */
  heldIds(filter: {
    readonly deviceId: string | null;
    readonly reason: HeldReason | null;
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly string[]>;
  setHeldError(heldId: string, reason: HeldReason, error: HeldMessage['error']): Promise<void>;
  dropHeld(heldIds: readonly string[]): Promise<number>;
  /** To the device that takes another's place. */
  moveHeld(deviceId: string, to: string): Promise<void>;
  dropHeldOf(deviceId: string): Promise<number>;
}
