import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createCalendars } from '../calendars/create-calendars.ts';
import { createAcknowledgementStore } from '../db/stores/acknowledgement-store.ts';
import { createDeliveryStore } from '../db/stores/alert-delivery-store.ts';
import { createCalendarStore } from '../db/stores/calendar-store.ts';
import { createEscalationStore } from '../db/stores/escalation-store.ts';
import { createPeopleStore } from '../db/stores/people-store.ts';
import type { Jobs } from '../jobs.ts';
import type { AddressKind } from '../plugins/define.ts';
import type { Acknowledgements, Outcome } from './acknowledgements.ts';
import { createAcknowledgements } from './create-acknowledgements.ts';
import { createEscalations } from './create-escalations.ts';
import { createPeople } from './create-people.ts';
import type { DeliveryOrder } from './channels.ts';
import type { EscalationInput, Escalations } from './escalations.ts';
import type { People } from './people.ts';
import { timelineOf } from './timeline.ts';

const CAMERA = '00000000-0000-7000-8000-000000000001';
const SMS = '00000000-0000-7000-8000-0000000000a1';
const HOOK = '00000000-0000-7000-8000-0000000000a2';
const START = Date.parse('2026-11-26T01:00:00Z');

let database: TestDatabase;
let people: People;
let clock = START;
const now = (): Date => new Date(clock);
const pass = (seconds: number): void => {
  clock += seconds * 1000;
};
const timers: { readonly at: Date; readonly key: string }[] = [];
const jobs: Pick<Jobs, 'work' | 'every' | 'send'> = {
  work: () => undefined,
  every: () => undefined,
  send(_queue, _data, { at = new Date(0), key = '' } = {}) {
    timers.push({ at, key });
    return Promise.resolve();
  },
};

/** As the outbox takes them: each alert, channel, kind, address and key once. */
async function order(alertId: string, orders: readonly DeliveryOrder[]): Promise<void> {
  for (const { channelId, kind, address, person, language, key } of orders) {
    await database.pool.query(
      `insert into alert_deliveries (alert_id, channel_id, kind, address, person, language, key)
       values ($1, $2, $3, $4, $5, $6, $7) on conflict (alert_id, channel_id, kind, address, key) do nothing`,
      [alertId, channelId, kind, address, person, language, key],
    );
  }
}

interface Process {
  readonly escalations: Escalations;
  readonly acknowledgements: Acknowledgements;
}
const announced: string[] = [];
const decisions: [string, Outcome | null][] = [];
/** One process of the hub; a further one is a restart, or another process beside it. */
function start(ordering: typeof order = order): Process {
  const escalations = createEscalations({
    store: createEscalationStore(database),
    ...{ people, jobs, order: ordering, log: quietLog, now },
    channels: async () => {
      const { rows } = await database.pool.query<{
        channelId: string;
        name: string;
        enabled: boolean;
        address: AddressKind | null;
      }>(
        `select channel_id as "channelId", name, enabled, case plugin when 'sms' then 'phone' end as address from alert_channels`,
      );
      return rows;
    },
    pushAddresses: () => Promise.resolve([]),
    markEscalated: () => Promise.resolve(),
  });
  const acknowledgements = createAcknowledgements({
    store: createAcknowledgementStore(database),
    ...{ jobs, log: quietLog, now, publicUrl: 'https://lpr.example', timeZone: () => 'Asia/Bangkok' },
    announce: (event, alertId) => {
      announced.push(`${event} ${alertId}`);
      return Promise.resolve();
    },
    decide: (hitId, outcome) => {
      decisions.push([hitId, outcome]);
      return Promise.resolve();
    },
    tellTaken: (...taken) => escalations.tellTaken(...taken),
  });
  return { escalations, acknowledgements };
}

beforeAll(async () => {
  database = await openTestDatabase();
  const calendars = createCalendars({
    store: createCalendarStore(database),
    news: { on: () => () => undefined },
    siteZone: () => Promise.resolve('Asia/Bangkok'),
    log: quietLog,
  });
  await calendars.start();
  people = createPeople({ store: createPeopleStore(database), calendars });
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    'truncate alerts, alert_channels, escalations, people, person_groups, rosters, alert_rules cascade',
  );
  await database.pool.query(
    `insert into alert_channels (channel_id, name, plugin, config, enabled)
     values ($1, 'Text messages', 'sms', '{}', true), ($2, 'Control room', 'webhook', '{}', true)`,
    [SMS, HOOK],
  );
  clock = START;
  for (const list of [timers, announced, decisions]) list.length = 0;
});

async function raise(
  more: { readonly hitId?: string; readonly raisedAt?: Date; readonly title?: string } = {},
): Promise<string> {
  const alertId = randomUUID();
  await database.pool.query(
    `insert into alerts (alert_id, subject_kind, subject_id, camera_id, title, category, priority, plate_number, raised_at, hit_id)
     values ($1::uuid, 'detection', $1::uuid::text, $2, $3, 'stolen', 90, '1กก1234', $4, $5)`,
    [alertId, CAMERA, more.title ?? 'Stolen', more.raisedAt ?? now(), more.hitId ?? null],
  );
  return alertId;
}
/** A user, once. */
const USER = `with made as (insert into users (user_id, name, name_key, password_hash, role)
    values ('00000000-0000-7000-8000-0000000000ff', 'Bert', 'bert', 'x', 'operator') on conflict do nothing)
  select '00000000-0000-7000-8000-0000000000ff' as id`;
async function hit(): Promise<string> {
  const hitId = randomUUID();
  await database.pool.query(
    `insert into hits (hit_id, detection_id, blacklist_id, entry_id, blacklist_name, category, priority, matched_by, confidence)
     values ($1, $2, $2, $2, 'Stolen', 'stolen', 90, 'exact', 0.9)`,
    [hitId, randomUUID()],
  );
  return hitId;
}
const person = async (name: string, phone: string | null): Promise<string> => {
  const addresses = phone === null ? [] : [{ kind: 'phone' as const, address: phone }];
  return (await people.createPerson({ name, language: 'th', userId: null, enabled: true, addresses })).personId;
};
/** What was ordered, in its order: person or channel, and kind. */
async function told(): Promise<string[]> {
  const { rows } = await database.pool.query<{ who: string; kind: string; state: string }>(
    `select coalesce(d.person, c.name) as who, d.kind, d.state from alert_deliveries d join alert_channels c using (channel_id)
      order by d.created_at, who`,
  );
  return rows.map(({ who, kind, state }) => `${who} ${kind}${state === 'waiting' ? '' : ` ${state}`}`);
}

/** Somchai at once, the desk after 5 minutes, the control room after 15. */
async function makeEscalation(more: Partial<EscalationInput> = {}): Promise<{ escalationId: string }> {
  const somchai = await person('Somchai', '081-234-5678');
  const group = await people.createGroup({
    name: 'Desk',
    personIds: [await person('Anong', '+66811111111'), await person('Mute', null)],
  });
  return start().escalations.create({
    name: 'Stolen',
    steps: [
      { afterSeconds: 0, tells: [{ channelId: SMS, to: [{ kind: 'person', id: somchai }] }] },
      { afterSeconds: 300, tells: [{ channelId: SMS, to: [{ kind: 'group', id: group.groupId }] }] },
      { afterSeconds: 900, tells: [{ channelId: HOOK, to: [] }] },
    ],
    ...{ repeats: 0, repeatAfterSeconds: 600, tellsTaken: false, ...more },
  });
}

describe('an escalation', () => {
  test('tells its steps in their time, and then ends', async () => {
    const { escalationId } = await makeEscalation();
    const { escalations } = start();
    const alertId = await raise();
    expect(await escalations.begin(alertId, escalationId, null)).toBe(true);
    await escalations.runDue();
    expect(await told()).toEqual(['Somchai escalation']);
    expect(timers.at(-1)?.at).toEqual(new Date(START + 300_000));
    pass(299);
    await escalations.runDue();
    expect(await told()).toHaveLength(1);
    pass(1);
    await escalations.runDue();
    expect(await told()).toEqual(['Somchai escalation', 'Anong escalation']);
    expect((await escalations.steps(alertId))[1]?.troubles).toEqual([{ who: 'Mute', why: 'no_address' }]);
    pass(600);
    await escalations.runDue();
    expect((await told()).at(-1)).toBe('Control room escalation');
    expect(await escalations.runs(alertId)).toMatchObject([{ state: 'done', name: 'Stolen' }]);
  });

  test('begins once on an alert, and not on one that is answered', async () => {
    const { escalationId } = await makeEscalation();
    const { escalations, acknowledgements } = start();
    const [open, taken] = [await raise(), await raise()];
    await acknowledgements.acknowledge(taken, { by: 'A', userId: null, how: 'flow', outcome: null, note: '' });
    const begun = await Promise.all([open, open, taken].map((id) => escalations.begin(id, escalationId, null)));
    expect(begun.filter((one) => one)).toHaveLength(1);
    expect(begun[2]).toBe(false);
    await expect(escalations.begin(randomUUID(), escalationId, null)).rejects.toMatchObject({ code: 'not_found' });
    await escalations.runDue();
    expect(await told()).toEqual(['Somchai escalation']);
  });

  test('two processes tell each step once', async () => {
    const { escalationId } = await makeEscalation();
    const [one, two] = [start(), start()];
    const alertId = await raise();
    await one.escalations.begin(alertId, escalationId, null);
    pass(300);
    await Promise.all([one.escalations.runDue(), two.escalations.runDue()]);
    await Promise.all([one.escalations.runDue(), two.escalations.runDue()]);
    expect((await told()).sort()).toEqual(['Anong escalation', 'Somchai escalation']);
  });

  test('a process that dies between a step and its notices loses none and doubles none', async () => {
    const { escalationId } = await makeEscalation();
    const alertId = await raise();
    // Dies before the outbox has it.
    const before = start(() => Promise.reject(new Error('killed')));
    await before.escalations.begin(alertId, escalationId, null);
    await before.escalations.runDue().catch(() => undefined);
    expect(await told()).toEqual([]);
    // Dies after the outbox has it and before that is written down.
    const during = start(async (id, orders) => {
      await order(id, orders);
      throw new Error('killed');
    });
    await during.escalations.runDue().catch(() => undefined);
    expect(await told()).toEqual(['Somchai escalation']);
    const later = start();
    await later.escalations.start();
    await later.escalations.start();
    expect(await told()).toEqual(['Somchai escalation']);
  });

  test('what became overdue while nothing ran is told at the start, whole rounds are not', async () => {
    const { escalationId } = await makeEscalation({ repeats: 2 });
    const alertId = await raise();
    const before = start();
    await before.escalations.begin(alertId, escalationId, null);
    await before.escalations.stop();
    pass(2 * 3600);
    const later = start();
    await later.escalations.start();
    expect((await told()).sort()).toEqual(['Anong escalation', 'Control room escalation', 'Somchai escalation']);
    expect(await later.escalations.runs(alertId)).toMatchObject([
      { state: 'running', round: 1, step: 0, nextAt: new Date(clock + 600_000) },
    ]);
    pass(600);
    await later.escalations.runDue();
    expect((await told()).filter((one) => one === 'Somchai escalation')).toHaveLength(2);
  });

  test('stops on acknowledgement, and what waits is not sent', async () => {
    const { escalationId } = await makeEscalation();
    const { escalations, acknowledgements } = start();
    const alertId = await raise();
    await escalations.begin(alertId, escalationId, null);
    await escalations.runDue();
    await acknowledgements.acknowledge(alertId, { by: 'Anna', userId: null, how: 'flow', outcome: null, note: '' });
    pass(3600);
    await escalations.runDue();
    expect(await told()).toEqual(['Somchai escalation dropped']);
    expect(await escalations.runs(alertId)).toMatchObject([{ state: 'stopped', stoppedBy: 'acknowledged' }]);
  });

  test('whoever takes the alert between a step and its notices is not passed over, and an undo tells them', async () => {
    const { escalationId } = await makeEscalation();
    const taking = { by: 'Anna', userId: null, how: 'flow', outcome: null, note: '' } as const;
    const outbox = createDeliveryStore(database);
    const alertId = await raise();
    const slow = start(async (id, orders) => {
      await start().acknowledgements.acknowledge(id, taking);
      await outbox.order(
        id,
        orders.map((one) => ({ ...one, heldBy: null, heldSeconds: null })),
      );
    });
    await slow.escalations.begin(alertId, escalationId, null);
    await slow.escalations.runDue();
    expect(await told()).toEqual(['Somchai escalation dropped']);
    await slow.acknowledgements.undo(alertId, 'Anna');
    expect(await told()).toEqual(['Somchai escalation']);
  });

  test('a step that ran and was not ordered when somebody took the alert is told when that is undone', async () => {
    const { escalationId } = await makeEscalation();
    const alertId = await raise();
    const dying = start(() => Promise.reject(new Error('killed')));
    await dying.escalations.begin(alertId, escalationId, null);
    await dying.escalations.runDue().catch(() => undefined);
    const { escalations, acknowledgements } = start();
    const taking = { by: 'Anna', userId: null, how: 'flow', outcome: null, note: '' } as const;
    await acknowledgements.acknowledge(alertId, taking);
    await escalations.runDue();
    expect(await told()).toEqual([]);
    await acknowledgements.undo(alertId, 'Anna');
    await escalations.runDue();
    expect(await told()).toEqual(['Somchai escalation']);
  });

  test('begins again on an alert that was taken back and stands again, with all its rounds', async () => {
    const { escalationId } = await makeEscalation({ repeats: 1 });
    const { escalations } = start();
    const alertId = await raise();
    await escalations.begin(alertId, escalationId, null);
    await escalations.runDue();
    await database.pool.query('update alerts set retracted_at = now() where alert_id = $1', [alertId]);
    pass(300);
    await escalations.runDue();
    await database.pool.query('update alerts set retracted_at = null, round = round + 1 where alert_id = $1', [
      alertId,
    ]);
    expect(await escalations.begin(alertId, escalationId, null)).toBe(true);
    expect(await escalations.begin(alertId, escalationId, null)).toBe(false);
    pass(10 * 3600);
    await escalations.runDue();
    pass(10 * 3600);
    await escalations.runDue();
    expect(await told()).toHaveLength(1 + 2 * 3);
    expect(await escalations.runs(alertId)).toMatchObject([{ state: 'done' }]);
  });

  test('stops when the alert is taken back', async () => {
    const { escalationId } = await makeEscalation();
    const { escalations } = start();
    const alertId = await raise();
    await escalations.begin(alertId, escalationId, null);
    await escalations.runDue();
    await database.pool.query('update alerts set retracted_at = now() where alert_id = $1', [alertId]);
    pass(3600);
    await escalations.runDue();
    expect(await told()).toHaveLength(1);
    expect(await escalations.runs(alertId)).toMatchObject([{ state: 'stopped', stoppedBy: 'retracted' }]);
  });

  test('goes on when the acknowledgement is undone, in time only', async () => {
    const { escalationId } = await makeEscalation();
    const { escalations, acknowledgements } = start();
    const alertId = await raise({ hitId: undefined });
    await escalations.begin(alertId, escalationId, null);
    await escalations.runDue();
    pass(200);
    const taking = { by: 'Anna', userId: null, how: 'flow', outcome: null, note: '' } as const;
    await acknowledgements.acknowledge(alertId, taking);
    pass(200);
    await acknowledgements.undo(alertId, 'Anna');
    await escalations.runDue();
    expect(await told()).toEqual(['Somchai escalation', 'Anong escalation']);
    await acknowledgements.acknowledge(alertId, taking);
    pass(301);
    await expect(acknowledgements.undo(alertId, 'Anna')).rejects.toMatchObject({ code: 'conflict' });
    expect(announced.map((one) => one.split(' ')[0])).toEqual(['acknowledged', 'reopened', 'acknowledged']);
  });

  test('whoever is on duty when a step runs is told, and nobody on duty is written down', async () => {
    const [day, night] = [await person('Day', '+66811111112'), await person('Night', '+66811111113')];
    const shift = (personId: string, from: number, to: number) => ({
      personIds: [personId],
      from: new Date(START + from * 1000),
      to: new Date(START + to * 1000),
    });
    const roster = await people.createRoster({
      name: 'Desk roster',
      turns: [],
      shifts: [shift(day, -3600, 100), shift(night, 100, 300)],
      otherwise: [],
    });
    const { escalations } = start();
    const tells = [{ channelId: SMS, to: [{ kind: 'roster' as const, id: roster.rosterId }] }];
    const { escalationId } = await escalations.create({
      name: 'By roster',
      steps: [0, 100, 300].map((afterSeconds) => ({ afterSeconds, tells })),
      ...{ repeats: 0, repeatAfterSeconds: 600, tellsTaken: false },
    });
    const alertId = await raise();
    await escalations.begin(alertId, escalationId, null);
    for (const seconds of [0, 100, 200]) {
      pass(seconds);
      await escalations.runDue();
    }
    expect(await told()).toEqual(['Day escalation', 'Night escalation']);
    expect((await escalations.steps(alertId)).at(-1)?.troubles).toEqual([
      { who: 'Desk roster', why: 'nobody_on_duty' },
    ]);
    await expect(people.removeRoster(roster.rosterId)).rejects.toThrow('escalation "By roster"');
  });

  test('a change disturbs none that runs; what was removed keeps nobody else from being told', async () => {
    const { escalationId } = await makeEscalation();
    const { escalations } = start();
    const alertId = await raise();
    await escalations.begin(alertId, escalationId, null);
    await escalations.runDue();
    await escalations.update(escalationId, { steps: [{ afterSeconds: 10, tells: [{ channelId: HOOK, to: [] }] }] });
    const [group] = await people.groups();
    const other = await person('Other', '+66811111114');
    // As it was begun: the group, which is gone then, and somebody beside it.
    await database.pool.query(
      `update alert_escalations set steps = jsonb_set(steps, '{1,tells,0,to,1}', $1::jsonb, true)`,
      [JSON.stringify({ kind: 'person', id: other })],
    );
    await people.removeGroup(group!.groupId);
    pass(900);
    await escalations.runDue();
    expect(await told()).toEqual(['Somchai escalation', 'Other escalation', 'Control room escalation']);
    expect((await escalations.steps(alertId))[1]?.troubles).toEqual([{ who: 'Text messages', why: 'target_gone' }]);
  });

  test('those who were told hear that it is taken, where that is asked for', async () => {
    const { escalationId } = await makeEscalation({ tellsTaken: true });
    const { escalations, acknowledgements } = start();
    const alertId = await raise();
    await escalations.begin(alertId, escalationId, null);
    await escalations.runDue();
    await acknowledgements.acknowledge(alertId, { by: 'Anna', userId: null, how: 'flow', outcome: null, note: '' });
    expect((await told()).at(-1)).toBe('Somchai taken');
    await acknowledgements.undo(alertId, 'Anna');
    pass(1);
    await acknowledgements.acknowledge(alertId, { by: 'Bert', userId: null, how: 'flow', outcome: null, note: '' });
    await acknowledgements.sweep();
    expect((await told()).filter((one) => one === 'Somchai taken')).toHaveLength(2);
  });

  test('who took it is told later where that failed, once', async () => {
    const { escalationId } = await makeEscalation({ tellsTaken: true });
    const alertId = await raise();
    await start().escalations.begin(alertId, escalationId, null);
    await start().escalations.runDue();
    const dying = start(() => Promise.reject(new Error('killed')));
    const taking = { by: 'Anna', userId: null, how: 'flow', outcome: null, note: '' } as const;
    expect(await dying.acknowledgements.acknowledge(alertId, taking)).toMatchObject({ isFirst: true });
    expect(await told()).toEqual(['Somchai escalation dropped']);
    for (let i = 0; i < 2; i++) await start().acknowledgements.sweep();
    expect((await told()).sort()).toEqual(['Somchai escalation dropped', 'Somchai taken']);
  });

  test('faults are named by their field', async () => {
    const { escalations } = start();
    const base = { name: 'X', repeats: 0, repeatAfterSeconds: 600, tellsTaken: false };
    const step = (afterSeconds: number, channelId = HOOK) => ({ afterSeconds, tells: [{ channelId, to: [] }] });
    await expect(escalations.create({ ...base, steps: [step(10), step(10)] })).rejects.toMatchObject({
      details: { problems: [{ field: 'steps.1.afterSeconds' }] },
    });
    await expect(escalations.create({ ...base, steps: [step(0, randomUUID())] })).rejects.toMatchObject({
      details: { problems: [{ field: 'steps.0.tells.0.channelId' }] },
    });
    const to = [{ kind: 'group' as const, id: randomUUID() }];
    await expect(
      escalations.create({ ...base, steps: [{ afterSeconds: 0, tells: [{ channelId: SMS, to }] }] }),
    ).rejects.toMatchObject({ details: { problems: [{ field: 'steps.0.tells.0.to.0.id' }] } });
  });

  test('one that a rule begins is not removed', async () => {
    const { escalationId } = await makeEscalation();
    const { escalations } = start();
    await database.pool.query(
      `insert into alert_rules (rule_id, name, name_key, enabled, match, groups, title, channel_ids, confirmation,
                                rearm_seconds, escalation_id)
       values ($1, 'Each hit', 'each hit', true, 'all', '[]', '', '{}', 'at_once', 0, $2)`,
      [randomUUID(), escalationId],
    );
    await expect(escalations.remove(escalationId)).rejects.toThrow('"Each hit"');
    expect(await createDeliveryStore(database).channelUses(HOOK)).toEqual([{ what: 'escalation', name: 'Stolen' }]);
    await database.pool.query('delete from alert_rules');
    await escalations.remove(escalationId);
    expect(await escalations.list()).toEqual([]);
  });
});

describe('an acknowledgement', () => {
  const taking = { by: 'Anna', userId: null, how: 'console', outcome: null, note: '' } as const;

  test('of two at once one stands', async () => {
    const { acknowledgements } = start();
    const alertId = await raise();
    const both = await Promise.all(
      ['Anna', 'Bert'].map((by) => acknowledgements.acknowledge(alertId, { ...taking, by })),
    );
    expect(both.filter(({ isFirst }) => isFirst)).toHaveLength(1);
    expect(new Set(both.map(({ acknowledgement }) => acknowledgement.by)).size).toBe(1);
    await expect(acknowledgements.acknowledge(randomUUID(), taking)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('its outcome may come later, goes to the hit, and is undecided again when it is undone', async () => {
    const { acknowledgements } = start();
    const alertId = await raise();
    await expect(
      acknowledgements.judge(alertId, 'correct', '', { userId: randomUUID(), name: 'Anna' }),
    ).rejects.toMatchObject({ code: 'conflict' });
    await acknowledgements.acknowledge(alertId, taking);
    const judged = await acknowledgements.judge(alertId, 'misread', 'B, not 8', {
      userId: randomUUID(),
      name: 'Bert',
    });
    expect(judged).toMatchObject({ by: 'Anna', outcome: 'misread', judgedBy: 'Bert', note: 'B, not 8' });
    const entries = timelineOf({
      ...{ raisedAt: now(), retractedAt: null, deliveries: [], runs: [], steps: [] },
      acknowledgements: await acknowledgements.history(alertId),
    });
    expect(entries.map(({ what, by, outcome }) => [what, by, outcome])).toEqual([
      ['raised', null, null],
      ['acknowledged', 'Anna', null],
      ['outcome', 'Bert', 'misread'],
    ]);
  });

  test('comes with a decision about the hit in the hits page, whose word is the last', async () => {
    const { escalations, acknowledgements } = start();
    const { escalationId } = await makeEscalation();
    const hitId = await hit();
    const [open, before] = [await raise({ hitId }), await raise({ hitId })];
    await escalations.begin(open, escalationId, null);
    await acknowledgements.acknowledge(before, { ...taking, outcome: 'correct' });
    const user = { userId: (await database.pool.query<{ id: string }>(USER)).rows[0]?.id ?? '', name: 'Bert' };
    await acknowledgements.decided([hitId], 'wrong_list', 'out of date', user);
    expect(await acknowledgements.history(open)).toMatchObject([{ by: 'Bert', outcome: 'wrong_list' }]);
    expect(await acknowledgements.history(before)).toMatchObject([
      { by: 'Anna', outcome: 'wrong_list', judgedBy: 'Bert', note: 'out of date' },
    ]);
    expect(await escalations.runs(open)).toMatchObject([{ state: 'stopped' }]);
    // An outcome that a crash kept from its hit is handed on.
    decisions.length = 0;
    await acknowledgements.sweep();
    expect(decisions).toContainEqual([hitId, 'wrong_list']);
    // So is a later one that says otherwise; what the hits page said after it stands.
    const decidedAt = (seconds: number): Promise<unknown> =>
      database.pool.query(`update hits set outcome = 'correct', decided_at = $2 where hit_id = $1`, [
        hitId,
        new Date(clock + seconds * 1000),
      ]);
    for (const [seconds, handed] of [
      [-1, 2],
      [1, 0],
    ] as const) {
      decisions.length = 0;
      await decidedAt(seconds);
      await acknowledgements.sweep();
      expect(decisions).toHaveLength(handed);
    }
    // Undecided again: the alerts stay taken, and nobody decides the hit anew.
    await database.pool.query('update hits set outcome = null, decided_at = null');
    await acknowledgements.decided([hitId], null, '', user);
    await acknowledgements.sweep();
    expect(decisions).toEqual([]);
    expect(await acknowledgements.history(before)).toMatchObject([{ by: 'Anna', outcome: null, undoneAt: null }]);
  });

  test('of an alert that was taken back is refused', async () => {
    const { acknowledgements } = start();
    const alertId = await raise();
    await database.pool.query('update alerts set retracted_at = now() where alert_id = $1', [alertId]);
    await expect(acknowledgements.acknowledge(alertId, taking)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a link', () => {
  const tokenOf = (link: string | null): string => link?.split('/').at(-1) ?? '';
  async function sent(): Promise<{ alertId: string; token: string; process: Process }> {
    const process = start();
    const alertId = await raise();
    const deliveryId = randomUUID();
    await database.pool.query(
      `insert into alert_deliveries (delivery_id, alert_id, channel_id, address, person, language)
       values ($1, $2, $3, '+66812345678', 'Somchai', 'th')`,
      [deliveryId, alertId, SMS],
    );
    const link = await process.acknowledgements.link(alertId, deliveryId);
    expect(link).toMatch(/^https:\/\/lpr\.example\/ack\/[\w-]{43}$/);
    return { alertId, token: tokenOf(link), process };
  }

  test('shows little, changes nothing by being looked at, and takes the alert once', async () => {
    const { alertId, token, process } = await sent();
    const { acknowledgements } = process;
    for (let i = 0; i < 3; i++) {
      expect(await acknowledgements.look(token)).toMatchObject({
        ...{ told: 'Somchai', language: 'th', maskedPlate: '1••••34', title: 'Stolen', state: 'open' },
        acknowledgement: null,
      });
    }
    const both = await Promise.all([acknowledgements.follow(token, 'correct'), acknowledgements.follow(token, null)]);
    expect(both.filter((one) => one?.isFirst === true)).toHaveLength(1);
    expect(await acknowledgements.follow(token, 'dismissed')).toBeNull();
    expect(await acknowledgements.look(token)).toMatchObject({ state: 'used', acknowledgement: { by: 'Somchai' } });
    expect(await acknowledgements.history(alertId)).toMatchObject([{ by: 'Somchai', how: 'link' }]);
  });

  test('is kept as a hash alone', async () => {
    const { token } = await sent();
    const { rows } = await database.pool.query<{ all: string }>(
      'select row_to_json(l)::text as all from alert_links l',
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.all).not.toContain(token);
  });

  test('expires, and is forgotten later', async () => {
    const { token, process } = await sent();
    pass(24 * 3600);
    expect(await process.acknowledgements.follow(token, null)).toBeNull();
    expect(await process.acknowledgements.look(token)).toMatchObject({ state: 'expired', acknowledgement: null });
    pass(8 * 24 * 3600);
    await process.acknowledgements.sweep();
    expect(await process.acknowledgements.look(token)).toBeNull();
  });

  test('to an alert that somebody else took is not used up, and says who took it', async () => {
    const { alertId, token, process } = await sent();
    await process.acknowledgements.acknowledge(alertId, {
      ...{ by: 'Anna', userId: null, how: 'console', outcome: null, note: '' },
    });
    expect(await process.acknowledgements.follow(token, null)).toMatchObject({
      isFirst: false,
      linked: { acknowledgement: { by: 'Anna' } },
    });
    expect(await process.acknowledgements.look(token)).toMatchObject({ state: 'open' });
  });

  test.each(['', 'x', 'x'.repeat(43), '../../etc'])('%j is none', async (token) => {
    const { acknowledgements } = start();
    expect([await acknowledgements.look(token), await acknowledgements.follow(token, null)]).toEqual([null, null]);
  });

  test('needs an address under which the hub is reached', async () => {
    const acknowledgements = createAcknowledgements({
      ...{ store: createAcknowledgementStore(database), jobs, log: quietLog, now, publicUrl: null },
      ...{ announce: () => Promise.resolve(), decide: () => Promise.resolve(), tellTaken: () => Promise.resolve() },
      timeZone: () => 'Asia/Bangkok',
    });
    expect(await acknowledgements.link(await raise(), randomUUID())).toBeNull();
  });
});

test('figures say how long alerts wait and what became of them', async () => {
  const { acknowledgements } = start();
  const seconds = [10, 20, 30, 40, 100];
  const outcomes: readonly (Outcome | null)[] = ['correct', 'correct', 'misread', 'dismissed', null];
  for (const [index, after] of seconds.entries()) {
    const alertId = await raise({ raisedAt: new Date(clock - after * 1000) });
    const outcome = outcomes[index] ?? null;
    await acknowledgements.acknowledge(alertId, { by: 'Anna', userId: null, how: 'console', outcome, note: '' });
  }
  await raise();
  expect(await acknowledgements.figures('all', 30, true)).toEqual([
    {
      ...{ key: null, name: '', alerts: 6, acknowledged: 5, medianSeconds: 30, p90Seconds: 76 },
      outcomes: { correct: 2, misread: 1, wrong_list: 0, recovered: 0, dismissed: 1 },
    },
  ]);
  expect(await acknowledgements.figures('day', 30, true)).toMatchObject([{ key: '2026-11-26', alerts: 6 }]);
  for (const by of ['rule', 'list', 'camera'] as const)
    expect(await acknowledgements.figures(by, 30, true)).toHaveLength(1);
});
