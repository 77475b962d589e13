import { ForeignKeyConstraintError, UniqueConstraintError } from 'sequelize';
import type { CameraInput, Checkpoint, IngestKey } from '../../cameras/cameras.ts';
import type { CameraStore, FrameStats, StoredCamera } from '../../cameras/camera-store.ts';
import { LprError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { defineCameraModels, type CameraRow, type CheckpointRow } from '../models/camera-models.ts';

const toCamera = (row: CameraRow): StoredCamera => ({
  cameraId: row.cameraId,
  name: row.name,
  protocol: row.protocol,
  config: row.config,
  enabled: row.enabled,
  builtIn: row.builtIn,
  checkpointId: row.checkpointId,
  latitude: row.latitude,
  longitude: row.longitude,
  heading: row.heading,
  reading: row.reading,
  createdAt: row.createdAt,
});
const toCheckpoint = ({ checkpointId, name, latitude, longitude }: CheckpointRow): Checkpoint => ({
  checkpointId,
  name,
  latitude,
  longitude,
});

const KEY = `key_id as "keyId", camera_id as "cameraId", label, prefix, created_at as "createdAt",
  last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;

async function translated<T>(what: string, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof UniqueConstraintError) {
      const problems = [{ field: 'name', problem: 'is taken' }];
      throw new LprError('name_taken', `Another ${what} has this name: choose another.`, { problems });
    }
    if (error instanceof ForeignKeyConstraintError) {
      const problems = [{ field: 'checkpointId', problem: 'names no checkpoint' }];
      throw new LprError('invalid_input', 'There is no such checkpoint.', { problems });
    }
    throw error;
  }
}

export function createCameraStore({ sequelize, pool }: Database): CameraStore {
  const { cameras, checkpoints } = defineCameraModels(sequelize);
  const named = (change: Partial<CameraInput>): Partial<CameraInput> & { nameKey?: string } =>
    change.name === undefined ? change : { ...change, nameKey: change.name.toLowerCase() };
  const existing = async (cameraId: string): Promise<CameraRow> => {
    const row = await cameras.findOne({ where: { cameraId, removedAt: null } });
    if (row === null) throw new LprError('not_found', 'There is no such camera.');
    return row;
  };
  return {
    list: async () => (await cameras.findAll({ where: { removedAt: null }, order: [['name', 'ASC']] })).map(toCamera),
    async find(cameraId) {
      const row = await cameras.findOne({ where: { cameraId, removedAt: null } });
      return row === null ? null : toCamera(row);
    },
    add: async (camera) =>
      toCamera(await translated('camera', cameras.create({ ...camera, nameKey: camera.name.toLowerCase() }))),
    async change(cameraId, change) {
      const row = await existing(cameraId);
      return toCamera(await translated('camera', row.update(named(change))));
    },
    async remove(cameraId) {
      const row = await existing(cameraId);
      // The name is free again; the row keeps it for the detections that show it.
      await row.update({ removedAt: new Date(), enabled: false, nameKey: `removed:${cameraId}` });
      await pool.query('update ingest_keys set revoked_at = now() where camera_id = $1 and revoked_at is null', [
        cameraId,
      ]);
    },
    async frameStats(dayStart) {
      const { rows } = await pool.query<FrameStats>(
        `select c.camera_id as "cameraId", today.n as "framesToday", last.received_at as "lastFrameAt",
                case when last.image_id is null then null
                     else jsonb_build_object('imageId', last.image_id, 'width', last.width, 'height', last.height)
                end as "lastFrame"
           from cameras c
           cross join lateral (
             select count(*) as n from frames f where f.camera_id = c.camera_id and f.received_at >= $1) today
           left join lateral (
             select received_at, image_id, width, height from frames f
              where f.camera_id = c.camera_id order by received_at desc limit 1) last on true
          where c.removed_at is null`,
        [dayStart],
      );
      return rows;
    },
    async keys(cameraId) {
      const { rows } = await pool.query<IngestKey>(
        `select ${KEY} from ingest_keys where camera_id = $1 order by created_at desc`,
        [cameraId],
      );
      return rows;
    },
    async addKey({ keyId, cameraId, keyHash, prefix, label }) {
      const { rows } = await pool.query<IngestKey>(
        `insert into ingest_keys (key_id, camera_id, key_hash, prefix, label) values ($1, $2, $3, $4, $5) returning ${KEY}`,
        [keyId, cameraId, keyHash, prefix, label],
      );
      const [key] = rows;
      if (key === undefined) throw new LprError('internal', 'The ingest key was not stored.');
      return key;
    },
    async revokeKey(cameraId, keyId) {
      const { rowCount } = await pool.query(
        'update ingest_keys set revoked_at = coalesce(revoked_at, now()) where camera_id = $1 and key_id::text = $2',
        [cameraId, keyId],
      );
      return rowCount === 1;
    },
    async cameraOfKey(keyHash) {
      const { rows } = await pool.query<{ cameraId: string; enabled: boolean }>(
        `select c.camera_id as "cameraId", c.enabled from ingest_keys k join cameras c using (camera_id)
          where k.key_hash = $1 and k.revoked_at is null and c.removed_at is null`,
        [keyHash],
      );
      return rows[0] ?? null;
    },
    async keyUsed(keyHash, at) {
      await pool.query('update ingest_keys set last_used_at = $2 where key_hash = $1', [keyHash, at]);
    },
    checkpoints: async () => (await checkpoints.findAll({ order: [['name', 'ASC']] })).map(toCheckpoint),
    addCheckpoint: async (checkpoint) => toCheckpoint(await translated('checkpoint', checkpoints.create(checkpoint))),
  };
}
