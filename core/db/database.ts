/** The connection that stores share: a `pg` pool for batches and hot paths, Sequelize for models. */
import type pg from 'pg';
import type { Sequelize } from 'sequelize';

export interface Database {
  readonly pool: pg.Pool;
  readonly sequelize: Sequelize;
  /** Runs in one transaction on one connection; rolls back on a throw. @throws database_unavailable */
  transaction<T>(run: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /** Resolves when the server answers. @throws database_unavailable */
  ping(): Promise<void>;
  close(): Promise<void>;
}
