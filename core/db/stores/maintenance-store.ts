import type { MaintenanceStore, MaintenanceWindow } from '../../cameras/maintenance.ts';
import { LprError } from '../../errors.ts';
import type { Database } from '../database.ts';

export function createMaintenanceStore(database: Database): MaintenanceStore {
  const { pool } = database;
  return {
    async since(since) {
      const { rows } = await pool.query<MaintenanceWindow>(
        `select m.window_id as "windowId", m.camera_id as "cameraId", m.zone_id as "zoneId", m.begins_at as "from",
                m.ends_at as "to", m.reason, u.name as by, m.created_at as "createdAt"
           from camera_maintenance m left join users u on u.user_id = m.created_by
          where m.ends_at > $1 order by m.begins_at desc`,
        [since],
      );
      return rows;
    },
    async add({ windowId, cameraId, zoneId, from, to, reason, userId }) {
      try {
        await database.transaction(async (client) => {
          await client.query(
            `insert into camera_maintenance (window_id, camera_id, zone_id, begins_at, ends_at, reason, created_by)
             values ($1, $2, $3, $4, $5, $6, $7)`,
            [windowId, cameraId, zoneId, from, to, reason, userId],
          );
          await client.query(
            `update camera_hours set maintenance = true
              where hour > $3::timestamptz - interval '1 hour' and hour < $4
                and (camera_id = $1 or camera_id in (select camera_id from zone_cameras where zone_id = $2))`,
            [cameraId, zoneId, from, to],
          );
        });
      } catch (error) {
        if ((error as { code?: unknown }).code !== '23503') throw error;
        const field = cameraId === null ? 'zoneId' : 'cameraId';
        const problems = [{ field, problem: 'names none that is there' }];
        throw new LprError('invalid_input', 'There is no such camera or zone.', { problems }, error);
      }
    },
    async end(windowId, at) {
      await pool.query('update camera_maintenance set ends_at = $2 where window_id = $1', [windowId, at]);
    },
    async remove(windowId) {
      await pool.query('delete from camera_maintenance where window_id = $1', [windowId]);
    },
  };
}
