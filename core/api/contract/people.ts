/** Who is told: people, groups, and rosters that say who is on duty. */
import { z } from 'zod';
import { id, instant } from './primitives.ts';

const name = z.string().trim().min(1).max(100);
const ids = z.array(z.uuid()).max(200);

export const AddressKind = z.enum(['email', 'phone', 'line', 'telegram', 'push']);
export type AddressKind = z.infer<typeof AddressKind>;
export const PersonAddress = z
  .object({
    kind: AddressKind,
    address: z
      .string()
      .trim()
      .min(1)
      .max(2000)
      .describe(
        'phone: +66812345678; line: id of a user, group or room; telegram: chat id; push: a subscription as JSON',
      ),
  })
  .meta({ id: 'PersonAddress' });
export type PersonAddress = z.infer<typeof PersonAddress>;

const person = {
  name,
  language: z.enum(['th', 'en']).describe('of what the person is sent'),
  userId: z.uuid().nullable().describe('the account, where the person has one'),
  addresses: z.array(PersonAddress).max(20),
  enabled: z.boolean().describe('false: is told nothing, e.g. on leave'),
};
export const PersonInput = z
  .object({
    ...person,
    language: person.language.default('th'),
    userId: person.userId.default(null),
    addresses: person.addresses.default([]),
    enabled: person.enabled.default(true),
  })
  .meta({ id: 'PersonInput' });
export type PersonInput = z.input<typeof PersonInput>;
/** Without defaults: what is left out stays. */
export const PersonChange = z.object(person).partial().meta({ id: 'PersonChange' });
export type PersonChange = z.infer<typeof PersonChange>;
export const Person = z.object({ personId: id, ...person }).meta({ id: 'Person' });
export type Person = z.infer<typeof Person>;

export const GroupInput = z.object({ name, personIds: ids }).meta({ id: 'GroupInput' });
export type GroupInput = z.infer<typeof GroupInput>;
export const GroupChange = GroupInput.partial().meta({ id: 'GroupChange' });
export type GroupChange = z.infer<typeof GroupChange>;
export const Group = GroupInput.extend({ groupId: id }).meta({ id: 'Group' });
export type Group = z.infer<typeof Group>;

export const RosterTurn = z
  .object({
    personIds: ids.min(1).describe('in the order in which they take over'),
    calendarId: z.uuid().nullable().describe('only while that calendar is on; null: always'),
    startsOn: z.string().max(10).describe('YYYY-MM-DD: the day on which the first one takes over'),
    handoverAt: z.string().max(5).describe('HH:MM on the clock of the site'),
    everyDays: z.int().min(1).max(366).describe('7: one week each'),
  })
  .meta({ id: 'RosterTurn' });
export type RosterTurn = z.infer<typeof RosterTurn>;
export const RosterShift = z.object({ personIds: ids.min(1), from: instant, to: instant }).meta({ id: 'RosterShift' });
export type RosterShift = z.infer<typeof RosterShift>;
const roster = {
  name,
  turns: z.array(RosterTurn).max(20).describe('each gives one person at a time'),
  shifts: z.array(RosterShift).max(2000).describe('while one lasts it alone counts: for stand-ins and special days'),
  otherwise: ids.describe('who is told when nobody is on duty'),
};
export const RosterInput = z
  .object({
    ...roster,
    turns: roster.turns.default([]),
    shifts: roster.shifts.default([]),
    otherwise: roster.otherwise.default([]),
  })
  .meta({ id: 'RosterInput' });
export type RosterInput = z.input<typeof RosterInput>;
export const RosterChange = z.object(roster).partial().meta({ id: 'RosterChange' });
export type RosterChange = z.infer<typeof RosterChange>;

const duty = {
  personIds: z.array(id),
  by: z.enum(['shift', 'turn', 'otherwise']).nullable().describe('null: nobody is on duty'),
};
export const Duty = z
  .object({ ...duty, from: instant, to: instant.nullable().describe('null: no end within a month') })
  .meta({ id: 'Duty' });
export type Duty = z.infer<typeof Duty>;
export const Roster = z.object({ rosterId: id, ...roster, now: Duty, next: Duty.nullable() }).meta({ id: 'Roster' });
export type Roster = z.infer<typeof Roster>;

export const Target = z.object({ kind: z.enum(['person', 'group', 'roster']), id: z.uuid() }).meta({ id: 'Target' });
export type Target = z.infer<typeof Target>;
