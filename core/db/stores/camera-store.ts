import { isDeepStrictEqual } from 'node:util';
import { ForeignKeyConstraintError, UniqueConstraintError, type Transaction } from 'sequelize';
import type { CameraInput, IngestKey } from '../../cameras/cameras.ts';
import type { CameraStore, FrameStats, StoredCamera, StoredVersion } from '../../cameras/camera-store.ts';
import { THE_HUB, type Author, type CameraContent, type VersionAction } from '../../cameras/camera-versions.ts';
import { LprError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { defineCameraModel, type CameraRow } from '../models/camera-models.ts';

const contentOf = (row: CameraRow): CameraContent => ({
  name: row.name,
  protocol: row.protocol,
  config: row.config,
  enabled: row.enabled,
  checkpointId: row.checkpointId,
  latitude: row.latitude,
  longitude: row.longitude,
  heading: row.heading,
  reading: row.reading,
  lanes: row.lanes,
  desired: row.desired,
});
const toCamera = (row: CameraRow): StoredCamera => ({
  ...contentOf(row),
  cameraId: row.cameraId,
  builtIn: row.builtIn,
  createdAt: row.createdAt,
});
const KEY = `key_id as "keyId", camera_id as "cameraId", label, prefix, created_at as "createdAt",
  last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;

async function translated<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof UniqueConstraintError) {
      const problems = [{ field: 'name', problem: 'is taken' }];
      throw new LprError('name_taken', 'Another camera has this name: choose another.', { problems });
    }
    if (error instanceof ForeignKeyConstraintError) {
      const problems = [{ field: 'checkpointId', problem: 'names no checkpoint' }];
      throw new LprError('invalid_input', 'There is no such checkpoint.', { problems });
    }
    throw error;
  }
}

export function createCameraStore({ sequelize, pool }: Database): CameraStore {
  const cameras = defineCameraModel(sequelize);
  const named = (change: Partial<CameraInput>): Partial<CameraInput> & { nameKey?: string } =>
    change.name === undefined ? change : { ...change, nameKey: change.name.toLowerCase() };
  const existing = async (cameraId: string, transaction: Transaction): Promise<CameraRow> => {
    const row = await cameras.findOne({ where: { cameraId, removedAt: null }, transaction, lock: true });
    if (row === null) throw new LprError('not_found', 'There is no such camera.');
    return row;
  };
  const addVersion = async (
    row: CameraRow,
    action: VersionAction,
    by: Author,
    transaction: Transaction,
  ): Promise<void> => {
    await sequelize.query(
      `insert into camera_versions (camera_id, version, changed_by, action, note, content)
       select $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5 from camera_versions where camera_id = $1`,
      { bind: [row.cameraId, by.userId, action, by.note ?? null, JSON.stringify(contentOf(row))], transaction },
    );
  };
  return {
    list: async () => (await cameras.findAll({ where: { removedAt: null }, order: [['name', 'ASC']] })).map(toCamera),
    async find(cameraId) {
      const row = await cameras.findOne({ where: { cameraId, removedAt: null } });
      return row === null ? null : toCamera(row);
    },
    add: (camera, by = THE_HUB) =>
      sequelize.transaction(async (transaction) => {
        const made = cameras.create({ ...camera, nameKey: camera.name.toLowerCase() }, { transaction });
        const row = await translated(made);
        await addVersion(row, 'created', by, transaction);
        return toCamera(row);
      }),
    change: (cameraId, change, action, by) =>
      sequelize.transaction(async (transaction) => {
        const row = await existing(cameraId, transaction);
        const before = contentOf(row);
        await translated(row.update(named(change), { transaction }));
        if (!isDeepStrictEqual(before, contentOf(row))) await addVersion(row, action, by, transaction);
        return toCamera(row);
      }),
    remove: (cameraId, by) =>
      sequelize.transaction(async (transaction) => {
        const row = await existing(cameraId, transaction);
        // The name is free again; the row keeps it for the detections that show it.
        await row.update({ removedAt: new Date(), enabled: false, nameKey: `removed:${cameraId}` }, { transaction });
        await addVersion(row, 'removed', by, transaction);
        await sequelize.query('update ingest_keys set revoked_at = now() where camera_id = $1 and revoked_at is null', {
          bind: [cameraId],
          transaction,
        });
      }),
    async versions(cameraId) {
      const { rows } = await pool.query<StoredVersion>(
        `select v.version_id as "versionId", v.version, v.at, u.name as by, v.action, v.note, v.content,
                lag(v.content) over (order by v.version) as before
           from camera_versions v left join users u on u.user_id = v.changed_by
          where v.camera_id = $1 order by v.version desc limit 500`,
        [cameraId],
      );
      return rows;
    },
    async versionContent(cameraId, versionId) {
      const { rows } = await pool.query<{ content: CameraContent }>(
        'select content from camera_versions where camera_id = $1 and version_id = $2',
        [cameraId, versionId],
      );
      return rows[0]?.content ?? null;
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
  };
}
