import { z } from 'zod';
import type { Duty, Roster, RosterInput } from '../alerts/people.ts';
import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { found, idParams, listOf, route, type RouteSpec } from './route.ts';

const LOOK_DAYS = 31;

const shiftsOf = (shifts: readonly contract.RosterShift[]): RosterInput['shifts'] =>
  shifts.map(({ personIds, from, to }) => ({ personIds, from: new Date(from), to: new Date(to) }));

export function peopleRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { people } = hub;
  const audit = auditOf(hub);
  const rosterAnswer = (roster: Roster): contract.Roster => {
    const [now, next = null] = people.duties(roster, new Date(), LOOK_DAYS);
    return { ...wire(roster), now: wire(now as Duty), next: wire(next) };
  };
  return [
    route({
      method: 'get',
      path: '/people',
      needs: 'alerts.manage',
      summary: 'People who can be told, with their addresses',
      answer: listOf(contract.Person),
      handle: async () => ({ items: wire(await people.persons()) }),
    }),
    route({
      method: 'post',
      path: '/people',
      needs: 'alerts.manage',
      summary: 'Add a person',
      body: contract.PersonInput,
      answer: contract.Person,
      status: 201,
      async handle({ body, ...asker }) {
        const person = await people.createPerson(body);
        await audit(asker, 'person.created', person.personId, { name: person.name });
        return wire(person);
      },
    }),
    route({
      method: 'patch',
      path: '/people/:personId',
      needs: 'alerts.manage',
      summary: 'Change a person; what is left out stays',
      params: idParams('personId'),
      body: contract.PersonChange,
      answer: contract.Person,
      async handle({ params: { personId }, body, ...asker }) {
        const person = await people.updatePerson(personId, body);
        await audit(asker, 'person.changed', personId, { fields: Object.keys(body) });
        return wire(person);
      },
    }),
    route({
      method: 'delete',
      path: '/people/:personId',
      needs: 'alerts.manage',
      summary: 'Remove a person whom no group, roster or escalation names',
      params: idParams('personId'),
      async handle({ params: { personId }, ...asker }) {
        await people.removePerson(personId);
        await audit(asker, 'person.removed', personId);
      },
    }),
    route({
      method: 'get',
      path: '/groups',
      needs: 'alerts.manage',
      summary: 'Groups of people',
      answer: listOf(contract.Group),
      handle: async () => ({ items: wire(await people.groups()) }),
    }),
    route({
      method: 'post',
      path: '/groups',
      needs: 'alerts.manage',
      summary: 'Add a group',
      body: contract.GroupInput,
      answer: contract.Group,
      status: 201,
      async handle({ body, ...asker }) {
        const group = await people.createGroup(body);
        await audit(asker, 'group.created', group.groupId, { name: group.name });
        return wire(group);
      },
    }),
    route({
      method: 'patch',
      path: '/groups/:groupId',
      needs: 'alerts.manage',
      summary: 'Change a group; what is left out stays',
      params: idParams('groupId'),
      body: contract.GroupChange,
      answer: contract.Group,
      async handle({ params: { groupId }, body, ...asker }) {
        const group = await people.updateGroup(groupId, body);
        await audit(asker, 'group.changed', groupId, { fields: Object.keys(body) });
        return wire(group);
      },
    }),
    route({
      method: 'delete',
      path: '/groups/:groupId',
      needs: 'alerts.manage',
      summary: 'Remove a group that no escalation names',
      params: idParams('groupId'),
      async handle({ params: { groupId }, ...asker }) {
        await people.removeGroup(groupId);
        await audit(asker, 'group.removed', groupId);
      },
    }),
    route({
      method: 'get',
      path: '/rosters',
      needs: 'alerts.manage',
      summary: 'Rosters, with who is on duty now and next',
      answer: listOf(contract.Roster),
      handle: async () => ({ items: (await people.rosters()).map(rosterAnswer) }),
    }),
    route({
      method: 'get',
      path: '/rosters/:rosterId/duties',
      needs: 'alerts.manage',
      summary: 'Who is on duty from an instant on, stretch by stretch',
      params: idParams('rosterId'),
      query: z.object({
        from: z.iso.datetime({ offset: true }).optional().describe('default: now'),
        days: z.coerce.number().int().min(1).max(92).default(14),
      }),
      answer: listOf(contract.Duty),
      async handle({ params: { rosterId }, query: { from, days } }) {
        const roster = found(
          (await people.rosters()).find((one) => one.rosterId === rosterId),
          'roster',
        );
        return { items: wire(people.duties(roster, from === undefined ? new Date() : new Date(from), days)) };
      },
    }),
    route({
      method: 'post',
      path: '/rosters',
      needs: 'alerts.manage',
      summary: 'Add a roster',
      body: contract.RosterInput,
      answer: contract.Roster,
      status: 201,
      async handle({ body, ...asker }) {
        const roster = await people.createRoster({ ...body, shifts: shiftsOf(body.shifts) });
        await audit(asker, 'roster.created', roster.rosterId, { name: roster.name });
        return rosterAnswer(roster);
      },
    }),
    route({
      method: 'patch',
      path: '/rosters/:rosterId',
      needs: 'alerts.manage',
      summary: 'Change a roster; what is left out stays',
      params: idParams('rosterId'),
      body: contract.RosterChange,
      answer: contract.Roster,
      async handle({ params: { rosterId }, body: { shifts, ...change }, ...asker }) {
        const more = shifts === undefined ? {} : { shifts: shiftsOf(shifts) };
        const roster = await people.updateRoster(rosterId, { ...change, ...more });
        await audit(asker, 'roster.changed', rosterId, { fields: Object.keys({ ...change, ...more }) });
        return rosterAnswer(roster);
      },
    }),
    route({
      method: 'delete',
      path: '/rosters/:rosterId',
      needs: 'alerts.manage',
      summary: 'Remove a roster that no escalation names',
      params: idParams('rosterId'),
      async handle({ params: { rosterId }, ...asker }) {
        await people.removeRoster(rosterId);
        await audit(asker, 'roster.removed', rosterId);
      },
    }),
  ];
}
