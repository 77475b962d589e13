/** Escalations with the real rules, outbox, job queue and templates, as `core/start.ts` composes them. */
import type { Acknowledgements, Outcome } from '../core/alerts/acknowledgements.ts';
import { createAcknowledgements } from '../core/alerts/create-acknowledgements.ts';
import { createEscalations } from '../core/alerts/create-escalations.ts';
import { createPeople } from '../core/alerts/create-people.ts';
import type { Escalations } from '../core/alerts/escalations.ts';
import type { People } from '../core/alerts/people.ts';
import { createJobs } from '../core/db/jobs.ts';
import { createAcknowledgementStore } from '../core/db/stores/acknowledgement-store.ts';
import { createEscalationStore } from '../core/db/stores/escalation-store.ts';
import { createPeopleStore } from '../core/db/stores/people-store.ts';
import type { AddressKind, Plugin } from '../core/plugins/define.ts';
import { openAlerts, type TestAlerts } from './alerts.ts';
import type { TestDatabase } from './database.ts';
import { quietLog } from './quiet-log.ts';

export interface TestEscalations extends TestAlerts {
  readonly people: People;
  readonly escalations: Escalations;
  readonly acknowledgements: Acknowledgements;
  end(): Promise<void>;
}

export async function openEscalations(
  database: Pick<TestDatabase, 'pool' | 'transaction' | 'sequelize' | 'ping' | 'close'>,
  folder: string,
  plugins: readonly Plugin[],
  {
    address,
    decide = () => undefined,
    overrides = {},
  }: {
    /** Of the channels. */
    readonly address: AddressKind | null;
    readonly decide?: (hitId: string, outcome: Outcome | null) => void;
    readonly overrides?: Parameters<typeof openAlerts>[3];
  },
): Promise<TestEscalations> {
  const jobs = createJobs(database, quietLog);
  const opened = await openAlerts(database, folder, plugins, overrides);
  const { alerts } = opened;
  const people = createPeople({
    store: createPeopleStore(database),
    calendars: {
      ...{ includes: () => true, nextChange: () => null, timeZone: () => 'Asia/Bangkok', list: () => [] },
      addUser: () => undefined,
    },
  });
  const escalations = createEscalations({
    store: createEscalationStore(database),
    ...{ people, jobs, log: quietLog },
    channels: async () =>
      (await alerts.channels.list()).map(({ channelId, name, enabled }) => ({ channelId, name, enabled, address })),
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
    decide: (hitId, outcome) => Promise.resolve(decide(hitId, outcome)),
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
    ...{ ...opened, people, escalations, acknowledgements },
    async end() {
      await escalations.stop();
      await jobs.stop();
      await opened.stop();
    },
  };
}
