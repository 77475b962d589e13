/** Lists, and what of them the index in memory is made of. */
import type { Blacklist, BlacklistInput } from '../../blacklists/blacklists.ts';
import type {
  BlacklistStore,
  EntryColumns,
  EntryFacts,
  IndexFeed,
  ListFacts,
  ListStore,
} from '../../blacklists/blacklist-store.ts';
import { LprError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { createEntryStore } from './blacklist-entries.ts';
import { tellBlacklist } from './blacklist-news.ts';
import { createHitStore } from './hit-store.ts';
import { createSeenStore } from './seen-plates.ts';
import { nameTaken } from './name-taken.ts';

type StoredList = Omit<Blacklist, 'advice'>;

const FACTS = `l.blacklist_id as "blacklistId", l.name, l.category, l.colour, l.sound, l.priority, l.is_covert as "isCovert",
  l.policy, l.listed_at as "listedAt", l.needs_reason as "needsReason"`;
const SETTINGS = `l.name, l.category, l.colour, l.sound, l.priority, l.is_covert as "isCovert", l.policy,
  l.default_validity_days as "defaultValidityDays", l.warn_days as "warnDays", l.needs_reason as "needsReason"`;
const LIST = `l.blacklist_id as "blacklistId", ${SETTINGS}, l.listed_at as "listedAt", l.created_at as "createdAt", l.changed_at as "changedAt",
  (select count(*) from blacklist_entries e where e.blacklist_id = l.blacklist_id) as "entryCount",
  (select count(*) from blacklist_entries e where e.blacklist_id = l.blacklist_id and e.valid_to > now()
      and e.valid_to <= now() + l.warn_days * interval '1 day') as "endingCount",
  (select count(*) from blacklist_entries e where e.blacklist_id = l.blacklist_id and e.review_at <= now()
      and (e.valid_to is null or e.valid_to > now())) as "toReviewCount",
  (select
    (count(*) filter (where h.outcome in ('correct', 'recovered')))::float8
      / nullif(count(*) filter (where h.outcome <> 'dismissed'), 0)
     from hits h where h.blacklist_id = l.blacklist_id and h.outcome is not null) as "accuracyShare"`;

const COLUMN_OF: Readonly<Record<Exclude<keyof BlacklistInput, 'name'>, string>> = {
  category: 'category',
  priority: 'priority',
  colour: 'colour',
  sound: 'sound',
  isCovert: 'is_covert',
  policy: 'policy',
  defaultValidityDays: 'default_validity_days',
  warnDays: 'warn_days',
  needsReason: 'needs_reason',
};

const noList = (): LprError => new LprError('not_found', 'There is no such blacklist.');

function createListStore(database: Database): ListStore {
  const { pool } = database;
  return {
    async settings(blacklistId) {
      const { rows } = await pool.query<BlacklistInput>(
        `select ${SETTINGS} from blacklists l where l.blacklist_id = $1::uuid`,
        [blacklistId],
      );
      return rows[0] ?? null;
    },
    async lists() {
      const { rows } = await pool.query<StoredList>(
        `select ${LIST} from blacklists l order by l.priority desc, l.name`,
      );
      return rows;
    },
    async list(blacklistId) {
      const { rows } = await pool.query<StoredList>(
        `select ${LIST} from blacklists l where l.blacklist_id = $1::uuid`,
        [blacklistId],
      );
      return rows[0] ?? null;
    },
    async addList({ blacklistId, name, ...input }) {
      try {
        return await database.transaction(async (client) => {
          const keys = Object.keys(COLUMN_OF) as (keyof typeof COLUMN_OF)[];
          const { rows } = await client.query<StoredList>(
            `insert into blacklists as l (blacklist_id, name, name_key, ${keys.map((key) => COLUMN_OF[key]).join(', ')})
             values ($1, $2, lower($2), ${keys.map((_, i) => `$${i + 3}`).join(', ')}) returning ${LIST}`,
            [blacklistId, name, ...keys.map((key) => input[key])],
          );
          await tellBlacklist(client, blacklistId);
          const [list] = rows;
          if (list === undefined) throw new LprError('internal', 'The blacklist was not stored.');
          return list;
        });
      } catch (error) {
        throw nameTaken('blacklist', error);
      }
    },
    async changeList(blacklistId, change) {
      const values: unknown[] = [blacklistId];
      const sets = ['changed_at = now()'];
      const set = (column: string, value: unknown): void => {
        values.push(value);
        sets.push(`${column} = $${values.length}`);
      };
      if (change.name !== undefined) {
        set('name', change.name);
        sets.push(`name_key = lower($${values.length})`);
      }
      for (const key of Object.keys(COLUMN_OF) as (keyof typeof COLUMN_OF)[]) {
        if (change[key] !== undefined) set(COLUMN_OF[key], change[key]);
      }
      try {
        return await database.transaction(async (client) => {
          const { rows } = await client.query<StoredList>(
            `update blacklists l set ${sets.join(', ')} where blacklist_id = $1::uuid returning ${LIST}`,
            values,
          );
          const [list] = rows;
          if (list === undefined) throw noList();
          // An entry number that nothing has: the list's own facts are read again, its entries are not.
          await tellBlacklist(client, list.blacklistId, [0]);
          return list;
        });
      } catch (error) {
        throw nameTaken('blacklist', error);
      }
    },
    async removeList(blacklistId) {
      await database.transaction(async (client) => {
        const { rows } = await client.query<{ id: string }>(
          'delete from blacklists where blacklist_id = $1::uuid returning blacklist_id as id',
          [blacklistId],
        );
        const [gone] = rows;
        if (gone === undefined) throw noList();
        await tellBlacklist(client, gone.id);
      });
    },
  };
}

const KEYS = `e.entry_no, e.plate_number, e.issuing_entity, e.country_code, e.plate_type,
  floor(extract(epoch from e.valid_from) / 60)::int as valid_from, ceil(extract(epoch from e.valid_to) / 60)::int as valid_to`;
const IN_COLUMNS = `select coalesce(json_agg(entry_no), '[]') as "entryNo", coalesce(json_agg(plate_number), '[]') as "plateNumber",
  coalesce(json_agg(issuing_entity), '[]') as "issuingEntity", coalesce(json_agg(country_code), '[]') as "countryCode",
  coalesce(json_agg(plate_type), '[]') as "plateType", coalesce(json_agg(valid_from), '[]') as "validFrom",
  coalesce(json_agg(valid_to), '[]') as "validTo"`;
const NOTHING: EntryColumns = {
  ...{ entryNo: [], plateNumber: [], issuingEntity: [], countryCode: [], plateType: [], validFrom: [], validTo: [] },
};

function createIndexFeed({ pool }: Database): IndexFeed {
  return {
    async listFacts(blacklistId) {
      const { rows } = await pool.query<ListFacts>(
        `select ${FACTS} from blacklists l where $1::uuid is null or l.blacklist_id = $1::uuid`,
        [blacklistId],
      );
      return rows;
    },
    async entryCount() {
      const { rows } = await pool.query<{ n: number }>('select count(*) as n from blacklist_entries');
      return rows[0]?.n ?? 0;
    },
    async columnsAfter(blacklistId, afterNo, limit) {
      const { rows } = await pool.query<EntryColumns>(
        `${IN_COLUMNS} from (select ${KEYS} from blacklist_entries e
          where e.blacklist_id = $1 and e.entry_no > $2 order by e.entry_no limit $3) e`,
        [blacklistId, afterNo, limit],
      );
      return rows[0] ?? NOTHING;
    },
    async columnsOf(blacklistId, entryNos) {
      const { rows } = await pool.query<EntryColumns>(
        `${IN_COLUMNS} from (select ${KEYS} from blacklist_entries e
          where e.blacklist_id = $1 and e.entry_no = any($2::int[]) order by e.entry_no) e`,
        [blacklistId, entryNos],
      );
      return rows[0] ?? NOTHING;
    },
    async entryFacts(entryNos) {
      const { rows } = await pool.query<EntryFacts>(
        `select e.entry_no as "entryNo", e.entry_id as "entryId", e.blacklist_id as "blacklistId",
                e.plate_number as "plateNumber", e.issuing_entity as "issuingEntity", e.country_code as "countryCode",
                e.plate_type as "plateType", e.reason, e.valid_from as "validFrom", e.valid_to as "validTo", e.confidence
           from blacklist_entries e where e.entry_no = any($1::int[])`,
        [entryNos],
      );
      return rows;
    },
  };
}

export const createBlacklistStore = (database: Database): BlacklistStore => ({
  ...createListStore(database),
  ...createEntryStore(database),
  ...createIndexFeed(database),
  ...createHitStore(database),
  ...createSeenStore(database),
});
