import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import push from '../../plugins/alert-push/plugin.ts';
import webhook from '../../plugins/alert-webhook/plugin.ts';
import {
  ANY_DETECTION,
  ANY_HIT,
  CAMERA,
  EACH_HIT,
  detected,
  hitDetected,
  openAlerts,
  type TestAlerts,
} from '../../test/alerts.ts';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { openReceiver, type Receiver } from '../../test/receiver.ts';
import { createAcknowledgementStore } from '../db/stores/acknowledgement-store.ts';
import type { Alerts, AlertQuery } from './alerts.ts';

const USER = '00000000-0000-7000-8000-0000000000ff';
const CALENDAR = '00000000-0000-7000-8000-0000000000c1';
const ALL: AlertQuery = {
  ...{ withCovert: true, state: 'all', category: null, cameraId: null, ruleId: null, detectionId: null },
  ...{ minPriority: null, from: null, to: null, plate: null, cursor: null, limit: 50 },
};
let database: TestDatabase;
let folder: string;
let receiver: Receiver;
let opened: TestAlerts;
let alerts: Alerts;
let channelId: string;

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'lpr-alerts-'));
  await database.pool.query(
    `insert into users (user_id, name, name_key, password_hash, role) values ($1, 'Anna', 'anna', 'x', 'operator')`,
    [USER],
  );
  await database.pool.query(
    `insert into cameras (camera_id, name, name_key, protocol) values ($1, 'Gate 1', 'gate 1', 'push')`,
    [CAMERA],
  );
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.pool.query(
    'truncate alert_deliveries, alert_subjects, alerts, hits, alert_channels, alert_budgets cascade',
  );
  await database.pool.query('delete from alert_rules');
  receiver = await openReceiver();
  opened = await openAlerts(database, folder, [webhook]);
  ({ alerts } = opened);
  channelId = await channel();
});
afterEach(async () => {
  await opened.stop();
  await receiver.close();
});

const channel = async (name = 'Desk', more: Record<string, unknown> = {}): Promise<string> => {
  const config = { url: receiver.url, allowPrivate: true };
  const input = { name, plugin: 'webhook', config, enabled: true, language: null, perMinute: null, ...more };
  return (await alerts.channels.create(input)).channelId;
};
const list = async (query: Partial<AlertQuery> = {}) => (await alerts.list({ ...ALL, ...query })).items;
const hit = (...args: Parameters<typeof hitDetected> extends [unknown, ...infer R] ? R : never) =>
  hitDetected(database, ...args);
const bodies = (): Record<string, any>[] => receiver.received.map(({ body }) => JSON.parse(body.toString()));
const deliveries = async () =>
  (
    await database.pool.query(
      'select kind, state, held_by as "heldBy", attempts from alert_deliveries order by created_at, kind',
    )
  ).rows;
const until = async (is: () => boolean | Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 600 && !(await is()); i++) await sleep(25);
  expect(await is()).toBe(true);
};

describe('rules', () => {
  test('a new hub shows each hit in the console', async () => {
    const { rows } = await database.pool.query('select count(*)::int as n from alert_rules');
    expect(rows).toEqual([{ n: 0 }]);
    const fresh = await openTestDatabase();
    try {
      const other = await openAlerts(fresh, folder, [webhook]);
      expect(await other.alerts.rules.list()).toMatchObject([{ ruleId: EACH_HIT, enabled: true, channelIds: [] }]);
      const [part] = await other.alerts.consider(await hitDetected(fresh));
      expect(part).toMatchObject({ title: 'Stolen', priority: 90, isNew: true });
      expect(other.told).toEqual(['alert.raised Stolen']);
      await other.stop();
    } finally {
      await fresh.close();
    }
  });

  test('nothing alerts twice: one alert a rule and subject, whoever looks how often', async () => {
    await opened.rule({ name: 'A', channelIds: [channelId] });
    await opened.rule({ name: 'B', title: '{category}: {plate}' });
    const message = await hit();
    const all = await Promise.all(Array.from({ length: 5 }, () => alerts.consider(message)));
    expect(all.flat().filter(({ isNew }) => isNew)).toHaveLength(2);
    expect(new Set(all.flat().map(({ alertId }) => alertId)).size).toBe(2);
    expect((await list()).map(({ title, ruleName }) => [ruleName, title]).sort()).toEqual([
      ['A', 'Stolen'],
      ['B', expect.stringContaining('1กก1234')],
    ]);
    await receiver.has(1);
    expect(await deliveries()).toHaveLength(1);
  });

  test('a search in Detections can be a rule, and no database is asked when nothing fits', async () => {
    const filter = { ...ANY_DETECTION.filter, plate: '1ก*', minConfidence: 0.8, issuingEntity: 'TH-10' };
    await opened.rule({ groups: [{ match: 'all', conditions: [{ kind: 'detection', filter }] }] });
    const asked = database.pool.totalCount;
    expect(await alerts.consider(detected({ plateNumber: '2กก1234' }))).toEqual([]);
    expect(await alerts.consider(detected({ confidence: 0.7 }))).toEqual([]);
    expect(await alerts.consider(detected({ issuingEntity: null }))).toEqual([]);
    expect(database.pool.totalCount).toBe(asked);
    expect(await alerts.consider(detected())).toMatchObject([{ title: 'Rule', priority: 50, isNew: true }]);
  });

  test('all and any of groups, with places, times and geofences', async () => {
    const geofence = {
      ...{ geofenceEventId: uuidv7(), geofenceId: uuidv7(), geofenceName: 'Port', event: 'enter' as const },
      ...{ seconds: null, at: new Date().toISOString(), isNew: true },
    };
    await opened
      .rule({
        match: 'any',
        groups: [
          { match: 'all', conditions: [ANY_HIT, { kind: 'time', calendarId: CALENDAR, isInside: true }] },
          { match: 'any', conditions: [{ kind: 'geofence', geofenceIds: [geofence.geofenceId], events: ['enter'] }] },
        ],
      } as never)
      .catch(() => undefined);
    opened.open.add(CALENDAR);
    const message = await hit();
    expect(await alerts.consider(message)).toMatchObject([{ title: 'Stolen' }]);
    opened.open.delete(CALENDAR);
    expect(await alerts.consider(await hit())).toEqual([]);
    const entering = detected({}, { geofence });
    expect(await alerts.consider(entering)).toMatchObject([{ title: 'Port' }]);
    expect(await list({ state: 'open' })).toMatchObject([
      { subject: { kind: 'geofence', id: geofence.geofenceEventId }, geofence: { name: 'Port', event: 'enter' } },
      { subject: { kind: 'hit' } },
    ]);
    // Of a vehicle that stands on a list too, it is still the geofence's alert.
    const listed = await hit();
    const again = { ...geofence, geofenceEventId: uuidv7() };
    const both = { lpr: { ...listed.lpr, geofence: again } };
    expect(await alerts.consider(both)).toMatchObject([{ title: 'Port' }]);
    await alerts.retract([], [geofence.geofenceEventId]);
    expect(await list({ state: 'retracted' })).toHaveLength(1);
  });

  test('name what they point to and is not there', async () => {
    const conditions = [{ kind: 'place' as const, cameraIds: [uuidv7()], zoneIds: [], checkpointIds: [] }];
    await expect(
      opened.rule({
        groups: [{ match: 'all', conditions }],
        channelIds: [uuidv7()],
        escalationId: uuidv7(),
        title: '{palte}',
      }),
    ).rejects.toMatchObject({
      code: 'invalid_input',
      details: {
        problems: expect.arrayContaining([
          expect.objectContaining({ field: 'channelIds' }),
          expect.objectContaining({ field: 'escalationId' }),
          expect.objectContaining({ field: 'groups' }),
          expect.objectContaining({ field: 'title' }),
        ]),
      },
    });
    await opened.rule();
    await expect(opened.rule({ name: 'RULE' })).rejects.toMatchObject({ code: 'name_taken' });
  });

  test('a change is in force in another process at once', async () => {
    const other = await openAlerts(database, folder, [webhook]);
    const { ruleId } = await opened.rule();
    await until(async () => (await other.alerts.consider(await hit())).length === 1);
    await alerts.rules.update(ruleId, { enabled: false });
    await until(async () => (await other.alerts.consider(await hit())).length === 0);
    await other.stop();
  });
});

describe('what happens then', () => {
  test('the same vehicle on the same list is counted within the re-arm and not told again', async () => {
    await opened.rule({ channelIds: [channelId], rearmSeconds: 600 });
    const entry = { blacklistId: uuidv7(), entryId: uuidv7() };
    const first = await hit(entry);
    const [one] = await alerts.consider(first);
    const [again] = await alerts.consider(await hit(entry));
    // Another list is another matter, and so is another vehicle that the same wildcard names.
    await alerts.consider(await hit());
    const wild = { ...entry, entryPlateNumber: '1กก*', matchedBy: 'wildcard' as const };
    for (const plateNumber of ['1กก1', '1กก2']) await alerts.consider(await hit(wild, { plateNumber }));
    expect(again).toMatchObject({ alertId: one?.alertId, isNew: false });
    await receiver.has(4);
    const detail = await alerts.get(one?.alertId ?? '');
    expect(detail).toMatchObject({ repeatCount: 1, repeats: [{ cameraName: 'Gate 1' }] });
    expect(opened.told.map((one) => one.split(' ')[0])).toEqual([
      ...['alert.raised', 'alert.updated', 'alert.raised', 'alert.raised', 'alert.raised'],
    ]);
    expect(await deliveries()).toHaveLength(4);
  });

  test('provisional is told marked, and again when it is confirmed', async () => {
    await opened.rule({ channelIds: [channelId], confirmation: 'provisional' });
    const message = await hit({}, { status: 'provisional' });
    const [part] = await alerts.consider(message);
    expect(await list()).toMatchObject([{ isProvisional: true }]);
    expect(opened.sent).toMatchObject([{ queue: 'alerts.confirm' }]);
    const { detectionId } = message.lpr.detection;
    await record(detectionId, 'confirmed');
    const { lpr } = message;
    await alerts.consider({ lpr: { ...lpr, detection: { ...lpr.detection, status: 'confirmed' } } });
    expect(await list()).toMatchObject([{ isProvisional: false }]);
    await receiver.has(2);
    await alerts.confirm(part?.alertId ?? '');
    expect(await deliveries()).toHaveLength(2);
  });

  test('what waits for its confirmation is shown and told when that comes, never when it does not', async () => {
    await opened.rule({ channelIds: [channelId], confirmation: 'wait' });
    const messages = [await hit({}, { status: 'provisional' }), await hit({}, { status: 'provisional' })] as const;
    for (const message of messages) expect(await alerts.consider(message)).toEqual([]);
    expect([await list(), opened.told]).toEqual([[], []]);
    const { rows } = await database.pool.query<{ id: string }>(
      'select alert_id as id from alerts order by raised_at, id',
    );
    const [good, bad] = rows.map(({ id }) => id);
    await alerts.retract([messages[1].lpr.hit.hitId]);
    await alerts.confirm(bad ?? '');
    await record(messages[0].lpr.detection.detectionId, 'provisional');
    await alerts.confirm(good ?? '');
    expect(await list({ state: 'open' })).toEqual([]);
    await database.pool.query(`update detections set status = 'confirmed'`);
    // Its job may be lost with the process: the sweep finds it.
    await database.pool.query('update alerts set confirm_at = now()');
    await alerts.sweep();
    expect(await list({ state: 'open' })).toHaveLength(1);
    await receiver.has(1);
    expect(opened.told.filter((one) => one.startsWith('alert.raised'))).toHaveLength(1);
  });

  test('what was held back, taken back and stands again before it is confirmed is told once it is', async () => {
    await opened.rule({ channelIds: [channelId], confirmation: 'wait' });
    const message = await hit({}, { status: 'provisional' });
    await alerts.consider(message);
    await alerts.retract([message.lpr.hit.hitId]);
    expect(await alerts.consider(message)).toEqual([]);
    expect(await list({ state: 'open' })).toEqual([]);
    await record(message.lpr.detection.detectionId, 'confirmed');
    await database.pool.query('update alerts set confirm_at = now() where confirm_at is not null');
    await alerts.sweep();
    expect(await list({ state: 'open' })).toHaveLength(1);
    await receiver.has(1);
    expect(bodies().map(({ kind }) => kind)).toEqual(['alert']);
  });

  test('quiet hours hold back what is not urgent; at their end several come as one', async () => {
    opened.open.add(CALENDAR);
    await opened.rule({ channelIds: [channelId], quietCalendarId: CALENDAR, urgentFrom: 95 });
    for (const priority of [90, 90, 99]) await alerts.consider(await hit({ priority }));
    await receiver.has(1);
    await alerts.sweep();
    expect(await alerts.counts()).toMatchObject({ open: 3, held: 2 });
    opened.open.delete(CALENDAR);
    await alerts.sweep();
    await receiver.has(2);
    expect(bodies()).toMatchObject([{ kind: 'alert', priority: 99 }, { kind: 'digest' }]);
    expect(await alerts.counts()).toMatchObject({ held: 0 });
  });

  test('held back and confirmed meanwhile is told once', async () => {
    opened.open.add(CALENDAR);
    await opened.rule({ channelIds: [channelId], quietCalendarId: CALENDAR, confirmation: 'provisional' });
    const message = await hit({}, { status: 'provisional' });
    const [part] = await alerts.consider(message);
    await record(message.lpr.detection.detectionId, 'confirmed');
    await alerts.confirm(part?.alertId ?? '');
    expect(await list()).toMatchObject([{ isProvisional: false }]);
    expect(await deliveries()).toMatchObject([{ kind: 'alert', heldBy: 'quiet_hours' }]);
  });

  test('a digest gathers for its time and tells who was taken back meanwhile nothing', async () => {
    await opened.rule({ channelIds: [channelId], digestMinutes: 5 });
    const messages = [await hit(), await hit(), await hit()];
    for (const message of messages) await alerts.consider(message);
    await alerts.retract([messages[0]?.lpr.hit.hitId ?? '']);
    await alerts.sweep();
    expect(receiver.received).toHaveLength(0);
    await database.pool.query('update alert_deliveries set held_until = now() where state = $1', ['held']);
    await alerts.sweep();
    await receiver.has(1);
    await until(async () => (await deliveries()).some(({ kind, state }) => kind === 'digest' && state === 'delivered'));
    expect(bodies()).toMatchObject([{ kind: 'digest', title: expect.stringContaining('2') }]);
    // Told in the digest, taken back afterwards: those who got it hear of it.
    await alerts.retract([messages[1]?.lpr.hit.hitId ?? '']);
    await receiver.has(2);
    expect(bodies()[1]).toMatchObject({ kind: 'retraction' });
  });

  test('a used-up budget is told once, the rest is listed', async () => {
    await opened.rule({ channelIds: [channelId], budgetPerDay: 2 });
    for (let i = 0; i < 5; i++) await alerts.consider(await hit());
    await receiver.has(3);
    await until(async () => (await deliveries()).every(({ state }) => state === 'delivered'));
    expect(
      bodies()
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['alert', 'alert', 'budget']);
    expect(bodies().find(({ kind }) => kind === 'budget')).toMatchObject({
      title: expect.stringContaining('Rule'),
      text: expect.stringMatching(/^2 alerts/),
    });
    expect((await list()).filter(({ isOverBudget }) => isOverBudget)).toHaveLength(3);
    await alerts.changeSettings({ budgetPerDay: 1 });
    await opened.rule({ name: 'Other', channelIds: [channelId] });
    await alerts.consider(await hit());
    expect(await alerts.settings()).toEqual({ budgetPerDay: 1 });
    await alerts.changeSettings({ budgetPerDay: null });
  });

  test('of what is told late an alert is listed and calls nobody', async () => {
    await opened.rule({ channelIds: [channelId] });
    expect(await alerts.consider(await hit({}, {}, { isLate: true }))).toMatchObject([{ isNew: true }]);
    expect([opened.told, await alerts.countOpen(), await list({ state: 'open' })]).toEqual([[], 0, []]);
    expect(await list({ state: 'late' })).toMatchObject([{ cause: 'late', state: 'late' }]);
    expect(await deliveries()).toEqual([]);
  });

  test('a flow raises without rules: once a title, each channel once', async () => {
    const other = await channel('Other');
    const message = await hit();
    const first = await alerts.raise(message, { channelId, title: 'At {camera}', priority: 7 });
    expect(first).toMatchObject({ priority: 7, isNew: true });
    const again = await alerts.raise(message, { channelId: other, title: 'At {camera}' });
    expect(again).toMatchObject({ alertId: first.alertId, isNew: false });
    await alerts.raise(message, { channelId, title: 'At {camera}' });
    await alerts.deliver(first.alertId, channelId);
    await receiver.has(2);
    expect(await deliveries()).toHaveLength(2);
    await expect(alerts.raise(message, { title: '{nothing}' })).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

test('a channel that a rule names is not removed before it is taken out there', async () => {
  const { ruleId } = await opened.rule({ channelIds: [channelId] });
  await expect(alerts.channels.remove(channelId)).rejects.toMatchObject({ code: 'conflict' });
  await alerts.rules.update(ruleId, { channelIds: [] });
  await alerts.channels.remove(channelId);
  expect(await alerts.channels.list()).toEqual([]);
  expect(await alerts.consider(await hit())).toMatchObject([{ isNew: true }]);
});

test('an escalation begins with its alert; one that cannot begin now is tried again, and neither harms the alert', async () => {
  const escalationId = uuidv7();
  await database.pool.query(
    `insert into escalations (escalation_id, name, name_key, steps, repeats, repeat_after_seconds, tells_taken)
     values ($1, 'Shift', 'shift', '[]', 0, 900, false)`,
    [escalationId],
  );
  await opened.rule({ escalationId });
  const begun: string[] = [];
  let works = false;
  alerts.lend({
    escalate: (...begin) =>
      works ? Promise.resolve(void begun.push(begin.join(' '))) : Promise.reject(new Error('the database is away')),
  });
  const [part] = await alerts.consider(await hit());
  expect([part?.isNew, begun]).toEqual([true, []]);
  works = true;
  await alerts.sweep();
  await alerts.sweep();
  expect(begun).toEqual([`${part?.alertId} ${escalationId}`]);
});

test('an escalation wakes nobody in quiet hours unless it is urgent', async () => {
  const escalationId = uuidv7();
  await database.pool.query(
    `insert into escalations (escalation_id, name, name_key, steps, repeats, repeat_after_seconds, tells_taken)
     values ($1, 'Night', 'night', '[]', 0, 900, false)`,
    [escalationId],
  );
  opened.open.add(CALENDAR);
  await opened.rule({ escalationId, quietCalendarId: CALENDAR, urgentFrom: 95 });
  const begun: string[] = [];
  alerts.lend({ escalate: (alertId) => Promise.resolve(void begun.push(alertId)) });
  const [urgent] = await alerts.consider(await hit({ priority: 99 }));
  const [other] = await alerts.consider(await hit({ priority: 90 }));
  await alerts.sweep();
  expect(begun).toEqual([urgent?.alertId]);
  opened.open.delete(CALENDAR);
  await alerts.sweep();
  expect(begun).toEqual([urgent?.alertId, other?.alertId]);
});

describe('taken back', () => {
  test('those who were told hear of it, what is not sent is not sent, and it can stand again', async () => {
    await opened.rule({ channelIds: [channelId] });
    const told = await hit();
    await alerts.consider(told);
    await until(async () => (await deliveries())[0]?.state === 'delivered');
    await alerts.channels.update(channelId, { enabled: false });
    await alerts.channels.update(channelId, { enabled: true });
    receiver.answer = 503;
    const untold = await hit();
    await alerts.consider(untold);
    await receiver.has(2);
    await alerts.retract([told.lpr.hit.hitId, untold.lpr.hit.hitId]);
    receiver.answer = 200;
    await until(async () => (await deliveries()).every(({ state }) => ['delivered', 'dropped'].includes(state)));
    expect(bodies().filter(({ kind }) => kind === 'retraction')).toHaveLength(1);
    expect(opened.told.filter((one) => one.startsWith('alert.retracted'))).toHaveLength(2);
    expect(await alerts.countOpen()).toBe(0);
    const [again] = await alerts.consider(told);
    expect(again).toMatchObject({ isNew: true });
    await until(() => bodies().at(-1)?.['kind'] === 'alert');
    expect(await alerts.countOpen()).toBe(1);
  });

  test('what came again and was counted on it is looked at by itself', async () => {
    await opened.rule({ channelIds: [channelId], rearmSeconds: 600 });
    const entry = { blacklistId: uuidv7(), entryId: uuidv7() };
    const [wrong, right] = [await hit(entry), await hit(entry)];
    await alerts.consider(wrong);
    await record(right.lpr.detection.detectionId, 'confirmed');
    await alerts.consider(right);
    await alerts.retract([wrong.lpr.hit.hitId]);
    expect(await list({ state: 'open' })).toMatchObject([{ hitId: right.lpr.hit.hitId, repeatCount: 0 }]);
  });

  test('an alert that stands again is escalated again, after a crash too', async () => {
    const escalationId = uuidv7();
    await database.pool.query(
      `insert into escalations (escalation_id, name, name_key, steps, repeats, repeat_after_seconds, tells_taken)
       values ($1, 'Again', 'again', '[]', 0, 900, false)`,
      [escalationId],
    );
    await opened.rule({ escalationId });
    const begun: string[] = [];
    const escalate = (alertId: string) => Promise.resolve(void begun.push(alertId));
    alerts.lend({ escalate });
    const message = await hit();
    const [part] = await alerts.consider(message);
    await alerts.retract([message.lpr.hit.hitId]);
    alerts.lend({ escalate: () => Promise.reject(new Error('killed')) });
    await alerts.consider(message);
    alerts.lend({ escalate });
    await alerts.sweep();
    expect(begun).toEqual([part?.alertId, part?.alertId]);
  });

  test('a digest of which nothing stands any more is let go', async () => {
    receiver.answer = 503;
    await opened.rule({ channelIds: [channelId], digestMinutes: 5 });
    const messages = [await hit(), await hit()];
    for (const message of messages) await alerts.consider(message);
    await database.pool.query('update alert_deliveries set held_until = now()');
    await alerts.sweep();
    await receiver.has(1);
    await alerts.retract(messages.map(({ lpr }) => lpr.hit.hitId));
    await until(async () => (await deliveries()).every(({ state }) => state === 'dropped'));
    expect(await alerts.channels.deadLetters(null, 10)).toEqual([]);
  });

  test('a notice to a person waits for a channel of which this process has not heard yet', async () => {
    await opened.rule();
    const [part] = await alerts.consider(await hit());
    await alerts.channels.update(channelId, { enabled: false });
    await database.pool.query('update alert_channels set enabled = true');
    const to = { kind: 'escalation', address: 'a@x.th', person: 'A', language: null, key: '1' } as const;
    await alerts.order(part?.alertId ?? '', [{ channelId, ...to }]);
    expect(await deliveries()).toMatchObject([{ kind: 'escalation' }]);
  });

  test('browsers of those who may not know of covert lists hear nothing of them', async () => {
    await opened.stop();
    const asked: boolean[] = [];
    opened = await openAlerts(database, folder, [webhook, push], {
      push: {
        keys: { publicKey: '', privateKey: '' },
        addresses(_users, isCovert) {
          asked.push(isCovert);
          return Promise.resolve([]);
        },
        forget: () => Promise.resolve(),
      },
    });
    ({ alerts } = opened);
    const browsers = await channel('Browsers', { plugin: 'push', config: { contact: 'desk@example.com' } });
    await opened.rule({ channelIds: [browsers] });
    asked.length = 0;
    const [part] = await alerts.consider(await hit({ isCovert: true }));
    await alerts.consider(await hit());
    await alerts.deliver(part?.alertId ?? '', browsers);
    expect(asked).toEqual([true, false, true]);
  });

  test('a repeat that was none leaves the count', async () => {
    await opened.rule({ rearmSeconds: 600 });
    const entry = { blacklistId: uuidv7(), entryId: uuidv7() };
    await alerts.consider(await hit(entry));
    const repeat = await hit(entry);
    await alerts.consider(repeat);
    await alerts.retract([repeat.lpr.hit.hitId]);
    expect(await list()).toMatchObject([{ state: 'open', repeatCount: 0 }]);
  });
});

describe('the list', () => {
  test('pages lose nothing where many were raised at once', async () => {
    await opened.rule();
    for (let i = 0; i < 7; i++) await alerts.consider(await hit({}, { plateNumber: `กก${i}` }));
    await database.pool.query(`update alerts set raised_at = date_trunc('milliseconds', now())`);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<Alerts['list']>> = await alerts.list({ ...ALL, limit: 2, cursor });
      seen.push(...page.items.map(({ alertId }) => alertId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect([seen.length, new Set(seen).size]).toEqual([7, 7]);
    expect(await list({ plate: 'กก3' })).toMatchObject([{ plateNumber: 'กก3' }]);
    expect(await list({ minPriority: 91 })).toEqual([]);
    await expect(list({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'cursor_invalid' });
  });

  test('is acknowledged by name; a covert list shows only to those who may', async () => {
    await opened.rule();
    const [part] = await alerts.consider(await hit({ isCovert: true }));
    expect([await alerts.countOpen(), await alerts.countOpen(false)]).toEqual([1, 0]);
    expect(await alerts.counts(false)).toMatchObject({ open: 0 });
    const taking = { by: 'Anna', userId: USER, how: 'console', outcome: 'correct', note: '' } as const;
    await createAcknowledgementStore(database).acknowledge(part?.alertId ?? '', taking, new Date(), null);
    expect(await alerts.get(part?.alertId ?? '')).toMatchObject({ acknowledgedBy: 'Anna', outcome: 'correct' });
    expect(await alerts.counts()).toMatchObject({ open: 0, acknowledged: 1 });
    expect(await list({ withCovert: false })).toEqual([]);
  });
});

async function record(detectionId: string, status: string): Promise<void> {
  const read = {
    frameId: 'f',
    frame: null,
    patch: null,
    box: null,
    corners: null,
    plateNumber: '1กก1234',
    characters: [],
  };
  await database.pool.query(
    `with d as (insert into detections (detection_id, captured_at, captured_at_source, received_at, camera_id, status,
                  settles_at, plate_number, issuing_entity, country_code, confidence, read_count, best_read_id, best_read)
                values ($1, now(), 'device', now(), $2, $3, now() + interval '1 hour', '1กก1234', 'TH-10', 'TH', 0.9, 1, 'r', $4)
                returning detection_id, captured_at)
     insert into detection_keys (detection_id, captured_at) select * from d`,
    [detectionId, CAMERA, status, JSON.stringify({ ...read, capturedAt: new Date().toISOString() })],
  );
}
