import type { Connector, ConnectorInput, DeadDelivery } from '../../connectors/connectors.ts';
import type { ConnectorStore, Delivery, StoredConnector } from '../../connectors/connector-store.ts';
import { LprError } from '../../errors.ts';
import type { ConnectorCamera } from '../../plugins/define.ts';
import type { Database } from '../database.ts';
import { COLUMNS, reviveRead, toSummary, type DetectionRow } from './detection-rows.ts';
import { named } from './name-taken.ts';

const COLUMN = {
  name: 'name',
  plugin: 'plugin',
  config: 'config',
  enabled: 'enabled',
  sends: 'sends',
  provisional: 'provisional',
  updates: 'updates',
  late: 'late',
  cameraIds: 'camera_ids',
  countries: 'countries',
  minConfidence: 'min_confidence',
  perSecond: 'per_second',
  allowPrivate: 'allow_private',
} as const satisfies Record<keyof ConnectorInput, string>;
const PRUNE_AT_ONCE = 10_000;
const KEYS = Object.keys(COLUMN) as (keyof ConnectorInput)[];
const INPUT = KEYS.map((key) => `c.${COLUMN[key]} as "${key}"`).join(', ');
const WHOLE = `${INPUT}, c.connector_id as "connectorId", c.created_at as "createdAt", c.sent_count as sent,
  c.last_success_at as "lastSuccessAt", c.error_code as "errorCode", c.error_message as "errorMessage", c.error_at as "errorAt",
  coalesce(o.waiting, 0) as waiting, coalesce(o.dead, 0) as dead,
  extract(epoch from now() - o.oldest)::float8 as "lagSeconds"
  from connectors c left join lateral (
    select count(*) filter (where state = 'waiting' and due_at <= now()) as waiting,
           count(*) filter (where state = 'dead') as dead,
           min(due_at) filter (where state = 'waiting' and due_at <= now()) as oldest
      from connector_deliveries q where q.connector_id = c.connector_id and state in ('waiting', 'dead')) o on true`;

/** When what was just sent is due again. `$3`: the changes it was sent with. */
const AGAIN = `case when $5::boolean and changes <> $3::int then now() else $4::timestamptz end`;

interface ConnectorRow extends Omit<Connector, 'state'> {
  readonly sent: number;
  readonly waiting: number;
  readonly dead: number;
  readonly lastSuccessAt: Date | null;
  readonly lagSeconds: number | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly errorAt: Date | null;
}

interface DeliveryRow extends DetectionRow, Omit<Delivery, 'outgoing'> {
  readonly isGone: boolean;
  readonly settlesAt: Date | null;
  readonly checkpoint: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly heading: number | null;
}

function connectorOf(row: ConnectorRow): StoredConnector {
  const { sent, waiting, dead, lastSuccessAt, lagSeconds, errorCode, errorMessage, errorAt, ...connector } = row;
  const error =
    errorCode === null || errorAt === null ? null : { code: errorCode, message: errorMessage ?? '', at: errorAt };
  return { ...connector, state: { sent, waiting, dead, lastSuccessAt, lagSeconds, error } };
}

function deliveryOf({ isGone, settlesAt, checkpoint, latitude, longitude, heading, ...row }: DeliveryRow): Delivery {
  const { attempts, changes, timesSent, createdAt, ...detection } = row;
  const common = { detectionId: row.detectionId, attempts, changes, timesSent, createdAt };
  if (isGone) return { ...common, outgoing: null };
  const { cameraId, cameraName } = detection;
  const camera: ConnectorCamera = { cameraId, name: cameraName, checkpoint, latitude, longitude, heading };
  const read = reviveRead(detection.bestRead);
  return {
    ...common,
    outgoing: { summary: toSummary(detection), read, camera, settlesAt: settlesAt ?? detection.receivedAt },
  };
}

const values = (input: ConnectorInput): unknown[] =>
  KEYS.map((key) => (key === 'config' ? JSON.stringify(input.config) : input[key]));

export function createConnectorStore(database: Database): ConnectorStore {
  const { pool } = database;
  const connectors = async (condition: string, given: readonly unknown[]): Promise<readonly StoredConnector[]> => {
    const { rows } = await pool.query<ConnectorRow>(`select ${WHOLE} where ${condition} order by c.name`, [...given]);
    return rows.map(connectorOf);
  };
  const find = async (connectorId: string): Promise<StoredConnector | null> =>
    (await connectors('c.connector_id::text = $1', [connectorId]))[0] ?? null;
  const write = async (sql: string, given: readonly unknown[]): Promise<number> =>
    (await pool.query(sql, [...given])).rowCount ?? 0;
  const DEAD = `connector_id::text = $1 and state = 'dead' and ($2::uuid[] is null or detection_id = any($2))`;

  return {
    list: () => connectors('true', []),
    find,
    async add(connectorId, input) {
      await named(
        'connector',
        pool.query(
          `insert into connectors (connector_id, name_key, ${KEYS.map((key) => COLUMN[key]).join(', ')})
           values ($1, $2, ${KEYS.map((_, i) => `$${i + 3}`).join(', ')})`,
          [connectorId, input.name.toLowerCase(), ...values(input)],
        ),
      );
      const added = await find(connectorId);
      if (added === null) throw new LprError('internal', 'The connector was not stored.');
      return added;
    },
    async change(connectorId, input) {
      await named(
        'connector',
        pool.query(
          `update connectors set name_key = $2, ${KEYS.map((key, i) => `${COLUMN[key]} = $${i + 3}`).join(', ')}
            where connector_id::text = $1`,
          [connectorId, input.name.toLowerCase(), ...values(input)],
        ),
      );
      return find(connectorId);
    },
    remove: async (connectorId) =>
      (await write('delete from connectors where connector_id::text = $1', [connectorId])) === 1,
    async queue(connectorId, detectionId) {
      await write(
        'insert into connector_deliveries (connector_id, detection_id) values ($1, $2) on conflict do nothing',
        [connectorId, detectionId],
      );
    },
    async take(connectorId, limit, leaseSeconds) {
      const { rows } = await pool.query<DeliveryRow>(
        `with due as (
           update connector_deliveries
              set attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $3), updated_at = now()
            where (connector_id, detection_id) in (
              select connector_id, detection_id from connector_deliveries
               where connector_id = $1 and state = 'waiting' and next_attempt_at <= now()
               order by next_attempt_at limit $2 for update skip locked)
           returning detection_id, attempts, changes, times_sent, created_at)
         select ${COLUMNS}, due.detection_id as "detectionId", due.attempts, due.changes, due.times_sent as "timesSent",
                due.created_at as "createdAt", d.detection_id is null as "isGone", d.settles_at as "settlesAt",
                p.name as checkpoint, coalesce(c.latitude, p.latitude) as latitude,
                coalesce(c.longitude, p.longitude) as longitude, c.heading
           from due
           left join detection_keys k on k.detection_id = due.detection_id
           left join detections d on d.captured_at = k.captured_at and d.detection_id = k.detection_id
           left join cameras c on c.camera_id = d.camera_id
           left join checkpoints p on p.checkpoint_id = c.checkpoint_id`,
        [connectorId, limit, leaseSeconds],
      );
      return rows.map(deliveryOf);
    },
    async hasten(connectorIds, detectionIds) {
      await write(
        `update connector_deliveries set next_attempt_at = now(), due_at = least(due_at, now())
          where connector_id = any($1::uuid[]) and ($2::uuid[] is null or detection_id = any($2))
            and state = 'waiting' and attempts = 0 and next_attempt_at > now()`,
        [connectorIds, detectionIds === 'all' ? null : detectionIds],
      );
    },
    async postpone([connectorId, detectionId], until) {
      await write(
        `update connector_deliveries set attempts = 0, due_at = $3, next_attempt_at = $3, updated_at = now()
          where connector_id = $1 and detection_id = $2`,
        [connectorId, detectionId, until],
      );
    },
    async sent([connectorId, detectionId], changes, { againAt, updates }) {
      await write(
        `update connector_deliveries
            set state = case when ${AGAIN} is null then 'sent' else 'waiting' end, attempts = 0,
                times_sent = times_sent + 1, error_code = null, error_message = null, updated_at = now(),
                due_at = coalesce(${AGAIN}, due_at), next_attempt_at = coalesce(${AGAIN}, next_attempt_at)
          where connector_id = $1 and detection_id = $2`,
        [connectorId, detectionId, changes, againAt, updates],
      );
    },
    async leftOut([connectorId, detectionId]) {
      await write(
        `update connector_deliveries set state = 'left_out', attempts = 0, updated_at = now()
          where connector_id = $1 and detection_id = $2`,
        [connectorId, detectionId],
      );
    },
    async drop([connectorId, detectionId]) {
      await write('delete from connector_deliveries where connector_id = $1 and detection_id = $2', [
        ...[connectorId, detectionId],
      ]);
    },
    async failed([connectorId, detectionId], { code, message }, nextAttemptAt) {
      await write(
        `update connector_deliveries
            set state = case when $5::timestamptz is null then 'dead' else 'waiting' end,
                next_attempt_at = coalesce($5, next_attempt_at), error_code = $3, error_message = $4, updated_at = now()
          where connector_id = $1 and detection_id = $2`,
        [connectorId, detectionId, code, message, nextAttemptAt],
      );
    },
    async note(connectorId, { sent, lastSuccessAt, error }) {
      await write(
        `update connectors
            set sent_count = sent_count + $2, last_success_at = coalesce($3, last_success_at),
                error_code = coalesce($4, error_code), error_message = coalesce($5, error_message),
                error_at = coalesce($6, error_at)
          where connector_id = $1`,
        [connectorId, sent, lastSuccessAt, error?.code ?? null, error?.message ?? null, error?.at ?? null],
      );
    },
    async dead(connectorId, limit) {
      const { rows } = await pool.query<Omit<DeadDelivery, 'error'> & { code: string; message: string }>(
        `select q.detection_id as "detectionId", d.plate_number as "plateNumber", c.name as "cameraName",
                k.captured_at as "capturedAt", q.attempts, q.updated_at as "failedAt",
                coalesce(q.error_code, 'internal') as code, coalesce(q.error_message, '') as message
           from connector_deliveries q
           left join detection_keys k on k.detection_id = q.detection_id
           left join detections d on d.captured_at = k.captured_at and d.detection_id = k.detection_id
           left join cameras c on c.camera_id = d.camera_id
          where q.connector_id::text = $1 and q.state = 'dead' order by q.updated_at desc limit $2`,
        [connectorId, limit],
      );
      return rows.map(({ code, message, ...row }) => ({ ...row, error: { code, message } }));
    },
    replay: (connectorId, detectionIds) =>
      write(
        `update connector_deliveries
            set state = 'waiting', attempts = 0, due_at = now(), next_attempt_at = now(), updated_at = now() where ${DEAD}`,
        [connectorId, detectionIds === 'all' ? null : detectionIds],
      ),
    discard: (connectorId, detectionIds) =>
      write(`delete from connector_deliveries where ${DEAD}`, [
        ...[connectorId, detectionIds === 'all' ? null : detectionIds],
      ]),
    async prune(before) {
      for (;;) {
        // A piece at a time: a long transaction would hold up who writes detections.
        const count = await write(
          `delete from connector_deliveries where ctid = any(array(
             select ctid from connector_deliveries where state in ('sent', 'left_out') and updated_at < $1 limit $2))`,
          [before, PRUNE_AT_ONCE],
        );
        if (count < PRUNE_AT_ONCE) return;
      }
    },
  };
}
