import type { Group, PeopleStore, Person, Roster, RosterShift } from '../../alerts/people.ts';
import { LprError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { nameTaken } from './name-taken.ts';

/** @throws name_taken, invalid_input, conflict */
async function translated<T>(what: string, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    const { code, constraint } = error as { code?: unknown; constraint?: unknown };
    if (code === '23503' && constraint === 'people_user_id_fkey') {
      const problems = [{ field: 'userId', problem: 'names an account that is none' }];
      throw new LprError('invalid_input', 'There is no such account.', { problems }, error);
    }
    if (code === '23503') {
      throw new LprError(
        'conflict',
        `The ${what} hangs on something that was changed just now: look again.`,
        {},
        error,
      );
    }
    throw nameTaken(what, error);
  }
}

export function createPeopleStore(database: Database): PeopleStore {
  const { pool } = database;
  return {
    async persons() {
      const { rows } = await pool.query<Person>(
        `select p.person_id as "personId", p.name, p.language, p.user_id as "userId", p.enabled,
                coalesce(jsonb_agg(jsonb_build_object('kind', a.kind, 'address', a.address) order by a.position)
                         filter (where a.kind is not null), '[]') as addresses
           from people p left join person_addresses a using (person_id)
          group by p.person_id order by p.name_key`,
      );
      return rows;
    },
    savePerson: ({ personId, name, language, userId, addresses, enabled }) =>
      translated(
        'person',
        database.transaction(async (client) => {
          await client.query(
            `insert into people (person_id, name, name_key, language, user_id, enabled) values ($1, $2, $3, $4, $5, $6)
             on conflict (person_id) do update
               set name = excluded.name, name_key = excluded.name_key, language = excluded.language,
                   user_id = excluded.user_id, enabled = excluded.enabled`,
            [personId, name, name.toLowerCase(), language, userId, enabled],
          );
          await client.query('delete from person_addresses where person_id = $1', [personId]);
          await client.query(
            `insert into person_addresses (person_id, kind, address, position)
             select $1, kind, address, position
               from unnest($2::text[], $3::text[]) with ordinality as given (kind, address, position)`,
            [personId, addresses.map(({ kind }) => kind), addresses.map(({ address }) => address)],
          );
        }),
      ),
    async removePerson(personId) {
      await translated('person', pool.query('delete from people where person_id = $1', [personId]));
    },
    async forgetAddress({ kind, address }) {
      await pool.query('delete from person_addresses where kind = $1 and address = $2', [kind, address]);
    },
    async groups() {
      const { rows } = await pool.query<Group>(
        `select g.group_id as "groupId", g.name,
                array(select m.person_id from group_members m where m.group_id = g.group_id order by m.position)
                  as "personIds"
           from person_groups g order by g.name_key`,
      );
      return rows;
    },
    saveGroup: ({ groupId, name, personIds }) =>
      translated(
        'group',
        database.transaction(async (client) => {
          await client.query(
            `insert into person_groups (group_id, name, name_key) values ($1, $2, $3)
             on conflict (group_id) do update set name = excluded.name, name_key = excluded.name_key`,
            [groupId, name, name.toLowerCase()],
          );
          await client.query('delete from group_members where group_id = $1', [groupId]);
          await client.query(
            `insert into group_members (group_id, person_id, position)
             select $1, * from unnest($2::uuid[]) with ordinality`,
            [groupId, personIds],
          );
        }),
      ),
    async removeGroup(groupId) {
      await pool.query('delete from person_groups where group_id = $1', [groupId]);
    },
    async rosters() {
      type Row = Omit<Roster, 'shifts'> & {
        readonly shifts: readonly (Omit<RosterShift, 'from' | 'to'> & { readonly from: string; readonly to: string })[];
      };
      const { rows } = await pool.query<Row>(
        'select roster_id as "rosterId", name, turns, shifts, otherwise from rosters order by name_key',
      );
      return rows.map((row) => ({
        ...row,
        shifts: row.shifts.map(({ personIds, from, to }) => ({ personIds, from: new Date(from), to: new Date(to) })),
      }));
    },
    saveRoster: ({ rosterId, name, turns, shifts, otherwise }) =>
      translated(
        'roster',
        database.transaction(async (client) => {
          await client.query(
            `insert into rosters (roster_id, name, name_key, turns, shifts, otherwise) values ($1, $2, $3, $4, $5, $6)
             on conflict (roster_id) do update
               set name = excluded.name, name_key = excluded.name_key, turns = excluded.turns,
                   shifts = excluded.shifts, otherwise = excluded.otherwise`,
            [rosterId, name, name.toLowerCase(), JSON.stringify(turns), JSON.stringify(shifts), otherwise],
          );
          await client.query('delete from roster_people where roster_id = $1', [rosterId]);
          await client.query('insert into roster_people (roster_id, person_id) select $1, * from unnest($2::uuid[])', [
            rosterId,
            [...new Set([...[...turns, ...shifts].flatMap(({ personIds }) => personIds), ...otherwise])],
          ]);
          await client.query('delete from roster_calendars where roster_id = $1', [rosterId]);
          await client.query(
            'insert into roster_calendars (roster_id, calendar_id) select $1, * from unnest($2::uuid[])',
            [rosterId, [...new Set(turns.flatMap(({ calendarId }) => (calendarId === null ? [] : [calendarId])))]],
          );
        }),
      ),
    async removeRoster(rosterId) {
      await pool.query('delete from rosters where roster_id = $1', [rosterId]);
    },
    async escalationsNaming(target) {
      const { rows } = await pool.query<{ name: string }>(
        `select name from escalations where steps @> $1::jsonb order by name_key`,
        [JSON.stringify([{ tells: [{ to: [target] }] }])],
      );
      return rows.map(({ name }) => name);
    },
  };
}
