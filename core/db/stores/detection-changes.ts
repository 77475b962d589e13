/** The outbox of changed detections: what follows from a change is done at least once, whatever happens in between. */
import type { PoolClient } from 'pg';
import type { ChangeCause, DetectionChange, DetectionChanges } from '../../detections/detection-changes.ts';
import type { Database } from '../database.ts';
import { QUEUE_NOTED } from './connector-queue.ts';
import { COLUMNS, toSummary, type DetectionRow } from './detection-rows.ts';

/** In the transaction of the change. */
export async function noteChanges(client: PoolClient, ids: readonly string[], cause: ChangeCause): Promise<void> {
  if (ids.length === 0) return;
  await client.query(
    `with noted as (
       insert into detection_changes (detection_id, cause) select unnest($1::uuid[]), $2 returning detection_id)
     ${QUEUE_NOTED}`,
    [ids, cause],
  );
}

export function createDetectionChanges({ pool }: Database): DetectionChanges {
  return {
    async pending(limit, after) {
      const { rows } = await pool.query<
        DetectionRow & { changeId: number; cause: ChangeCause; changedId: string; isGone: boolean }
      >(
        `select p.change_id as "changeId", p.cause, p.detection_id as "changedId", d.detection_id is null as "isGone", ${COLUMNS}
           from (select * from detection_changes where change_id > $2 order by change_id limit $1) p
           left join detection_keys k on k.detection_id = p.detection_id
           left join detections d on d.captured_at = k.captured_at and d.detection_id = k.detection_id
           left join cameras c on c.camera_id = d.camera_id order by p.change_id`,
        [limit, after],
      );
      return rows.map(({ changeId, cause, changedId, isGone, ...row }): DetectionChange => ({
        ...{ changeId, cause, detectionId: changedId, summary: isGone ? null : toSummary(row) },
        read: !isGone && row.bestRead.plateNumber === row.plateNumber ? row.bestRead : null,
      }));
    },
    async done(changeIds) {
      await pool.query('delete from detection_changes where change_id = any($1::bigint[])', [changeIds]);
    },
  };
}
