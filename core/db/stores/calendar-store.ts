import type { Calendar, CalendarStore } from '../../calendars/calendars.ts';
import { LprError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { tellNews } from '../news.ts';
import { nameTaken } from './name-taken.ts';

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

export function createCalendarStore(database: Database): CalendarStore {
  return {
    async list() {
      const { rows } = await database.pool.query<Calendar>(
        `select calendar_id as "calendarId", name, weekly, holidays, holiday_hours as "holidayHours", dates,
                built_in as "builtIn", created_at as "createdAt"
           from calendars order by name_key`,
      );
      return rows;
    },
    async save({ calendarId, name, weekly, holidays, holidayHours, dates, builtIn }) {
      try {
        await database.transaction(async (client) => {
          await client.query(
            `insert into calendars (calendar_id, name, name_key, weekly, holidays, holiday_hours, dates, built_in)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (calendar_id) do update
               set name = excluded.name, name_key = excluded.name_key, weekly = excluded.weekly,
                   holidays = excluded.holidays, holiday_hours = excluded.holiday_hours, dates = excluded.dates,
                   built_in = excluded.built_in`,
            [
              ...[calendarId, name, name.toLowerCase(), JSON.stringify(weekly), holidays],
              ...[JSON.stringify(holidayHours), JSON.stringify(dates), builtIn],
            ],
          );
          await tellNews(client, 'calendars', calendarId);
        });
      } catch (error) {
        throw nameTaken('calendar', error);
      }
    },
    async remove(calendarId) {
      try {
        return await database.transaction(async (client) => {
          const { rowCount } = await client.query('delete from calendars where calendar_id = $1', [calendarId]);
          await tellNews(client, 'calendars', calendarId);
          return rowCount === 1;
        });
      } catch (error) {
        if (codeOf(error) !== '23503') throw error;
        throw new LprError('conflict', 'Something uses this calendar: give it another one first.', {}, error);
      }
    },
  };
}
