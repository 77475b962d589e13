import type { Checkpoint, Zone, ZoneStore } from '../../cameras/zones.ts';
import { LprError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { nameTaken } from './name-taken.ts';

/** @throws name_taken, invalid_input */
async function translated<T>(what: string, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === '23503') {
      const problems = [{ field: 'cameras', problem: 'names a camera that is none' }];
      throw new LprError('invalid_input', 'There is no such camera.', { problems }, error);
    }
    throw nameTaken(what, error);
  }
}

export function createZoneStore(database: Database): ZoneStore {
  const { pool } = database;
  return {
    async zones() {
      const { rows } = await pool.query<Zone>(
        `select z.zone_id as "zoneId", z.name,
                coalesce(jsonb_agg(jsonb_build_object('cameraId', m.camera_id, 'role', m.role) order by c.name)
                         filter (where c.camera_id is not null), '[]') as cameras
           from zones z left join zone_cameras m using (zone_id)
           left join cameras c on c.camera_id = m.camera_id and c.removed_at is null
          group by z.zone_id order by z.name`,
      );
      return rows;
    },
    saveZone: ({ zoneId, name, cameras }) =>
      translated(
        'zone',
        database.transaction(async (client) => {
          await client.query(
            `insert into zones (zone_id, name, name_key) values ($1, $2, $3)
             on conflict (zone_id) do update set name = excluded.name, name_key = excluded.name_key`,
            [zoneId, name, name.toLowerCase()],
          );
          await client.query('delete from zone_cameras where zone_id = $1', [zoneId]);
          await client.query(
            `insert into zone_cameras (zone_id, camera_id, role)
             select $1, * from unnest($2::uuid[], $3::text[]) on conflict (zone_id, camera_id) do update set role = excluded.role`,
            [zoneId, cameras.map(({ cameraId }) => cameraId), cameras.map(({ role }) => role)],
          );
        }),
      ),
    async removeZone(zoneId) {
      const { rowCount } = await pool.query('delete from zones where zone_id = $1', [zoneId]);
      return rowCount === 1;
    },
    async checkpoints() {
      const { rows } = await pool.query<Checkpoint>(
        `select p.checkpoint_id as "checkpointId", p.name, p.latitude, p.longitude,
                array(select c.camera_id from cameras c
                       where c.checkpoint_id = p.checkpoint_id and c.removed_at is null
                       order by array_position(p.camera_order, c.camera_id) nulls last, c.name) as "cameraIds"
           from checkpoints p order by p.name`,
      );
      return rows;
    },
    async saveCheckpoint({ checkpointId, name, latitude, longitude, cameraIds }) {
      const write = pool.query(
        `insert into checkpoints (checkpoint_id, name, latitude, longitude, camera_order) values ($1, $2, $3, $4, $5)
         on conflict (checkpoint_id) do update
           set name = excluded.name, latitude = excluded.latitude, longitude = excluded.longitude,
               camera_order = excluded.camera_order`,
        [checkpointId, name, latitude, longitude, cameraIds],
      );
      await translated('checkpoint', write);
    },
    async removeCheckpoint(checkpointId) {
      // Cameras that were removed keep their row, and need not keep their place.
      return database.transaction(async (client) => {
        await client.query(
          'update cameras set checkpoint_id = null where checkpoint_id = $1 and removed_at is not null',
          [checkpointId],
        );
        const { rowCount } = await client.query('delete from checkpoints where checkpoint_id = $1', [checkpointId]);
        return rowCount === 1;
      });
    },
  };
}
