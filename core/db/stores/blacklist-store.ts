import type { Blacklist, BlacklistEntry } from '../../blacklists/blacklists.ts';
import type { BlacklistStore, IndexedEntry } from '../../blacklists/blacklist-store.ts';
import { LprError } from '../../errors.ts';
import type { Database } from '../database.ts';

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
const hasCode = (error: unknown, code: string): boolean => (error as { code?: unknown } | null)?.code === code;

const LIST = `l.blacklist_id as "blacklistId", l.name, l.category, l.priority, l.created_at as "createdAt",
  (select count(*) from blacklist_entries e where e.blacklist_id = l.blacklist_id) as "entryCount"`;
const ENTRY = `e.entry_id as "entryId", e.blacklist_id as "blacklistId", e.plate_number as "plateNumber",
  e.issuing_entity as "issuingEntity", e.country_code as "countryCode", e.reason, e.valid_from as "validFrom",
  e.valid_to as "validTo"`;

export function createBlacklistStore({ pool }: Database): BlacklistStore {
  const noList = (): LprError => new LprError('not_found', 'There is no such blacklist.');
  return {
    async lists() {
      const { rows } = await pool.query<Blacklist>(`select ${LIST} from blacklists l order by l.priority desc, l.name`);
      return rows;
    },
    async addList({ blacklistId, name, category, priority }) {
      try {
        const { rows } = await pool.query<Blacklist>(
          `insert into blacklists as l (blacklist_id, name, name_key, category, priority) values ($1, $2, lower($2), $3, $4)
           returning ${LIST}`,
          [blacklistId, name, category, priority],
        );
        const [list] = rows;
        if (list === undefined) throw new LprError('internal', 'The blacklist was not stored.');
        return list;
      } catch (error) {
        if (!hasCode(error, UNIQUE_VIOLATION)) throw error;
        throw new LprError('name_taken', 'Another blacklist has this name: choose another.', {
          problems: [{ field: 'name', problem: 'is taken' }],
        });
      }
    },
    async removeList(blacklistId) {
      const { rowCount } = await pool.query('delete from blacklists where blacklist_id::text = $1', [blacklistId]);
      if (rowCount === 0) throw noList();
    },
    async entries(blacklistId) {
      const { rows } = await pool.query<BlacklistEntry>(
        `select ${ENTRY}, u.name as "createdBy", e.created_at as "createdAt"
           from blacklist_entries e join users u on u.user_id = e.created_by
          where e.blacklist_id::text = $1 order by e.created_at desc`,
        [blacklistId],
      );
      return rows;
    },
    async addEntry({
      entryId,
      blacklistId,
      userId,
      plateNumber,
      issuingEntity,
      countryCode,
      reason,
      validFrom,
      validTo,
    }) {
      try {
        const { rows } = await pool.query<BlacklistEntry>(
          `with e as (
             insert into blacklist_entries (entry_id, blacklist_id, plate_number, issuing_entity, country_code, reason,
                                            valid_from, valid_to, created_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning *)
           select ${ENTRY}, u.name as "createdBy", e.created_at as "createdAt"
             from e join users u on u.user_id = e.created_by`,
          [entryId, blacklistId, plateNumber, issuingEntity, countryCode, reason, validFrom, validTo, userId],
        );
        const [entry] = rows;
        if (entry === undefined) throw noList();
        return entry;
      } catch (error) {
        // 22P02: the id is no uuid, so no list has it.
        throw hasCode(error, FOREIGN_KEY_VIOLATION) || hasCode(error, '22P02') ? noList() : error;
      }
    },
    async removeEntry(blacklistId, entryId) {
      const { rowCount } = await pool.query(
        'delete from blacklist_entries where blacklist_id::text = $1 and entry_id::text = $2',
        [blacklistId, entryId],
      );
      if (rowCount === 0) throw new LprError('not_found', 'The blacklist has no such entry.');
    },
    async allEntries() {
      const { rows } = await pool.query<IndexedEntry>(
        `select ${ENTRY}, jsonb_build_object('name', l.name, 'category', l.category, 'priority', l.priority) as list
           from blacklist_entries e join blacklists l using (blacklist_id)`,
      );
      return rows;
    },
    async addHits(detectionId, plateNumber, hits) {
      const { rows } = await pool.query<{ hit_id: string; entry_id: string }>(
        `insert into hits (hit_id, detection_id, blacklist_id, entry_id, blacklist_name, category, priority, matched_by,
                           confidence, reason)
         select (h->>'hitId')::uuid, $1, (h->>'blacklistId')::uuid, (h->>'entryId')::uuid, h->>'blacklistName',
                h->>'category', (h->>'priority')::int, h->>'matchedBy', (h->>'confidence')::real, h->>'reason'
           from jsonb_array_elements($2::jsonb) h
          where not exists (select from detection_keys k join detections d using (captured_at, detection_id)
                             where k.detection_id = $1 and (d.plate_number <> $3 or d.status = 'rejected'))
         on conflict (detection_id, entry_id) do update set retracted_at = null where hits.retracted_at is not null
         returning hit_id, entry_id`,
        [detectionId, JSON.stringify(hits), plateNumber],
      );
      const stored = new Map(rows.map((row) => [row.entry_id, row.hit_id]));
      return hits.flatMap((hit) => {
        const hitId = stored.get(hit.entryId);
        return hitId === undefined ? [] : [{ ...hit, hitId }];
      });
    },
    async retractHits(detectionId, butEntries) {
      // Those that an earlier, interrupted attempt took back are given again: their alerts may still stand.
      const { rows } = await pool.query<{ hit_id: string }>(
        `update hits set retracted_at = coalesce(retracted_at, now())
          where detection_id = $1 and entry_id <> all($2::uuid[]) returning hit_id`,
        [detectionId, butEntries],
      );
      return rows.map((row) => row.hit_id);
    },
  };
}
