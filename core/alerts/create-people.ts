import { randomUUID } from 'node:crypto';
import type { Calendars } from '../calendars/calendars.ts';
import { LprError, type FieldProblem } from '../errors.ts';
import { addressProblem, canonicalAddress } from './addresses.ts';
import { dutiesOf } from './duty.ts';
import type {
  Group,
  GroupInput,
  People,
  PeopleStore,
  Person,
  PersonInput,
  PersonUse,
  Roster,
  RosterInput,
  Target,
} from './people.ts';

export interface PeopleDependencies {
  readonly store: PeopleStore;
  readonly calendars: Pick<Calendars, 'includes' | 'nextChange' | 'timeZone' | 'list' | 'addUser'>;
}

const LOOK_DAYS = 1;

const invalid = (what: string, problems: readonly FieldProblem[]): LprError =>
  new LprError(
    'invalid_input',
    `The ${what} cannot be used: ${problems.map(({ field, problem }) => `${field} ${problem}`).join('; ')}.`,
    { problems },
  );

const found = <T>(thing: T | undefined, what: string): T => {
  if (thing === undefined) throw new LprError('not_found', `There is no such ${what}.`);
  return thing;
};

function canonicalPerson<T extends PersonInput>(person: T): T {
  const addresses = person.addresses.map(canonicalAddress);
  const problems = addresses.flatMap((address, index): FieldProblem[] => {
    const problem = addressProblem(address);
    const first = addresses.findIndex((one) => one.kind === address.kind && one.address === address.address);
    const field = `addresses.${index}.address`;
    if (problem !== null) return [{ field, problem }];
    return first < index ? [{ field, problem: 'is there twice' }] : [];
  });
  if (problems.length > 0) throw invalid('person', problems);
  return { ...person, addresses };
}

const isDay = (date: string): boolean => {
  const at = new Date(`${date}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(date) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(date);
};

function checkRoster(roster: RosterInput, known: ReadonlySet<string>, calendarIds: ReadonlySet<string>): void {
  const problems: FieldProblem[] = [];
  const check = (personIds: readonly string[], field: string): void => {
    personIds.forEach((personId, index) => {
      if (!known.has(personId)) problems.push({ field: `${field}.${index}`, problem: 'names a person that is none' });
    });
  };
  roster.turns.forEach((turn, index) => {
    const field = `turns.${index}`;
    check(turn.personIds, `${field}.personIds`);
    if (!isDay(turn.startsOn)) {
      problems.push({ field: `${field}.startsOn`, problem: 'must be a day of the calendar, as 2026-04-13' });
    }
    if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(turn.handoverAt)) {
      problems.push({ field: `${field}.handoverAt`, problem: 'must be a time from 00:00 to 23:59' });
    }
    if (turn.calendarId !== null && !calendarIds.has(turn.calendarId)) {
      problems.push({ field: `${field}.calendarId`, problem: 'names a calendar that is none' });
    }
  });
  roster.shifts.forEach((shift, index) => {
    check(shift.personIds, `shifts.${index}.personIds`);
    if (shift.to <= shift.from) problems.push({ field: `shifts.${index}.to`, problem: 'must lie after its beginning' });
  });
  check(roster.otherwise, 'otherwise');
  if (problems.length > 0) throw invalid('roster', problems);
}

const usesOf = (roster: Roster, personId: string): boolean =>
  [...roster.turns, ...roster.shifts].some(({ personIds }) => personIds.includes(personId)) ||
  roster.otherwise.includes(personId);

const inUse = (what: string, uses: readonly PersonUse[]): LprError => {
  const names = uses.map((use) => `${use.what} "${use.name}"`).join(', ');
  return new LprError('conflict', `The ${what} is needed by ${names}: take it out there first.`, {
    problems: uses.map((use) => ({ field: use.what, problem: use.name })),
  });
};

export function createPeople({ store, calendars }: PeopleDependencies): People {
  const personIdsOf = async (): Promise<ReadonlySet<string>> =>
    new Set((await store.persons()).map(({ personId }) => personId));

  const escalationUses = async (target: Target): Promise<readonly PersonUse[]> =>
    (await store.escalationsNaming(target)).map((name) => ({ what: 'escalation', name }));

  const saveGroup = async (group: Group): Promise<Group> => {
    const known = await personIdsOf();
    const problems = group.personIds.flatMap((personId, index) =>
      known.has(personId) ? [] : [{ field: `personIds.${index}`, problem: 'names a person that is none' }],
    );
    if (problems.length > 0) throw invalid('group', problems);
    const saved = { ...group, personIds: [...new Set(group.personIds)] };
    await store.saveGroup(saved);
    return saved;
  };
  const saveRoster = async (roster: Roster): Promise<Roster> => {
    checkRoster(roster, await personIdsOf(), new Set(calendars.list().map(({ calendarId }) => calendarId)));
    await store.saveRoster(roster);
    return roster;
  };
  const savePerson = async (person: Person): Promise<Person> => {
    const saved = canonicalPerson(person);
    await store.savePerson(saved);
    return saved;
  };
  const personOf = async (personId: string): Promise<Person> =>
    found(
      (await store.persons()).find((one) => one.personId === personId),
      'person',
    );
  const groupOf = async (groupId: string): Promise<Group> =>
    found(
      (await store.groups()).find((one) => one.groupId === groupId),
      'group',
    );
  const rosterOf = async (rosterId: string): Promise<Roster> =>
    found(
      (await store.rosters()).find((one) => one.rosterId === rosterId),
      'roster',
    );

  calendars.addUser(async (calendarId) =>
    (await store.rosters())
      .filter(({ turns }) => turns.some((turn) => turn.calendarId === calendarId))
      .map(({ name }) => ({ what: 'roster' as const, name })),
  );

  return {
    persons: () => store.persons(),
    createPerson: (input) => savePerson({ ...input, personId: randomUUID() }),
    updatePerson: async (personId, change) => savePerson({ ...(await personOf(personId)), ...change }),
    async removePerson(personId) {
      await personOf(personId);
      const uses: PersonUse[] = [
        ...(await store.groups())
          .filter(({ personIds }) => personIds.includes(personId))
          .map(({ name }) => ({ what: 'group' as const, name })),
        ...(await store.rosters())
          .filter((roster) => usesOf(roster, personId))
          .map(({ name }) => ({ what: 'roster' as const, name })),
        ...(await escalationUses({ kind: 'person', id: personId })),
      ];
      if (uses.length > 0) throw inUse('person', uses);
      await store.removePerson(personId);
    },
    forgetAddress: (address) => store.forgetAddress(address),
    groups: () => store.groups(),
    createGroup: (input: GroupInput) => saveGroup({ ...input, groupId: randomUUID() }),
    updateGroup: async (groupId, change) => saveGroup({ ...(await groupOf(groupId)), ...change }),
    async removeGroup(groupId) {
      await groupOf(groupId);
      const uses = await escalationUses({ kind: 'group', id: groupId });
      if (uses.length > 0) throw inUse('group', uses);
      await store.removeGroup(groupId);
    },
    rosters: () => store.rosters(),
    createRoster: (input) => saveRoster({ ...input, rosterId: randomUUID() }),
    updateRoster: async (rosterId, change) => saveRoster({ ...(await rosterOf(rosterId)), ...change }),
    async removeRoster(rosterId) {
      await rosterOf(rosterId);
      const uses = await escalationUses({ kind: 'roster', id: rosterId });
      if (uses.length > 0) throw inUse('roster', uses);
      await store.removeRoster(rosterId);
    },
    duties: (roster, from, days) => dutiesOf(roster, calendars, from, days),
    async recipients(targets, at) {
      const [persons, groups, rosters] = await Promise.all([store.persons(), store.groups(), store.rosters()]);
      const people = new Map<string, Person>();
      const nobody: string[] = [];
      for (const { kind, id } of targets) {
        let name: string;
        let personIds: readonly string[];
        if (kind === 'person') {
          const person = found(
            persons.find(({ personId }) => personId === id),
            'person',
          );
          [name, personIds] = [person.name, [id]];
        } else if (kind === 'group') {
          ({ name, personIds } = found(
            groups.find(({ groupId }) => groupId === id),
            'group',
          ));
        } else {
          const roster = found(
            rosters.find(({ rosterId }) => rosterId === id),
            'roster',
          );
          name = roster.name;
          personIds = dutiesOf(roster, calendars, at, LOOK_DAYS)[0]?.personIds ?? [];
        }
        const told = persons.filter(({ personId, enabled }) => enabled && personIds.includes(personId));
        if (told.length === 0) nobody.push(name);
        for (const person of told) people.set(person.personId, person);
      }
      return { people: [...people.values()], nobody };
    },
    async assertTargets(targets, field) {
      const [persons, groups, rosters] = await Promise.all([store.persons(), store.groups(), store.rosters()]);
      const known: Readonly<Record<Target['kind'], readonly string[]>> = {
        person: persons.map(({ personId }) => personId),
        group: groups.map(({ groupId }) => groupId),
        roster: rosters.map(({ rosterId }) => rosterId),
      };
      const problems = targets.flatMap(({ kind, id }, index) =>
        known[kind].includes(id) ? [] : [{ field: `${field}.${index}.id`, problem: `names a ${kind} that is none` }],
      );
      if (problems.length > 0) throw invalid('list of those told', problems);
    },
  };
}
