/** Channels as they lie in the database. */
import type { AlertChannel, ChannelInput, StoredChannel } from '../../alerts/channels.ts';
import type { DeliveryStore } from '../../alerts/alert-store.ts';
import { LprError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { tellNews } from '../news.ts';
import { named } from './name-taken.ts';

const CHANNEL = `c.channel_id as "channelId", c.name, c.plugin, c.config, c.enabled, c.language,
  c.per_minute as "perMinute", c.created_at as "createdAt"`;

interface StateRow extends StoredChannel {
  readonly sent: number;
  readonly waiting: number;
  readonly held: number;
  readonly dead: number;
  readonly lastSuccessAt: Date | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly errorAt: Date | null;
}

function stateOf(row: StateRow): Omit<AlertChannel, 'missing'> {
  const { sent, waiting, held, dead, lastSuccessAt, errorCode, errorMessage, errorAt, ...channel } = row;
  const error =
    errorCode === null || errorAt === null ? null : { code: errorCode, message: errorMessage ?? '', at: errorAt };
  return { ...channel, state: { sent, waiting, held, dead, lastSuccessAt, error } };
}

const valuesOf = ({ name, plugin, config, enabled, language, perMinute }: ChannelInput): unknown[] => [
  ...[name, plugin, JSON.stringify(config), enabled, language, perMinute],
];

type Records = Pick<
  DeliveryStore,
  'channels' | 'channelStates' | 'addChannel' | 'changeChannel' | 'removeChannel' | 'channelUses' | 'note'
>;

export function createChannelRecords({ pool }: Pick<Database, 'pool'>): Records {
  return {
    async channels() {
      const { rows } = await pool.query<StoredChannel>(`select ${CHANNEL} from alert_channels c order by c.name`);
      return rows;
    },
    async channelStates() {
      const { rows } = await pool.query<StateRow>(
        `select ${CHANNEL}, c.sent_count as sent, coalesce(o.waiting, 0) as waiting, coalesce(o.held, 0) as held,
                coalesce(o.dead, 0) as dead, c.last_success_at as "lastSuccessAt", c.error_code as "errorCode",
                c.error_message as "errorMessage", c.error_at as "errorAt"
           from alert_channels c left join lateral (
             select count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'held') as held,
                    count(*) filter (where state = 'dead') as dead
               from alert_deliveries d where d.channel_id = c.channel_id and state in ('waiting', 'held', 'dead')) o on true
          order by c.name`,
      );
      return rows.map(stateOf);
    },
    async addChannel(channelId, input) {
      const { rows } = await named(
        'channel',
        pool.query<StoredChannel>(
          `insert into alert_channels as c (channel_id, name, plugin, config, enabled, language, per_minute)
           values ($1, $2, $3, $4, $5, $6, $7) returning ${CHANNEL}`,
          [channelId, ...valuesOf(input)],
        ),
      );
      const [channel] = rows;
      if (channel === undefined) throw new LprError('internal', 'The channel was not stored.');
      await tellNews(pool, 'channels', `changed ${channelId}`);
      return channel;
    },
    async changeChannel(channelId, input) {
      const { rows } = await named(
        'channel',
        pool.query<StoredChannel>(
          `update alert_channels c
              set name = $2, plugin = $3, config = $4, enabled = $5, language = $6, per_minute = $7
            where c.channel_id::text = $1 returning ${CHANNEL}`,
          [channelId, ...valuesOf(input)],
        ),
      );
      if (rows[0] !== undefined) await tellNews(pool, 'channels', `changed ${channelId}`);
      return rows[0] ?? null;
    },
    async removeChannel(channelId) {
      const { rowCount } = await pool.query(
        `with gone as (delete from alert_channels where channel_id::text = $1 returning channel_id),
              changed as (update alert_rules set channel_ids = array_remove(channel_ids, channel_id) from gone
                           where channel_id = any(channel_ids))
         select from gone`,
        [channelId],
      );
      if (rowCount !== 1) return false;
      await tellNews(pool, 'channels', `changed ${channelId}`);
      await tellNews(pool, 'rules');
      return true;
    },
    async channelUses(channelId) {
      const { rows } = await pool.query<{ what: 'rule' | 'escalation'; name: string }>(
        `select 'rule' as what, name from alert_rules where $1::uuid = any(channel_ids)
         union all
         select 'escalation', name from escalations where steps @> $2::jsonb
          order by 1 desc, 2`,
        [channelId, JSON.stringify([{ tells: [{ channelId }] }])],
      );
      return rows;
    },
    async note(channelId, { sent, lastSuccessAt, error }) {
      await pool.query(
        `update alert_channels
            set sent_count = sent_count + $2, last_success_at = coalesce($3, last_success_at),
                error_code = coalesce($4, error_code), error_message = coalesce($5, error_message),
                error_at = coalesce($6, error_at)
          where channel_id = $1`,
        [channelId, sent, lastSuccessAt, error?.code ?? null, error?.message ?? null, error?.at ?? null],
      );
    },
  };
}
