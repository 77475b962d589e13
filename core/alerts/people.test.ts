import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { quietLog } from '../../test/quiet-log.ts';
import type { Calendars } from '../calendars/calendars.ts';
import { createCalendars } from '../calendars/create-calendars.ts';
import { createCalendarStore } from '../db/stores/calendar-store.ts';
import { createPeopleStore } from '../db/stores/people-store.ts';
import { addressProblem, canonicalAddress } from './addresses.ts';
import { createPeople } from './create-people.ts';
import { dutiesOf } from './duty.ts';
import type { People, PersonAddress, PersonInput, RosterInput } from './people.ts';

let database: TestDatabase;
let calendars: Calendars;
let people: People;
beforeAll(async () => {
  database = await openTestDatabase();
  calendars = createCalendars({
    store: createCalendarStore(database),
    news: { on: () => () => undefined },
    siteZone: () => Promise.resolve('Asia/Bangkok'),
    log: quietLog,
  });
  await calendars.start();
  people = createPeople({ store: createPeopleStore(database), calendars });
});
afterAll(() => database.close());
beforeEach(() => database.pool.query('truncate people, person_groups, rosters cascade'));

const somchai: PersonInput = {
  ...{ name: 'Somchai', language: 'th', userId: null, enabled: true },
  addresses: [
    { kind: 'email', address: 'somchai@example.com' },
    { kind: 'phone', address: '081-234-5678' },
  ],
};
const add = async (name: string): Promise<string> =>
  (await people.createPerson({ ...somchai, name, addresses: [] })).personId;
const at = (local: string): Date => new Date(`${local}:00+07:00`);

describe('an address', () => {
  test.each<[PersonAddress['kind'], string, string]>([
    ['phone', '081-234-5678', '+66812345678'],
    ['phone', '02 123 4567', '+6621234567'],
    ['phone', '+66 (81) 234.5678', '+66812345678'],
    ['email', ' desk@example.co.th ', 'desk@example.co.th'],
    ['line', `U${'0af1'.repeat(8)}`, `U${'0af1'.repeat(8)}`],
    ['telegram', '-1001234567890', '-1001234567890'],
    ['push', '{"endpoint":"https://push.example/1","keys":{"p256dh":"a","auth":"b"}}', ''],
  ])('%s %s can be used', (kind, written, kept) => {
    const canonical = canonicalAddress({ kind, address: written });
    expect(addressProblem(canonical)).toBeNull();
    if (kept !== '') expect(canonical.address).toBe(kept);
  });
  test.each<[PersonAddress['kind'], string]>([
    ['phone', '1234'],
    ['phone', '+0812345678'],
    ['email', 'desk'],
    ['email', 'a@b.c, d@e.f'],
    ['email', 'a@example.com\nbcc: x@example.com'],
    ['line', 'somchai99'],
    ['telegram', 'somchai'],
    ['push', '{"endpoint":"http://push.example/1"}'],
  ])('%s %j cannot', (kind, address) => {
    expect(addressProblem(canonicalAddress({ kind, address }))).not.toBeNull();
  });
});

test('a person is kept with addresses in their order and in one form', async () => {
  const person = await people.createPerson(somchai);
  expect(await people.persons()).toEqual([person]);
  expect(person.addresses[1]).toEqual({ kind: 'phone', address: '+66812345678' });
  await expect(
    people.updatePerson(person.personId, {
      addresses: [...somchai.addresses, { kind: 'phone', address: '+66812345678' }],
    }),
  ).rejects.toMatchObject({ details: { problems: [{ field: 'addresses.2.address', problem: 'is there twice' }] } });
  await people.forgetAddress({ kind: 'email', address: 'somchai@example.com' });
  expect((await people.persons())[0]?.addresses).toHaveLength(1);
});

test('nobody is taken out of a group or a roster unawares', async () => {
  const personId = await add('Somchai');
  const group = await people.createGroup({ name: 'Desk', personIds: [personId, personId] });
  expect(group.personIds).toEqual([personId]);
  const roster = await people.createRoster({ name: 'Nights', turns: [], shifts: [], otherwise: [personId] });
  await expect(people.removePerson(personId)).rejects.toMatchObject({
    code: 'conflict',
    details: {
      problems: [
        { field: 'group', problem: 'Desk' },
        { field: 'roster', problem: 'Nights' },
      ],
    },
  });
  await people.removeGroup(group.groupId);
  await people.removeRoster(roster.rosterId);
  await people.removePerson(personId);
  expect(await people.persons()).toEqual([]);
});

test('faults of a roster are told together, by field', async () => {
  const turn = { personIds: ['00000000-0000-4000-8000-000000000000'], calendarId: null };
  await expect(
    people.createRoster({
      name: 'Nights',
      turns: [{ ...turn, startsOn: '2026-02-30', handoverAt: '8 am', everyDays: 7 }],
      shifts: [{ personIds: [], from: at('2026-11-26T08:00'), to: at('2026-11-26T08:00') }],
      otherwise: [],
    }),
  ).rejects.toMatchObject({
    details: {
      problems: [
        { field: 'turns.0.personIds.0' },
        { field: 'turns.0.startsOn' },
        { field: 'turns.0.handoverAt' },
        { field: 'shifts.0.to' },
      ],
    },
  });
});

test('a calendar that a roster goes by stays', async () => {
  const calendar = await calendars.create({
    ...{ name: 'Shop', weekly: [], holidays: 'weekday', holidayHours: [], dates: [] },
  });
  const personId = await add('Somchai');
  const turn = { personIds: [personId], startsOn: '2026-11-23', handoverAt: '08:00', everyDays: 7 };
  const { rosterId } = await people.createRoster({
    ...{ name: 'Shop roster', shifts: [], otherwise: [] },
    turns: [{ ...turn, calendarId: calendar.calendarId }],
  });
  await expect(calendars.remove(calendar.calendarId)).rejects.toThrow('roster "Shop roster"');
  await people.removeRoster(rosterId);
  await calendars.remove(calendar.calendarId);
});

describe('on duty', () => {
  const [a, b, c, boss] = ['a', 'b', 'c', 'boss'];
  const nights = '00000000-0000-4000-8000-0000ca1e0003';
  const weekly: RosterInput = {
    name: 'Desk',
    turns: [{ personIds: [a, b, c], calendarId: null, startsOn: '2026-11-23', handoverAt: '08:00', everyDays: 7 }],
    shifts: [],
    otherwise: [boss],
  };
  const first = (roster: RosterInput, local: string) => {
    const [duty] = dutiesOf(roster, calendars, at(local), 31);
    return [duty?.personIds.join(), duty?.by, duty?.to?.toISOString() ?? null];
  };

  test('one week each, from hand-over to hand-over', () => {
    expect(first(weekly, '2026-11-23T07:59')).toEqual(['boss', 'otherwise', '2026-11-23T01:00:00.000Z']);
    expect(first(weekly, '2026-11-23T08:00')).toEqual(['a', 'turn', '2026-11-30T01:00:00.000Z']);
    expect(first(weekly, '2026-11-30T07:59')).toEqual(['a', 'turn', '2026-11-30T01:00:00.000Z']);
    expect(first(weekly, '2026-11-30T08:00')).toEqual(['b', 'turn', '2026-12-07T01:00:00.000Z']);
    expect(first(weekly, '2026-12-14T09:00')).toEqual(['a', 'turn', '2026-12-21T01:00:00.000Z']);
    expect(dutiesOf(weekly, calendars, at('2026-11-24T00:00'), 14).map(({ personIds }) => personIds.join())).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  test('a shift counts alone while it lasts', () => {
    const roster = {
      ...weekly,
      shifts: [{ personIds: [c], from: at('2026-11-24T12:00'), to: at('2026-11-24T18:00') }],
    };
    expect(first(roster, '2026-11-24T11:59')).toEqual(['a', 'turn', '2026-11-24T05:00:00.000Z']);
    expect(first(roster, '2026-11-24T12:00')).toEqual(['c', 'shift', '2026-11-24T11:00:00.000Z']);
    expect(first(roster, '2026-11-24T18:00')).toEqual(['a', 'turn', '2026-11-30T01:00:00.000Z']);
  });

  test('a turn that goes by a calendar ends with it, and somebody stands in', () => {
    const roster = { ...weekly, turns: [{ ...weekly.turns[0]!, calendarId: nights }] };
    expect(first(roster, '2026-11-24T23:00')).toEqual(['a', 'turn', '2026-11-24T23:00:00.000Z']);
    expect(first(roster, '2026-11-24T12:00')).toEqual(['boss', 'otherwise', '2026-11-24T15:00:00.000Z']);
    expect(first({ ...roster, otherwise: [] }, '2026-11-24T12:00')).toEqual(['', null, '2026-11-24T15:00:00.000Z']);
  });

  test('who is told is looked up when it is told', async () => {
    const [one, two] = [await add('One'), await add('Two')];
    const group = await people.createGroup({ name: 'Both', personIds: [one, two] });
    const roster = await people.createRoster({
      ...{ name: 'Empty', turns: [], otherwise: [] },
      shifts: [{ personIds: [two], from: at('2026-11-24T12:00'), to: at('2026-11-24T18:00') }],
    });
    await people.updatePerson(one, { enabled: false });
    const targets = [
      { kind: 'group', id: group.groupId },
      { kind: 'roster', id: roster.rosterId },
    ] as const;
    const names = async (local: string) => {
      const { people: told, nobody } = await people.recipients(targets, at(local));
      return [told.map(({ name }) => name), nobody];
    };
    expect(await names('2026-11-24T13:00')).toEqual([['Two'], []]);
    expect(await names('2026-11-24T18:00')).toEqual([['Two'], ['Empty']]);
  });
});
