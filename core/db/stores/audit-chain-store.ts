import type { ChainStore } from '../../access/audit-chain.ts';
import type { Database } from '../database.ts';

/** Written out here, not called in the database: a function there could have been changed with the rows. */
const TEXT = `jsonb_build_array(audit_id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  user_id, action, subject, details, address)::text`;

export function createAuditChainStore({ pool }: Pick<Database, 'pool'>): ChainStore {
  return {
    async rowsAfter(auditId, limit) {
      const { rows } = await pool.query<{ auditId: number; text: string; hash: Buffer }>(
        `select audit_id as "auditId", ${TEXT} as text, hash from audit where audit_id > $1 order by audit_id limit $2`,
        [auditId, limit],
      );
      return rows;
    },
    async head() {
      const { rows } = await pool.query<{ auditId: number; hash: string }>(
        `select audit_id as "auditId", encode(hash, 'hex') as hash from audit_head`,
      );
      const [head] = rows;
      // Without it nothing can be said of the end.
      return head ?? { auditId: Number.MAX_SAFE_INTEGER, hash: '' };
    },
  };
}
