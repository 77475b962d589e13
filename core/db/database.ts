/** The connection that stores share: a `pg` pool for batches and hot paths, Sequelize for models. */
import pg from 'pg';
import { Sequelize } from 'sequelize';
import { errorMessage, LprError } from '../errors.ts';

export interface Database {
  readonly pool: pg.Pool;
  readonly sequelize: Sequelize;
  /** Runs in one transaction on one connection; rolls back on a throw. @throws database_unavailable */
  transaction<T>(run: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /** Resolves when the server answers. @throws database_unavailable */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Where the server is: an address, or the parts (host may be a folder with a Unix socket). */
export type Connection =
  | { readonly url: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly database: string;
    };

// Instants stay text-free: timestamptz as Date (the driver's default), bigint counts as numbers (they stay far below 2^53).
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const isUnreachable = (error: unknown): boolean => {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  // The driver gives a connection that broke or could not be made in time no code.
  if (code === undefined)
    return /^connection terminated|^timeout exceeded when trying to connect|not queryable/i.test(String(message));
  // 57P01..03: shutting down or starting; 08xxx: the connection broke; 53300: too many connections.
  return typeof code === 'string' && /^(ECONN|ENOENT|EPIPE|ETIMEDOUT|ENOTFOUND|57P0|08|53300)/.test(code);
};

const unreachable = (error: unknown): LprError =>
  new LprError('database_unavailable', `PostgreSQL does not answer: ${errorMessage(error)}`, {}, error);

/** In our codes, where it is trouble of the machine and not of the statement. */
function inOurWords(error: unknown): unknown {
  if (isUnreachable(error)) return unreachable(error);
  if ((error as { code?: unknown } | null)?.code === '53100') {
    return new LprError('storage_full', 'The disk of the database is full: make room.', {}, error);
  }
  return error;
}

function openSequelize(connection: Connection): Sequelize {
  const options = {
    dialect: 'postgres' as const,
    dialectModule: pg,
    logging: false as const,
    pool: { max: 5, idle: 10_000 },
    define: { underscored: true, timestamps: false },
  };
  return 'url' in connection
    ? new Sequelize(connection.url, options)
    : new Sequelize(connection.database, connection.user, connection.password, {
        ...options,
        host: connection.host,
        port: connection.port,
      });
}

/** Connects lazily; call `ping` to know. `onError` is told of idle connections that broke; the pool replaces them. */
export function openDatabase(connection: Connection, onError: (error: Error) => void): Database {
  const pool = new pg.Pool({
    ...('url' in connection ? { connectionString: connection.url } : connection),
    max: 20,
    connectionTimeoutMillis: 10_000,
    application_name: 'lpr-hub',
  });
  pool.on('error', onError);
  // The pool listens to idle connections alone. Whoever holds one that breaks hears of it by its next statement; an event
  // that nobody listens to would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const query = pool.query.bind(pool) as (...args: readonly unknown[]) => Promise<unknown>;
  pool.query = (async (...args: readonly unknown[]): Promise<unknown> => {
    try {
      return await query(...args);
    } catch (error) {
      throw inOurWords(error);
    }
  }) as typeof pool.query;
  const sequelize = openSequelize(connection);
  return {
    pool,
    sequelize,
    async transaction(run) {
      let client: pg.PoolClient;
      try {
        client = await pool.connect();
      } catch (error) {
        throw unreachable(error);
      }
      let broken = false;
      try {
        await client.query('begin');
        const result = await run(client);
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback').catch(() => {
          // The connection itself is gone; it must not go back into the pool.
          broken = true;
        });
        throw inOurWords(error);
      } finally {
        client.release(broken);
      }
    },
    async ping() {
      try {
        await pool.query('select 1');
      } catch (error) {
        throw unreachable(error);
      }
    },
    async close() {
      await Promise.all([pool.end(), sequelize.close()]);
    },
  };
}
