import { z } from 'zod';
import type { Calendar } from '../calendars/calendars.ts';
import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { idParams, listOf, route, type RouteSpec } from './route.ts';

export function calendarRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { calendars } = hub;
  const audit = auditOf(hub);
  const answer = (calendar: Calendar, now = new Date()): contract.Calendar => ({
    ...wire(calendar),
    isOn: calendars.includes(calendar.calendarId, now),
    changesAt: wire(calendars.nextChange(calendar.calendarId, now)),
  });
  return [
    route({
      method: 'get',
      path: '/calendars',
      needs: 'alerts.view',
      summary: 'Calendars, and which are on now',
      answer: listOf(contract.Calendar),
      handle: () => Promise.resolve({ items: calendars.list().map((calendar) => answer(calendar)) }),
    }),
    route({
      method: 'get',
      path: '/calendars/holidays',
      needs: 'alerts.view',
      summary: 'Public holidays of Thailand in a year',
      query: z.object({
        year: z.coerce.number().int().min(2000).max(2100).optional().describe('default: this one'),
      }),
      answer: contract.HolidayYear,
      handle: ({ query: { year = new Date().getFullYear() } }) => Promise.resolve(wire(calendars.holidays(year))),
    }),
    route({
      method: 'get',
      path: '/calendars/:calendarId/uses',
      needs: 'alerts.view',
      summary: 'What hangs on a calendar',
      params: idParams('calendarId'),
      answer: listOf(contract.CalendarUse),
      async handle({ params: { calendarId } }) {
        calendars.get(calendarId);
        return { items: wire(await calendars.uses(calendarId)) };
      },
    }),
    route({
      method: 'post',
      path: '/calendars',
      needs: 'alerts.manage',
      summary: 'Add a calendar',
      body: contract.CalendarInput,
      answer: contract.Calendar,
      status: 201,
      async handle({ body, ...asker }) {
        const calendar = await calendars.create(body);
        await audit(asker, 'calendar.created', calendar.calendarId, { name: calendar.name });
        return answer(calendar);
      },
    }),
    route({
      method: 'patch',
      path: '/calendars/:calendarId',
      needs: 'alerts.manage',
      summary: 'Change a calendar; what is left out stays',
      params: idParams('calendarId'),
      body: contract.CalendarChange,
      answer: contract.Calendar,
      async handle({ params: { calendarId }, body, ...asker }) {
        const calendar = await calendars.update(calendarId, body);
        await audit(asker, 'calendar.changed', calendarId, { fields: Object.keys(body) });
        return answer(calendar);
      },
    }),
    route({
      method: 'delete',
      path: '/calendars/:calendarId',
      needs: 'alerts.manage',
      summary: 'Remove a calendar that nothing uses',
      params: idParams('calendarId'),
      async handle({ params: { calendarId }, ...asker }) {
        const { name } = calendars.get(calendarId);
        await calendars.remove(calendarId);
        await audit(asker, 'calendar.removed', calendarId, { name });
      },
    }),
  ];
}
