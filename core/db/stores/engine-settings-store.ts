import type { EngineSettingsStore, StoredEngineSettings } from '../../recognition/engine-settings.ts';
import type { Database } from '../database.ts';

export function createEngineSettingsStore(database: Database): EngineSettingsStore {
  const { pool } = database;
  return {
    async list() {
      const { rows } = await pool.query<StoredEngineSettings>(
        'select engine_id as "engineId", config, is_default as "isDefault" from engine_settings order by engine_id',
      );
      return rows;
    },
    async saveConfig(engineId, config) {
      await pool.query(
        `insert into engine_settings (engine_id, config) values ($1, $2)
         on conflict (engine_id) do update set config = excluded.config, changed_at = now()`,
        [engineId, config],
      );
    },
    makeDefault: (engineId) =>
      database.transaction(async (client) => {
        await client.query('update engine_settings set is_default = false where is_default');
        await client.query(
          `insert into engine_settings (engine_id, is_default) values ($1, true)
           on conflict (engine_id) do update set is_default = true, changed_at = now()`,
          [engineId],
        );
      }),
  };
}
