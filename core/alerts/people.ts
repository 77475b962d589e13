/** Who is told of alerts: people with their addresses, groups of them, and rosters that say who is on duty. */
import type { AddressKind } from '../plugins/define.ts';

export interface PersonAddress {
  readonly kind: AddressKind;
  /** Phone: E.164; LINE: id of a user, group or room; Telegram: chat id; push: a browser's subscription as JSON. */
  readonly address: string;
}

export interface PersonInput {
  readonly name: string;
  readonly language: 'th' | 'en';
  /** The account, where the person has one. */
  readonly userId: string | null;
  readonly addresses: readonly PersonAddress[];
  /** False: is told nothing, e.g. on leave. */
  readonly enabled: boolean;
}
export interface Person extends PersonInput {
  readonly personId: string;
}

export interface GroupInput {
  readonly name: string;
  readonly personIds: readonly string[];
}
export interface Group extends GroupInput {
  readonly groupId: string;
}

/** People who take over from one another; one of them at a time. */
export interface RosterTurn {
  readonly personIds: readonly string[];
  /** Only while that calendar is on; null: always. */
  readonly calendarId: string | null;
  /** `YYYY-MM-DD` of the site: the day on which the first one takes over. */
  readonly startsOn: string;
  /** `HH:MM` of the site's clock. */
  readonly handoverAt: string;
  readonly everyDays: number;
}

export interface RosterShift {
  readonly personIds: readonly string[];
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

export interface RosterInput {
  readonly name: string;
  readonly turns: readonly RosterTurn[];
  /** While one lasts it alone counts. */
  readonly shifts: readonly RosterShift[];
  /** Who is told when nobody is on duty. */
  readonly otherwise: readonly string[];
}
export interface Roster extends RosterInput {
  readonly rosterId: string;
}

/** Who is on duty for a stretch of time. */
export interface Duty {
  readonly personIds: readonly string[];
  /** Null: nobody is on duty, and nobody stands in. */
  readonly by: 'shift' | 'turn' | 'otherwise' | null;
  readonly from: Date;
  /** Null: that does not change within the time that was looked at. */
  readonly to: Date | null;
}

export interface Target {
  readonly kind: 'person' | 'group' | 'roster';
  readonly id: string;
}

export interface Recipients {
  /** Each once, those who are told nothing left out. */
  readonly people: readonly Person[];
  /** Names of the targets that gave nobody. */
  readonly nobody: readonly string[];
}

export type PersonUse = { readonly what: 'group' | 'roster' | 'escalation'; readonly name: string };

export interface People {
  persons(): Promise<readonly Person[]>;
  /** @throws name_taken, invalid_input naming the field */
  createPerson(input: PersonInput): Promise<Person>;
  /** @throws not_found, name_taken, invalid_input */
  updatePerson(personId: string, change: Partial<PersonInput>): Promise<Person>;
  /** @throws not_found, conflict naming who needs it */
  removePerson(personId: string): Promise<void>;
  /** An address that is no more, of whoever has it. */
  forgetAddress(address: PersonAddress): Promise<void>;
  groups(): Promise<readonly Group[]>;
  /** @throws name_taken, invalid_input */
  createGroup(input: GroupInput): Promise<Group>;
  /** @throws not_found, name_taken, invalid_input */
  updateGroup(groupId: string, change: Partial<GroupInput>): Promise<Group>;
  /** @throws not_found, conflict naming who needs it */
  removeGroup(groupId: string): Promise<void>;
  rosters(): Promise<readonly Roster[]>;
  /** @throws name_taken, invalid_input */
  createRoster(input: RosterInput): Promise<Roster>;
  /** @throws not_found, name_taken, invalid_input */
  updateRoster(rosterId: string, change: Partial<RosterInput>): Promise<Roster>;
  /** @throws not_found, conflict naming who needs it */
  removeRoster(rosterId: string): Promise<void>;
  /** Who is on duty from an instant on, stretch by stretch, for so many days. @throws not_found */
  duties(roster: Roster, from: Date, days: number): readonly Duty[];
  /** Whom targets stand for at an instant. @throws not_found */
  recipients(targets: readonly Target[], at: Date): Promise<Recipients>;
  /** @throws invalid_input naming the field, when one is none */
  assertTargets(targets: readonly Target[], field: string): Promise<void>;
}

/** What people need of a database. */
export interface PeopleStore {
  persons(): Promise<readonly Person[]>;
  /** Adds it, or makes it so. @throws name_taken, invalid_input when the account is none */
  savePerson(person: Person): Promise<void>;
  removePerson(personId: string): Promise<void>;
  forgetAddress(address: PersonAddress): Promise<void>;
  groups(): Promise<readonly Group[]>;
  /** @throws name_taken, invalid_input when a person is none */
  saveGroup(group: Group): Promise<void>;
  removeGroup(groupId: string): Promise<void>;
  rosters(): Promise<readonly Roster[]>;
  /** @throws name_taken, invalid_input when a person is none */
  saveRoster(roster: Roster): Promise<void>;
  removeRoster(rosterId: string): Promise<void>;
  /** Escalations that name one of these. */
  escalationsNaming(target: Target): Promise<readonly string[]>;
}
