/** Escalation with the real rules, outbox, job queue and templates; only the other side is a stand-in. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { hitDetected, openAlerts, type TestAlerts } from '../../test/alerts.ts';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createJobs } from '../db/jobs.ts';
import { createAcknowledgementStore } from '../db/stores/acknowledgement-store.ts';
import { createEscalationStore } from '../db/stores/escalation-store.ts';
import { createPeopleStore } from '../db/stores/people-store.ts';
import type { Jobs } from '../jobs.ts';
import { defineAlertChannel, type AlertNotice } from '../plugins/define.ts';
import type { Acknowledgements, Outcome } from './acknowledgements.ts';
import { createAcknowledgements } from './create-acknowledgements.ts';
import { createEscalations } from './create-escalations.ts';
import { createPeople } from './create-people.ts';
import type { Escalations } from './escalations.ts';

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

interface Running extends TestAlerts {
  readonly escalations: Escalations;
  readonly acknowledgements: Acknowledgements;
  end(): Promise<void>;
}
let database: TestDatabase;
let folder: string;
const decisions: [string, Outcome | null][] = [];

/** A process of the hub, as `core/start.ts` composes it. */
async function startProcess(): Promise<Running> {
  const jobs: Jobs = createJobs(database, quietLog);
  const opened = await openAlerts(database, folder, [letters]);
  const { alerts } = opened;
  const calendars = {
    includes: () => true,
    nextChange: () => null,
    timeZone: () => 'Asia/Bangkok',
    list: () => [],
    addUser: () => undefined,
  };
  const people = createPeople({ store: createPeopleStore(database), calendars });
  const escalations = createEscalations({
    store: createEscalationStore(database),
    ...{ people, jobs, log: quietLog },
    channels: async () =>
      (await alerts.channels.list()).map(({ channelId, name, enabled }) => ({
        ...{ channelId, name, enabled, address: 'email' as const },
      })),
    pushAddresses: () => Promise.resolve([]),
    order: (...order) => alerts.order(...order),
    async markEscalated(...mark) {
      await alerts.markEscalated(...mark);
    },
  });
  const acknowledgements = createAcknowledgements({
    store: createAcknowledgementStore(database),
    ...{ jobs, log: quietLog, publicUrl: 'https://lpr.example', timeZone: () => 'Asia/Bangkok' },
    announce: (event, alertId) =>
      alerts.announce(event === 'acknowledged' ? 'alert.acknowledged' : 'alert.updated', alertId),
    decide: (hitId, outcome) => {
      decisions.push([hitId, outcome]);
      return Promise.resolve();
    },
    tellTaken: (...taken) => escalations.tellTaken(...taken),
  });
  alerts.lend({
    acknowledgeLink: (...delivery) => acknowledgements.link(...delivery),
    async escalate(alertId, escalationId) {
      await escalations.begin(alertId, escalationId, null);
    },
  });
  await jobs.start();
  await escalations.start();
  return {
    ...{ ...opened, escalations, acknowledgements },
    async end() {
      await escalations.stop();
      await jobs.stop();
      await opened.stop();
    },
  };
}

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
  const people = createPeople({
    store: createPeopleStore(database),
    calendars: {
      ...{ includes: () => true, nextChange: () => null, timeZone: () => 'Asia/Bangkok', list: () => [] },
      addUser: () => undefined,
    },
  });
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
