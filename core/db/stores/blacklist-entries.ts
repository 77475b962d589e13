/** The entries of a list, with what is attached to them. */
import type { PoolClient } from 'pg';
import { isWildcard } from '../../blacklists/entry-check.ts';
import type { BlacklistAttachment, BlacklistEntry, BlacklistEntryInput } from '../../blacklists/blacklists.ts';
import type { EntryStore, NumberedEntry } from '../../blacklists/blacklist-store.ts';
import { LprError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { tellBlacklist } from './blacklist-news.ts';
import { UNIQUE_VIOLATION } from './name-taken.ts';

const SHOWN_AT_MOST = 200;

interface Row extends Omit<BlacklistEntry, 'isWildcard' | 'isActive' | 'attachments'> {
  readonly entryNo: number;
  readonly attachments: readonly (Omit<BlacklistAttachment, 'addedAt'> & { readonly addedAt: string })[];
}

const ENTRY = `e.entry_no as "entryNo", e.entry_id as "entryId", e.blacklist_id as "blacklistId",
  e.plate_number as "plateNumber", e.issuing_entity as "issuingEntity", e.country_code as "countryCode",
  e.plate_type as "plateType", e.reason, e.valid_from as "validFrom", e.valid_to as "validTo", e.review_at as "reviewAt",
  e.confidence, e.agency, e.reference, e.notes, e.created_at as "createdAt", e.changed_at as "changedAt",
  (select name from users u where u.user_id = e.created_by) as "createdBy",
  (select name from users u where u.user_id = e.changed_by) as "changedBy",
  coalesce((select jsonb_agg(jsonb_build_object('attachmentId', a.attachment_id, 'name', a.name, 'mediaType', a.media_type,
                                                'size', a.size, 'addedBy', u.name, 'addedAt', a.added_at)
                             order by a.added_at, a.attachment_id)
              from blacklist_attachments a join users u on u.user_id = a.added_by where a.entry_id = e.entry_id),
           '[]') as attachments`;

const COLUMN_OF: Readonly<Record<keyof BlacklistEntryInput, string>> = {
  plateNumber: 'plate_number',
  issuingEntity: 'issuing_entity',
  countryCode: 'country_code',
  plateType: 'plate_type',
  reason: 'reason',
  validFrom: 'valid_from',
  validTo: 'valid_to',
  reviewAt: 'review_at',
  confidence: 'confidence',
  agency: 'agency',
  reference: 'reference',
  notes: 'notes',
};
const KEYS = Object.keys(COLUMN_OF) as (keyof BlacklistEntryInput)[];

const STATES = {
  all: '',
  active: 'and (e.valid_from is null or e.valid_from <= now()) and (e.valid_to is null or e.valid_to > now())',
  upcoming: 'and e.valid_from > now()',
  ended: 'and e.valid_to <= now()',
} as const;

function toEntry({ entryNo, attachments, ...row }: Row): NumberedEntry {
  const now = Date.now();
  const entry = {
    ...row,
    isWildcard: isWildcard(row.plateNumber),
    isActive:
      (row.validFrom === null || row.validFrom.getTime() <= now) &&
      (row.validTo === null || row.validTo.getTime() > now),
    attachments: attachments.map((one) => ({ ...one, addedAt: new Date(one.addedAt) })),
  };
  return { entryNo, entry };
}

const noEntry = (): LprError => new LprError('not_found', 'The blacklist has no such entry.');

/** A change by hand: the list is as somebody says now. @throws not_found */
async function touchList(client: PoolClient, blacklistId: string): Promise<void> {
  const { rowCount } = await client.query('update blacklists set listed_at = now() where blacklist_id = $1::uuid', [
    blacklistId,
  ]);
  if (rowCount === 0) throw new LprError('not_found', 'There is no such blacklist.');
}

export function createEntryStore(database: Database): EntryStore {
  const { pool } = database;

  const one = async (client: Pick<PoolClient, 'query'>, blacklistId: string, entryId: string): Promise<Row | null> => {
    const { rows } = await client.query<Row>(
      `select ${ENTRY} from blacklist_entries e where e.blacklist_id = $1::uuid and e.entry_id = $2::uuid`,
      [blacklistId, entryId],
    );
    return rows[0] ?? null;
  };

  /** Names the entry that is there, so that whoever adds it can change that one. */
  const listed = async (
    error: unknown,
    blacklistId: string,
    { plateNumber, issuingEntity, countryCode, plateType }: BlacklistEntryInput,
  ): Promise<unknown> => {
    if ((error as { code?: unknown } | null)?.code !== UNIQUE_VIOLATION) return error;
    const { rows } = await pool.query<{ entryId: string }>(
      `select entry_id as "entryId" from blacklist_entries
        where blacklist_id = $1::uuid and plate_number = $2 and issuing_entity is not distinct from $3
          and country_code is not distinct from $4 and plate_type is not distinct from $5 order by twin limit 1`,
      [blacklistId, plateNumber, issuingEntity, countryCode, plateType],
    );
    return new LprError('entry_listed', 'The list has this plate already: change the entry that is there.', {
      problems: [{ field: 'plateNumber', problem: 'is on this list already' }],
      entryId: rows[0]?.entryId ?? null,
    });
  };

  return {
    async entries(blacklistId, { pattern, state, after, limit }) {
      const { rows } = await pool.query<Row>(
        `select ${ENTRY} from (
           select * from blacklist_entries e
            where e.blacklist_id = $1::uuid and ($2::int is null or e.entry_no < $2)
              and ($3::text is null or e.plate_number like $3) ${STATES[state]}
            order by e.entry_no desc limit $4) e
          order by e.entry_no desc`,
        [blacklistId, after, pattern, limit],
      );
      return rows.map(toEntry);
    },
    async entry(blacklistId, entryId) {
      const row = await one(pool, blacklistId, entryId);
      return row === null ? null : toEntry(row).entry;
    },
    async addEntry({ entryId, blacklistId, userId, ...input }) {
      try {
        return await database.transaction(async (client) => {
          await touchList(client, blacklistId);
          await client.query(
            `insert into blacklist_entries (entry_id, blacklist_id, created_by, ${KEYS.map((key) => COLUMN_OF[key]).join(', ')})
             values ($1, $2, $3, ${KEYS.map((_, i) => `$${i + 4}`).join(', ')})`,
            [entryId, blacklistId, userId, ...KEYS.map((key) => input[key] ?? null)],
          );
          const row = await one(client, blacklistId, entryId);
          if (row === null) throw new LprError('internal', 'The entry was not stored.');
          await tellBlacklist(client, blacklistId, [row.entryNo]);
          return toEntry(row);
        });
      } catch (error) {
        throw await listed(error, blacklistId, input);
      }
    },
    async changeEntry(blacklistId, entryId, change, userId) {
      const values: unknown[] = [entryId, userId];
      const sets = ['changed_at = now()', 'changed_by = $2'];
      for (const key of KEYS) {
        const value = change[key];
        if (value === undefined) continue;
        values.push(value);
        sets.push(`${COLUMN_OF[key]} = $${values.length}`);
      }
      // What a change makes unlike its twin is a twin no more.
      if (['plateNumber', 'issuingEntity', 'countryCode', 'plateType'].some((key) => key in change))
        sets.push('twin = 0');
      const before = await one(pool, blacklistId, entryId);
      if (before === null) throw noEntry();
      try {
        return await database.transaction(async (client) => {
          await touchList(client, blacklistId);
          await client.query(`update blacklist_entries set ${sets.join(', ')} where entry_id = $1`, values);
          await tellBlacklist(client, blacklistId, [before.entryNo]);
          const row = await one(client, blacklistId, entryId);
          if (row === null) throw noEntry();
          return toEntry(row);
        });
      } catch (error) {
        throw await listed(error, blacklistId, { ...before, ...change });
      }
    },
    async removeEntries(blacklistId, entryIds) {
      return database.transaction(async (client) => {
        // The list first, as everybody takes it: whoever held an entry already could wait for one who waits for it.
        await touchList(client, blacklistId);
        const { rows } = await client.query<{ entryId: string; entryNo: number }>(
          `delete from blacklist_entries where blacklist_id = $1::uuid and entry_id = any($2::uuid[])
           returning entry_id as "entryId", entry_no as "entryNo"`,
          [blacklistId, entryIds],
        );
        const gone = new Set(rows.map(({ entryId }) => entryId));
        const unknown = entryIds.findIndex((entryId) => !gone.has(entryId));
        if (unknown >= 0) {
          throw new LprError('not_found', 'The blacklist has no such entry.', {
            problems: [{ field: `entryIds.${unknown}`, problem: 'is none of this list' }],
          });
        }
        const numbers = rows.map(({ entryNo }) => entryNo);
        await tellBlacklist(client, blacklistId, numbers);
        return numbers;
      });
    },
    async wildcardCount(blacklistId) {
      const { rows } = await pool.query<{ n: number }>(
        `select count(*) as n from blacklist_entries where blacklist_id = $1::uuid and plate_number ~ '[*?]'`,
        [blacklistId],
      );
      return rows[0]?.n ?? 0;
    },
    async expiring(blacklistId, now, until) {
      const some = async (
        condition: string,
        order: string,
        values: readonly Date[],
      ): Promise<{ items: readonly BlacklistEntry[]; count: number }> => {
        const from = `from blacklist_entries e where e.blacklist_id = $1::uuid and ${condition}`;
        const { rows } = await pool.query<Row>(
          `select ${ENTRY} ${from} order by ${order}, e.entry_no limit ${SHOWN_AT_MOST}`,
          [blacklistId, ...values],
        );
        const counted = await pool.query<{ n: number }>(`select count(*) as n ${from}`, [blacklistId, ...values]);
        return { items: rows.map((row) => toEntry(row).entry), count: counted.rows[0]?.n ?? 0 };
      };
      const ending = await some('e.valid_to > $2 and e.valid_to <= $3', 'e.valid_to', [now, until]);
      const toReview = await some('e.review_at <= $2 and (e.valid_to is null or e.valid_to > $2)', 'e.review_at', [
        now,
      ]);
      return {
        ...{ ending: ending.items, endingCount: ending.count },
        ...{ toReview: toReview.items, toReviewCount: toReview.count },
      };
    },
    async attach(blacklistId, entryId, { attachmentId, name, mediaType, bytes }, userId) {
      const { rows } = await pool.query<BlacklistAttachment>(
        `with a as (
           insert into blacklist_attachments (attachment_id, entry_id, name, media_type, size, bytes, added_by)
           select $3, e.entry_id, $4, $5, length($6::bytea), $6, $7 from blacklist_entries e
            where e.blacklist_id = $1::uuid and e.entry_id = $2::uuid returning *)
         select a.attachment_id as "attachmentId", a.name, a.media_type as "mediaType", a.size, u.name as "addedBy",
                a.added_at as "addedAt" from a join users u on u.user_id = a.added_by`,
        [blacklistId, entryId, attachmentId, name, mediaType, bytes, userId],
      );
      const [attachment] = rows;
      if (attachment === undefined) throw noEntry();
      return attachment;
    },
    async attachment(blacklistId, entryId, attachmentId) {
      const { rows } = await pool.query<{ name: string; mediaType: string; bytes: Buffer }>(
        `select a.name, a.media_type as "mediaType", a.bytes
           from blacklist_attachments a join blacklist_entries e using (entry_id)
          where e.blacklist_id = $1::uuid and e.entry_id = $2::uuid and a.attachment_id = $3::uuid`,
        [blacklistId, entryId, attachmentId],
      );
      return rows[0] ?? null;
    },
    async removeAttachment(blacklistId, entryId, attachmentId) {
      const { rowCount } = await pool.query(
        `delete from blacklist_attachments a using blacklist_entries e
          where e.entry_id = a.entry_id and e.blacklist_id = $1::uuid and e.entry_id = $2::uuid
            and a.attachment_id = $3::uuid`,
        [blacklistId, entryId, attachmentId],
      );
      return rowCount === 1;
    },
  };
}
