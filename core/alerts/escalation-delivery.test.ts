/** Escalation with the real rules, outbox, job queue and templates; only the other side is a stand-in. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import webhook from '../../plugins/alert-webhook/plugin.ts';
import { hitDetected } from '../../test/alerts.ts';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { openEscalations, type TestEscalations } from '../../test/escalations.ts';
import { openReceiver } from '../../test/receiver.ts';

import { defineAlertChannel, type AlertNotice } from '../plugins/define.ts';
import type { Outcome } from './acknowledgements.ts';

const taken: (Pick<AlertNotice, 'kind' | 'language' | 'text' | 'title' | 'acknowledgeLink'> & { to: string })[] = [];
const letters = defineAlertChannel({
  id: 'letters',
  fields: {},
  address: 'email',
  addresses: () => ['desk@example.com'],
  send(notice, { to }) {
    taken.push({ ...notice, to });
    return Promise.resolve();
  },
});

let database: TestDatabase;
let folder: string;
const decisions: [string, Outcome | null][] = [];

const startProcess = (): Promise<TestEscalations> =>
  openEscalations(database, folder, [letters], {
    address: 'email',
    decide: (hitId, outcome) => void decisions.push([hitId, outcome]),
  });

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'lpr-escalation-'));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
const until = async (is: () => boolean | Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 1_200 && !(await is()); i++) await sleep(25);
  expect(await is()).toBe(true);
};
const told = (): string[] => taken.map(({ kind, to }) => `${kind} ${to}`);

test('a rule begins it, a restart in its middle loses and doubles nothing, a link ends it', async () => {
  let hub = await startProcess();
  const { people } = hub;
  const person = async (name: string, language: 'th' | 'en'): Promise<string> =>
    (
      await people.createPerson({
        ...{ name, language, userId: null, enabled: true },
        addresses: [{ kind: 'email', address: `${name.toLowerCase()}@example.com` }],
      })
    ).personId;
  const [somchai, anna] = [await person('Somchai', 'th'), await person('Anna', 'en')];
  const { channelId } = await hub.alerts.channels.create({
    ...{ name: 'Letters', plugin: 'letters', config: {}, enabled: true, language: null, perMinute: null },
  });
  const tell = (id: string) => [{ channelId, to: [{ kind: 'person' as const, id }] }];
  const { escalationId } = await hub.escalations.create({
    name: 'Stolen',
    steps: [
      { afterSeconds: 0, tells: tell(somchai) },
      { afterSeconds: 3, tells: tell(anna) },
      { afterSeconds: 3600, tells: [{ channelId, to: [] }] },
    ],
    ...{ repeats: 0, repeatAfterSeconds: 600, tellsTaken: true },
  });
  await hub.rule({ name: 'With escalation', channelIds: [channelId], escalationId });

  const message = await hitDetected(database);
  const parts = await hub.alerts.consider(message);
  await until(() => taken.length === 2);
  expect(told().sort()).toEqual(['alert desk@example.com', 'escalation somchai@example.com']);
  expect(taken.find(({ kind }) => kind === 'escalation')).toMatchObject({
    language: 'th',
    title: expect.stringContaining('ยังไม่มีผู้รับทราบ'),
  });

  // Ends before the second step; it becomes due while nothing runs.
  await hub.end();
  await sleep(3_000);
  expect(taken).toHaveLength(2);
  hub = await startProcess();
  await until(() => taken.length === 3);
  expect(told().at(-1)).toBe('escalation anna@example.com');
  const { title, acknowledgeLink } = taken[2]!;
  expect(title).toContain('Nobody has acknowledged yet');

  const acknowledged: unknown[] = [];
  hub.events.on('alert.acknowledged', (alert) => acknowledged.push(alert));
  const token = acknowledgeLink?.split('/').at(-1) ?? '';
  expect(await hub.acknowledgements.look(token)).toMatchObject({ state: 'open', told: 'Anna', language: 'en' });
  expect(await hub.acknowledgements.follow(token, 'recovered')).toMatchObject({ isFirst: true });
  expect(acknowledged).toMatchObject([
    { state: 'acknowledged', acknowledgedBy: 'Anna', acknowledgedHow: 'link', outcome: 'recovered' },
  ]);
  expect(decisions).toEqual([[message.lpr.hit.hitId, 'recovered']]);
  await until(() => taken.length === 5);
  expect(told().slice(3).sort()).toEqual(['taken anna@example.com', 'taken somchai@example.com']);
  expect(taken.find(({ kind, to }) => kind === 'taken' && to.startsWith('somchai'))?.text).toContain('Anna รับทราบแล้ว');
  // The rule of every hub has raised one too, without an escalation.
  const runs = await Promise.all(parts.map(({ alertId }) => hub.escalations.runs(alertId)));
  expect(runs.flat()).toMatchObject([{ state: 'stopped', stoppedBy: 'acknowledged', step: 2 }]);
  await hub.end();
}, 60_000);

test('killed at any moment, again and again: each step of each alert is ordered once and told under one name', async () => {
  await database.pool.query('truncate alerts, alert_subjects, hits, alert_channels, escalations cascade');
  await database.pool.query('delete from alert_rules');
  const receiver = await openReceiver();
  const hub = await openEscalations(database, folder, [webhook], { address: null });
  const config = { url: receiver.url, allowPrivate: true };
  const { channelId } = await hub.alerts.channels.create({
    ...{ name: 'Hook', plugin: 'webhook', config, enabled: true, language: null, perMinute: null },
  });
  const { escalationId } = await hub.escalations.create({
    name: 'Killed',
    steps: [0, 1, 2, 4].map((afterSeconds) => ({ afterSeconds, tells: [{ channelId, to: [] }] })),
    ...{ repeats: 1, repeatAfterSeconds: 1, tellsTaken: false },
  });
  await hub.rule({ escalationId });
  await hub.end();
  const file = join(import.meta.dirname, '../../test/escalation-process.ts');
  const started = async () => {
    const child = spawn(process.execPath, [file, JSON.stringify(database.connection), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    return child;
  };
  const ALERTS = 10;
  const KILLS = 6;
  // Raised by a process whose end leaves even the beginning undone.
  const raising = await openEscalations(database, folder, [webhook], { address: null });
  raising.alerts.lend({ escalate: () => Promise.reject(new Error('killed')) });
  for (let i = 0; i < ALERTS; i++) await raising.alerts.consider(await hitDetected(database));
  await raising.end();
  const states = async (): Promise<{ id: string; name: string; state: string }[]> =>
    (
      await database.pool.query(
        `select delivery_id as id, alert_id || ' ' || key as name, state from alert_deliveries where kind = 'escalation'`,
      )
    ).rows;
  const told = (): string[] => receiver.received.map(({ body }) => JSON.parse(body.toString()).deliveryId as string);
  for (let kill = 0; kill < KILLS; kill++) {
    const child = await started();
    await sleep(Math.random() * 1_200);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const last = await started();
  const ALL = ALERTS * 4 * 2;
  await until(async () => {
    const all = await states();
    return all.length >= ALL && all.every(({ state }) => state === 'delivered');
  });
  last.kill('SIGKILL');
  await once(last, 'exit');
  const all = await states();
  expect(all).toHaveLength(ALL);
  expect(new Set(all.map(({ name }) => name)).size).toBe(ALL);
  expect(new Set(told())).toEqual(new Set(all.map(({ id }) => id)));
  // What was in flight at a kill, four at most, may be told again, under its name.
  expect(told().length - ALL).toBeLessThanOrEqual(4 * KILLS);
  const { rows } = await database.pool.query(
    `select r.state as run, s.state as step, count(*)::int as n
       from alert_escalations r join alert_escalation_steps s using (run_id) group by 1, 2`,
  );
  expect(rows).toEqual([{ run: 'done', step: 'ordered', n: ALL }]);
  await receiver.close();
}, 240_000);
