/** Maintenance windows: while one is open its cameras are not judged, and their hours are marked. */
import { randomUUID } from 'node:crypto';
import { validate as isUuid } from 'uuid';
import { LprError } from '../errors.ts';
import type { Author } from './camera-versions.ts';
import type { Zone } from './zones.ts';

export interface MaintenanceWindow {
  readonly windowId: string;
  /** Of this camera or of this zone; the other is null. */
  readonly cameraId: string | null;
  readonly zoneId: string | null;
  readonly from: Date;
  readonly to: Date;
  readonly reason: string;
  /** Null: the hub itself. */
  readonly by: string | null;
  readonly createdAt: Date;
}
export type MaintenanceInput = Pick<MaintenanceWindow, 'cameraId' | 'zoneId' | 'from' | 'to' | 'reason'>;

export interface Maintenance {
  /** Those that end after `since`, newest first. */
  maintenance(since: Date): Promise<readonly MaintenanceWindow[]>;
  /** @throws invalid_input */
  addMaintenance(input: MaintenanceInput, by: Author): Promise<MaintenanceWindow>;
  /** Ends it now; one that has not begun is taken back. @throws not_found, conflict when it is over */
  endMaintenance(windowId: string): Promise<void>;
}

export interface MaintenanceStore {
  since(since: Date): Promise<readonly MaintenanceWindow[]>;
  /** Marks the hours that have passed, too. @throws invalid_input when the camera or zone is unknown */
  add(window: MaintenanceInput & { readonly windowId: string; readonly userId: string | null }): Promise<void>;
  end(windowId: string, at: Date): Promise<void>;
  remove(windowId: string): Promise<void>;
}

/** What the watch asks with every judgement, so from memory. */
export interface MaintenanceBook extends Maintenance {
  /** The window that is open for this camera and ends last. */
  openFor(cameraId: string, at: Date): MaintenanceWindow | null;
  /** After a change of zones, and now and then. */
  reload(): Promise<void>;
}

const LONGEST_MS = 92 * 86_400_000;

const fault = (field: string, problem: string): LprError =>
  new LprError('invalid_input', `${field} ${problem}.`, { problems: [{ field, problem }] });

export function createMaintenance(
  store: MaintenanceStore,
  zones: () => Promise<readonly Zone[]>,
  now: () => Date,
  onChange: () => void,
): MaintenanceBook {
  let windows: readonly MaintenanceWindow[] = [];
  let zonesOf = new Map<string, ReadonlySet<string>>();

  const reload = async (): Promise<void> => {
    const [known, groups] = await Promise.all([store.since(now()), zones()]);
    windows = known;
    zonesOf = new Map(groups.map(({ zoneId, cameras }) => [zoneId, new Set(cameras.map(({ cameraId }) => cameraId))]));
  };
  const changed = async (): Promise<void> => {
    await reload();
    onChange();
  };

  return {
    reload,
    openFor(cameraId, at) {
      const open = windows.filter(
        (one) =>
          one.from <= at &&
          one.to > at &&
          (one.cameraId === cameraId || (one.zoneId !== null && zonesOf.get(one.zoneId)?.has(cameraId) === true)),
      );
      return open.reduce<MaintenanceWindow | null>(
        (last, one) => (last === null || one.to > last.to ? one : last),
        null,
      );
    },
    maintenance: (since) => store.since(since),
    async addMaintenance(input, by) {
      const { cameraId, zoneId, from, to } = input;
      if ((cameraId === null) === (zoneId === null)) throw fault('cameraId', 'or zoneId must be given, one of them');
      if (to <= from) throw fault('to', 'must be after from');
      if (to.getTime() - from.getTime() > LONGEST_MS) throw fault('to', 'must be at most 92 days after from');
      const windowId = randomUUID();
      await store.add({ ...input, windowId, userId: by.userId });
      await changed();
      const made = (await store.since(new Date(to.getTime() - 1))).find((one) => one.windowId === windowId);
      if (made === undefined) throw new LprError('internal', 'The maintenance window was not stored.');
      return made;
    },
    async endMaintenance(windowId) {
      const all = isUuid(windowId) ? await store.since(new Date(0)) : [];
      const one = all.find((window) => window.windowId === windowId);
      if (one === undefined) throw new LprError('not_found', 'There is no such maintenance window.');
      const at = now();
      if (one.to <= at) throw new LprError('conflict', 'This maintenance is over already.');
      if (one.from >= at) await store.remove(windowId);
      else await store.end(windowId, at);
      await changed();
    },
  };
}
