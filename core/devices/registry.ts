/** The devices in memory: every message asks who sent it. What changes with each message is written down now and then. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createBatcher } from '../batcher.ts';
import { errorMessage, LprError } from '../errors.ts';
import type { DeviceHealth, Log, Transport } from '../plugins/define.ts';
import type { DeviceChange, DeviceStore, HeldCounts, Sighting, StoredDevice } from './device-store.ts';
import type { Device } from './devices.ts';

const FLUSH_MS = 2_000;
const LAGS_KEPT = 50;
const MOST_FACTS = 60;

/** A device with what is known of it right now. */
export interface Known {
  stored: StoredDevice;
  /** Not written down yet. */
  unwritten: { stored: number; lastStoredAt: Date | null; isChanged: boolean };
  lags: number[];
  held: Omit<HeldCounts, 'deviceId'>;
  isOnline: boolean | null;
}

const NOTHING_HELD: Known['held'] = { waiting: 0, quarantined: 0, bytes: 0, oldestWaitingAt: null };
const TOKEN = /^lpd_[\w-]{43}$/;

export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');
export const newToken = (): string => `lpd_${randomBytes(32).toString('base64url')}`;

const known = (stored: StoredDevice, held = NOTHING_HELD): Known => ({
  stored,
  unwritten: { stored: 0, lastStoredAt: null, isChanged: false },
  lags: [],
  held: { ...held },
  isOnline: stored.health?.isOnline ?? null,
});

const median = (values: readonly number[]): number | null => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
};

export type Registry = ReturnType<typeof createRegistry>;

export function createRegistry({ store, log }: { readonly store: DeviceStore; readonly log: Log }) {
  const byId = new Map<string, Known>();
  const byToken = new Map<string, Known>();
  /** Of devices without a token. */
  const byPlace = new Map<string, Known>();
  const placeKey = (format: string, ref: string, address: string): string => JSON.stringify([format, ref, address]);
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> = Promise.resolve();

  const unlist = ({ stored }: Known): void => {
    if (stored.tokenHash === null) byPlace.delete(placeKey(stored.format, stored.ref, stored.address));
    else byToken.delete(stored.tokenHash);
  };
  const enlist = (one: Known): void => {
    const { deviceId, format, ref, address, tokenHash } = one.stored;
    byId.set(deviceId, one);
    if (tokenHash === null) byPlace.set(placeKey(format, ref, address), one);
    else byToken.set(tokenHash, one);
  };
  const existing = (deviceId: string): Known => {
    const one = byId.get(deviceId);
    if (one === undefined) throw new LprError('not_found', 'There is no such device.');
    return one;
  };

  /** An approved one that calls itself the same and sends from elsewhere. */
  const namesake = (format: string, ref: string, but: string): Known | null => {
    const isIt = ({ stored }: Known): boolean =>
      stored.format === format && stored.ref === ref && stored.deviceId !== but && stored.state === 'approved';
    return ref === '' ? null : ([...byId.values()].find(isIt) ?? null);
  };

  const recount = async (): Promise<void> => {
    const counts = new Map((await store.heldCounts()).map((one) => [one.deviceId, one]));
    for (const one of byId.values()) one.held = { ...(counts.get(one.stored.deviceId) ?? NOTHING_HELD) };
  };

  const flush = async (): Promise<void> => {
    const changed = [...byId.values()].filter(({ unwritten }) => unwritten.isChanged);
    if (changed.length === 0) return;
    const taken = changed.map((one) => {
      const { stored, unwritten } = one;
      one.unwritten = { stored: 0, lastStoredAt: null, isChanged: false };
      return { one, unwritten, sighting: { ...stored, ...unwritten, lastSeenAt: stored.lastSeenAt ?? new Date() } };
    });
    try {
      await store.sightings(
        taken.map(({ sighting }): Sighting => ({
          deviceId: sighting.deviceId,
          address: sighting.address,
          transport: sighting.transport ?? 'http',
          lastSeenAt: sighting.lastSeenAt,
          lastStoredAt: sighting.lastStoredAt,
          stored: sighting.stored,
          health: sighting.health,
          error: sighting.error,
        })),
      );
      for (const { one, unwritten } of taken) {
        one.stored = { ...one.stored, stored: one.stored.stored + unwritten.stored };
      }
    } catch (error) {
      for (const { one, unwritten } of taken) {
        one.unwritten.stored += unwritten.stored;
        one.unwritten.lastStoredAt ??= unwritten.lastStoredAt;
        one.unwritten.isChanged = true;
      }
      log.warn({ err: errorMessage(error) }, 'when devices were seen could not be written down; trying again');
    }
  };

  const making = createBatcher(
    async (devices: readonly Parameters<DeviceStore['add']>[0][]) => {
      const made: (StoredDevice | null)[] = [];
      for (const device of devices) made.push(await store.add(device));
      return made;
    },
    { most: 50 },
  );

  return {
    all: (): readonly Known[] => [...byId.values()],
    get: (deviceId: string): Known | null => byId.get(deviceId) ?? null,
    existing,
    withToken: (token: string): Known | null => (TOKEN.test(token) ? (byToken.get(hashToken(token)) ?? null) : null),
    at: (format: string, ref: string, address: string): Known | null =>
      byPlace.get(placeKey(format, ref, address)) ?? null,
    /** The one device without a token that sends this format from there; null when there is none, or there are several. */
    soleAt(format: string, address: string): Known | null {
      const there = [...byPlace.values()].filter(
        ({ stored }) => stored.format === format && stored.address === address,
      );
      return there.length === 1 ? (there[0] ?? null) : null;
    },
    namesake,

    async add(
      device: Pick<StoredDevice, 'format' | 'ref' | 'name' | 'state' | 'address'> & Partial<StoredDevice>,
    ): Promise<Known> {
      const { format, ref, address } = device;
      const made = await making.add({
        deviceId: randomUUID(),
        transport: null,
        tokenHash: null,
        config: {},
        timeZone: null,
        createdAt: new Date(),
        lastSeenAt: null,
        ...device,
      });
      if (made === null) {
        const twin = byPlace.get(placeKey(format, ref, address));
        if (twin !== undefined) return twin;
        // Another hub on this database met it first.
        const other = await store.findAt(format, ref, address);
        if (other !== null && device.tokenHash === undefined) {
          const one = byId.get(other.deviceId) ?? known(other);
          enlist(one);
          return one;
        }
        throw new LprError('conflict', 'Another device is known by the same format, id and address.');
      }
      const one = known(made);
      enlist(one);
      return one;
    },
    async change(deviceId: string, change: DeviceChange): Promise<Known> {
      const one = existing(deviceId);
      const stored = await store.change(deviceId, change);
      unlist(one);
      // Sightings of this moment are newer than the row.
      const { lastSeenAt, lastStoredAt, health, error, transport, stored: count } = one.stored;
      one.stored = { ...stored, lastSeenAt, lastStoredAt, health, error, transport, stored: count };
      enlist(one);
      return one;
    },
    async remove(deviceId: string): Promise<void> {
      const one = existing(deviceId);
      await store.remove(deviceId);
      unlist(one);
      byId.delete(deviceId);
    },
    async addCamera(one: Known, cameraRef: string, cameraId: string): Promise<void> {
      await store.addCamera(one.stored.deviceId, cameraRef, cameraId);
      one.stored = { ...one.stored, cameras: { ...one.stored.cameras, [cameraRef]: cameraId } };
    },

    seen(one: Known, by: { readonly address: string; readonly transport: Transport; readonly at: Date }): void {
      // The address is what a device without a token is known by: it changes with an approval only.
      const address = one.stored.tokenHash === null ? one.stored.address : by.address;
      one.stored = { ...one.stored, address, transport: by.transport, lastSeenAt: by.at };
      one.unwritten.isChanged = true;
    },
    storedOne(one: Known, at: Date, events: number, lagMs: number | null): void {
      one.stored = { ...one.stored, lastStoredAt: at, error: null };
      one.unwritten.stored += events;
      one.unwritten.lastStoredAt = at;
      one.unwritten.isChanged = true;
      if (lagMs !== null) one.lags = [...one.lags.slice(1 - LAGS_KEPT), lagMs];
    },
    failed(one: Known, error: NonNullable<Device['error']>): void {
      one.stored = { ...one.stored, error };
      one.unwritten.isChanged = true;
    },
    told(one: Known, health: DeviceHealth): void {
      // Devices tell piece by piece: what this message does not speak of stands.
      const before = one.stored.health;
      const facts = Object.fromEntries(Object.entries({ ...before?.facts, ...health.facts }).slice(-MOST_FACTS));
      const camerasDown = health.camerasDown ?? before?.camerasDown ?? null;
      one.stored = {
        ...one.stored,
        health: { ...health, facts, camerasDown, clock: health.clock ?? before?.clock ?? null },
      };
      one.isOnline = health.isOnline;
      one.unwritten.isChanged = true;
    },

    shown(one: Known, cameraNames: ReadonlyMap<string, string>, config: Device['config']): Device {
      const { tokenHash, cameras, ...stored } = one.stored;
      const { waiting, quarantined, bytes } = one.held;
      return {
        ...stored,
        config,
        hasToken: tokenHash !== null,
        stored: stored.stored + one.unwritten.stored,
        isOnline: one.isOnline,
        cameras: Object.entries(cameras).map(([cameraRef, cameraId]) => ({
          cameraRef,
          cameraId,
          name: cameraNames.get(cameraId) ?? '',
        })),
        held: { waiting, quarantined, bytes },
        lagMs: median(one.lags),
        movedFrom:
          stored.state === 'waiting'
            ? (namesake(stored.format, stored.ref, stored.deviceId)?.stored.deviceId ?? null)
            : null,
      };
    },

    recount,
    async start(): Promise<void> {
      for (const device of await store.list()) enlist(known(device));
      await recount();
      timer = setInterval(() => {
        flushing = flushing.then(flush);
      }, FLUSH_MS);
      timer.unref();
    },
    async stop(): Promise<void> {
      clearInterval(timer);
      await flushing;
      await flush();
    },
  };
}
