import type { PushStore, PushSubscription } from '../../alerts/push.ts';
import type { Database } from '../database.ts';

const SHOWN = 'subscription_id as "subscriptionId", label, created_at as "createdAt"';

export function createPushStore(database: Database): PushStore {
  const { pool } = database;
  return {
    async list(userId) {
      const { rows } = await pool.query<PushSubscription>(
        `select ${SHOWN} from push_subscriptions where user_id = $1 order by created_at desc`,
        [userId],
      );
      return rows;
    },
    save: ({ subscriptionId, userId, endpointHash, sealed, label }, most) =>
      database.transaction(async (client) => {
        const { rows } = await client.query<PushSubscription>(
          `insert into push_subscriptions (subscription_id, user_id, endpoint_hash, sealed, label)
           values ($1, $2, $3, $4, $5)
           on conflict (endpoint_hash) do update
             set user_id = excluded.user_id, sealed = excluded.sealed, label = excluded.label, created_at = now()
           returning ${SHOWN}`,
          [subscriptionId, userId, endpointHash, sealed, label],
        );
        await client.query(
          `delete from push_subscriptions where user_id = $1 and subscription_id not in
             (select subscription_id from push_subscriptions where user_id = $1 order by created_at desc limit $2)`,
          [userId, most],
        );
        const [saved] = rows;
        if (saved === undefined) throw new Error('an upsert gave no row');
        return saved;
      }),
    async remove(userId, subscriptionId) {
      const { rowCount } = await pool.query(
        'delete from push_subscriptions where user_id = $1 and subscription_id = $2',
        [userId, subscriptionId],
      );
      return rowCount === 1;
    },
    async sealed(userIds) {
      const { rows } = await pool.query<{ sealed: string; role: string }>(
        `select s.sealed, u.role from push_subscriptions s join users u using (user_id)
          where not u.disabled and ($1::uuid[] is null or u.user_id = any ($1)) order by s.created_at`,
        [userIds],
      );
      return rows;
    },
    async forget(endpointHash) {
      await pool.query('delete from push_subscriptions where endpoint_hash = $1', [endpointHash]);
    },
  };
}
