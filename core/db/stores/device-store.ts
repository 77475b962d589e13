import { LprError } from '../../errors.ts';
import type { DeviceChange, DeviceStore, HeldCounts, StoredDevice } from '../../devices/device-store.ts';
import type { HeldMessage } from '../../devices/devices.ts';
import type { Database } from '../database.ts';
import { columnsOf, placeholders } from '../unnest.ts';

const DEVICE = `d.device_id as "deviceId", d.format, d.ref, d.name, d.state, d.address, d.transport,
  encode(d.token_hash, 'hex') as "tokenHash", d.config, d.time_zone as "timeZone", d.created_at as "createdAt",
  d.last_seen_at as "lastSeenAt", d.last_stored_at as "lastStoredAt", d.stored, d.health, d.error,
  coalesce((select jsonb_object_agg(c.camera_ref, c.camera_id) from device_cameras c where c.device_id = d.device_id), '{}')
    as cameras`;
const HELD = `held_id as "heldId", device_id as "deviceId", format, reason, transport, path, received_at as "receivedAt",
  bytes, error`;

const CHANGEABLE = {
  ref: 'ref',
  name: 'name',
  state: 'state',
  address: 'address',
  tokenHash: 'token_hash',
  config: 'config',
  timeZone: 'time_zone',
} as const satisfies Record<keyof DeviceChange, string>;

const isTaken = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === '23505';

/** Instants inside JSON are texts. */
const revived = (device: StoredDevice): StoredDevice => ({
  ...device,
  health:
    device.health === null
      ? null
      : { ...device.health, clock: device.health.clock === null ? null : new Date(device.health.clock) },
  error: device.error === null ? null : { ...device.error, at: new Date(device.error.at) },
});

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

export function createDeviceStore({ pool }: Database): DeviceStore {
  const find = async (deviceId: string): Promise<StoredDevice | null> => {
    const { rows } = await pool.query<StoredDevice>(`select ${DEVICE} from devices d where device_id = $1`, [deviceId]);
    const [row] = rows;
    return row === undefined ? null : revived(row);
  };
  return {
    async findAt(format, ref, address) {
      const { rows } = await pool.query<StoredDevice>(
        `select ${DEVICE} from devices d where format = $1 and ref = $2 and address = $3 and token_hash is null`,
        [format, ref, address],
      );
      const [row] = rows;
      return row === undefined ? null : revived(row);
    },
    async list() {
      const { rows } = await pool.query<StoredDevice>(`select ${DEVICE} from devices d order by created_at`);
      return rows.map(revived);
    },
    async add(device) {
      const { rowCount } = await pool.query(
        `insert into devices (device_id, format, ref, name, state, address, transport, token_hash, config, time_zone,
                              created_at, last_seen_at)
         values ($1, $2, $3, $4, $5, $6, $7, decode($8, 'hex'), $9, $10, $11, $12) on conflict do nothing`,
        [
          device.deviceId,
          device.format,
          device.ref,
          device.name,
          device.state,
          device.address,
          device.transport,
          device.tokenHash,
          JSON.stringify(device.config),
          device.timeZone,
          device.createdAt,
          device.lastSeenAt,
        ],
      );
      return rowCount === 0 ? null : find(device.deviceId);
    },
    async change(deviceId, change) {
      const values: unknown[] = [deviceId];
      const sets = (Object.keys(change) as (keyof DeviceChange)[]).map((key) => {
        values.push(key === 'config' ? JSON.stringify(change.config) : change[key]);
        return `${CHANGEABLE[key]} = ${key === 'tokenHash' ? `decode($${values.length}, 'hex')` : `$${values.length}`}`;
      });
      try {
        if (sets.length > 0) await pool.query(`update devices set ${sets.join(', ')} where device_id = $1`, values);
      } catch (error) {
        if (!isTaken(error)) throw error;
        throw new LprError('conflict', 'Another device is known by the same format, id and address: remove it first.');
      }
      const device = await find(deviceId);
      if (device === null) throw new LprError('not_found', 'There is no such device.');
      return device;
    },
    async remove(deviceId) {
      return (await pool.query('delete from devices where device_id = $1', [deviceId])).rowCount === 1;
    },
    async addCamera(deviceId, cameraRef, cameraId) {
      await pool.query(
        `insert into device_cameras (device_id, camera_ref, camera_id) values ($1, $2, $3)
         on conflict (device_id, camera_ref) do update set camera_id = excluded.camera_id`,
        [deviceId, cameraRef, cameraId],
      );
    },
    async sightings(all) {
      const types = ['uuid', 'text', 'text', 'timestamptz', 'timestamptz', 'bigint', 'jsonb', 'jsonb'];
      await pool.query(
        `update devices set address = s.address, transport = s.transport, last_seen_at = s.seen_at,
                last_stored_at = coalesce(s.stored_at, last_stored_at), stored = devices.stored + s.n,
                health = coalesce(s.health, devices.health), error = s.error
           from unnest(${placeholders(types)}) as s (id, address, transport, seen_at, stored_at, n, health, error)
          where device_id = s.id`,
        columnsOf(
          all.map((s) => [
            s.deviceId,
            s.address,
            s.transport,
            s.lastSeenAt,
            s.lastStoredAt,
            s.stored,
            json(s.health),
            json(s.error),
          ]),
          types.length,
        ),
      );
    },
    async hold(messages) {
      const types = [
        'uuid',
        'uuid',
        'text',
        'text',
        'text',
        'text',
        'timestamptz',
        'bigint',
        'jsonb',
        'bytea',
        'jsonb',
      ];
      await pool.query(
        `insert into held_messages (held_id, device_id, format, reason, transport, path, received_at, bytes, envelope, body, error)
         select * from unnest(${placeholders(types)})`,
        columnsOf(
          messages.map(({ packed, ...held }) => [
            held.heldId,
            held.deviceId,
            held.format,
            held.reason,
            held.transport,
            held.path,
            held.receivedAt,
            held.bytes,
            JSON.stringify(packed.envelope),
            packed.body,
            json(held.error),
          ]),
          types.length,
        ),
      );
    },
    async heldCounts() {
      const { rows } = await pool.query<HeldCounts>(
        `select device_id as "deviceId", count(*) filter (where reason = 'waiting') as waiting,
                count(*) filter (where reason = 'quarantine') as quarantined, sum(bytes)::bigint as bytes,
                min(received_at) filter (where reason = 'waiting') as "oldestWaitingAt"
           from held_messages group by device_id`,
      );
      return rows;
    },
    async held({ reason, deviceId, before, limit }) {
      const { rows } = await pool.query<HeldMessage>(
        `select ${HELD} from held_messages
          where ($1::text is null or reason = $1) and ($2::uuid is null or device_id = $2)
            and ($3::timestamptz is null or received_at < $3)
          order by received_at desc, held_id desc limit $4`,
        [reason, deviceId, before, limit],
      );
      return rows;
    },
    async heldMessage(heldId) {
      const { rows } = await pool.query<HeldMessage & { envelope: Record<string, unknown>; body: Buffer }>(
        `select ${HELD}, envelope, body from held_messages where held_id = $1`,
        [heldId],
      );
      const [row] = rows;
      if (row === undefined) return null;
      const { envelope, body, ...held } = row;
      return { held, packed: { envelope, body } };
    },
    async heldIds({ deviceId, reason, after, limit }) {
      const { rows } = await pool.query<{ heldId: string }>(
        `select held_id as "heldId" from held_messages
          where ($1::uuid is null or device_id = $1) and ($2::text is null or reason = $2)
            and ($3::uuid is null or held_id > $3)
          order by held_id limit $4`,
        [deviceId, reason, after, limit],
      );
      return rows.map((row) => row.heldId);
    },
    async setHeldError(heldId, reason, error) {
      await pool.query('update held_messages set reason = $2, error = $3 where held_id = $1', [
        heldId,
        reason,
        json(error),
      ]);
    },
    async dropHeld(heldIds) {
      return (await pool.query('delete from held_messages where held_id = any($1::uuid[])', [heldIds])).rowCount ?? 0;
    },
    async moveHeld(deviceId, to) {
      await pool.query('update held_messages set device_id = $2 where device_id = $1', [deviceId, to]);
    },
    async dropHeldOf(deviceId) {
      return (await pool.query('delete from held_messages where device_id = $1', [deviceId])).rowCount ?? 0;
    },
  };
}
