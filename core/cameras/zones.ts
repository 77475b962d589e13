/**
 * Zones and checkpoints. A zone is a named group of cameras; where it matters how vehicles come and go (a car park, a town)
 * its cameras have roles, so that groups and zones are one thing. A checkpoint is a place with cameras in their order.
 */
import { randomUUID } from 'node:crypto';
import { validate as isUuid } from 'uuid';
import { LprError } from '../errors.ts';

export const ZONE_ROLES = ['in', 'out', 'inside'] as const;
export type ZoneRole = (typeof ZONE_ROLES)[number];

export interface ZoneCamera {
  readonly cameraId: string;
  /** Vehicles seen there come in, go out, or are just inside. */
  readonly role: ZoneRole;
}
export interface Zone {
  readonly zoneId: string;
  readonly name: string;
  readonly cameras: readonly ZoneCamera[];
}
export type ZoneInput = Omit<Zone, 'zoneId'>;

export interface Checkpoint {
  readonly checkpointId: string;
  readonly name: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** In the order in which vehicles pass them. */
  readonly cameraIds: readonly string[];
}
export type CheckpointInput = Omit<Checkpoint, 'checkpointId' | 'cameraIds'>;

export interface Zones {
  zones(): Promise<readonly Zone[]>;
  /** @throws name_taken, invalid_input when a camera is unknown */
  createZone(input: ZoneInput): Promise<Zone>;
  /** @throws not_found, name_taken, invalid_input */
  updateZone(zoneId: string, change: Partial<ZoneInput>): Promise<Zone>;
  /** Its cameras stay. @throws not_found */
  removeZone(zoneId: string): Promise<void>;
  checkpoints(): Promise<readonly Checkpoint[]>;
  /** @throws name_taken */
  createCheckpoint(input: CheckpointInput): Promise<Checkpoint>;
  /** `cameraIds` orders those that are there; it moves none. @throws not_found, name_taken */
  updateCheckpoint(checkpointId: string, change: Partial<Omit<Checkpoint, 'checkpointId'>>): Promise<Checkpoint>;
  /** @throws not_found, conflict while a camera stands there */
  removeCheckpoint(checkpointId: string): Promise<void>;
}

/** What zones and checkpoints need of a database. */
export interface ZoneStore {
  zones(): Promise<readonly Zone[]>;
  /** Adds it, or makes it so. @throws name_taken, invalid_input */
  saveZone(zone: Zone): Promise<void>;
  /** False when there is none. */
  removeZone(zoneId: string): Promise<boolean>;
  checkpoints(): Promise<readonly Checkpoint[]>;
  /** Adds it, or makes it so. @throws name_taken */
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>;
  removeCheckpoint(checkpointId: string): Promise<boolean>;
}

/** @param onChange told after they were changed */
export function createZones(store: ZoneStore, onChange: (what: 'zones' | 'checkpoints') => Promise<void>): Zones {
  const zone = async (zoneId: string): Promise<Zone> => {
    const found = isUuid(zoneId) ? (await store.zones()).find((one) => one.zoneId === zoneId) : undefined;
    if (found === undefined) throw new LprError('not_found', 'There is no such zone.');
    return found;
  };
  const checkpoint = async (checkpointId: string): Promise<Checkpoint> => {
    const all = isUuid(checkpointId) ? await store.checkpoints() : [];
    const found = all.find((one) => one.checkpointId === checkpointId);
    if (found === undefined) throw new LprError('not_found', 'There is no such checkpoint.');
    return found;
  };
  const save = async (one: Zone): Promise<Zone> => {
    await store.saveZone(one);
    await onChange('zones');
    return zone(one.zoneId);
  };
  return {
    zones: () => store.zones(),
    createZone: (input) => save({ ...input, zoneId: randomUUID() }),
    updateZone: async (zoneId, change) => save({ ...(await zone(zoneId)), ...change }),
    async removeZone(zoneId) {
      await zone(zoneId);
      await store.removeZone(zoneId);
      await onChange('zones');
    },
    checkpoints: () => store.checkpoints(),
    async createCheckpoint(input) {
      const made = { ...input, checkpointId: randomUUID(), cameraIds: [] };
      await store.saveCheckpoint(made);
      await onChange('checkpoints');
      return made;
    },
    async updateCheckpoint(checkpointId, change) {
      await store.saveCheckpoint({ ...(await checkpoint(checkpointId)), ...change });
      await onChange('checkpoints');
      return checkpoint(checkpointId);
    },
    async removeCheckpoint(checkpointId) {
      const { cameraIds } = await checkpoint(checkpointId);
      if (cameraIds.length > 0) {
        throw new LprError('conflict', 'Cameras stand at this checkpoint: give them another one first.');
      }
      await store.removeCheckpoint(checkpointId);
      await onChange('checkpoints');
    },
  };
}
