/** A whole hub, killed in the midst: what a device was told is stored is alerted, once, and reaches its channel. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { prepareHub, type HubProcess } from '../bench/load/hub-process.ts';
import { plateOf, PROVINCE } from '../bench/load/traffic.ts';
import { openReceiver, type Receiver } from './receiver.ts';

const READS = 45;
const KILLS = 3;
let hub: HubProcess;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await openReceiver();
  hub = await prepareHub();
  hub.start();
  await hub.untilReady();
}, 240_000);
afterAll(async () => {
  await hub.remove();
  await receiver.close();
}, 60_000);

const idOf = (answer: unknown, key: string): string => (answer as Record<string, string>)[key] ?? '';

test('each hit that a device was told is stored becomes one alert and reaches the channel under one name', async () => {
  const deviceId = idOf(
    await hub.ask('POST', '/devices', { name: 'Gate', format: 'generic', ref: 'gate' }),
    'deviceId',
  );
  const token = idOf(await hub.ask('POST', `/devices/${deviceId}/token`), 'token');
  const config = { url: receiver.url, allowPrivate: true };
  const channel = await hub.ask('POST', '/alert-channels', { name: 'Desk', plugin: 'webhook', config });
  const { items: rules } = (await hub.ask('GET', '/alert-rules')) as { items: { ruleId: string }[] };
  for (const { ruleId } of rules) {
    await hub.ask('PATCH', `/alert-rules/${ruleId}`, { channelIds: [idOf(channel, 'channelId')] });
  }
  const list = await hub.ask('POST', '/blacklists', { name: 'Stolen', category: 'stolen', priority: 90 });
  const plates = Array.from({ length: READS }, (_, number) => plateOf(number));
  for (const plateNumber of plates) {
    await hub.ask('POST', `/blacklists/${idOf(list, 'blacklistId')}/entries`, { plateNumber, issuingEntity: 'TH-10' });
  }

  const stored = new Set<string>();
  const send = async (number: number): Promise<void> => {
    const plateNumber = plates[number] ?? '';
    const read = {
      ...{ eventId: `kill-${number}`, cameraId: String(number % 5), plateNumber, issuingEntity: PROVINCE },
      ...{ confidence: 0.93, capturedAt: new Date().toISOString() },
    };
    const answer = await fetch(`${hub.url}/ingest/generic`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ events: [read] }),
    }).catch(() => null);
    if (answer?.ok === true) stored.add(plateNumber);
  };
  const each = READS / KILLS;
  for (let kill = 0; kill < KILLS; kill++) {
    const sending = Array.from({ length: each }, async (_, i) => {
      await sleep(i * 25);
      await send(kill * each + i);
    });
    await sleep(200 + Math.random() * each * 25);
    await hub.kill();
    await Promise.all(sending);
    hub.start();
    await hub.untilReady();
  }
  expect(stored.size).toBeGreaterThan(KILLS);

  const told = (): readonly { plateNumber: string; deliveryId: string }[] =>
    receiver.received.map(({ body }) => JSON.parse(body.toString()));
  const isTold = (): boolean => {
    const seen = new Set(told().map(({ plateNumber }) => plateNumber));
    return [...stored].every((plate) => seen.has(plate));
  };
  for (const end = Date.now() + 120_000; !isTold() && Date.now() < end;) await sleep(100);
  expect([...stored].filter((plate) => !told().some(({ plateNumber }) => plateNumber === plate))).toEqual([]);
  const { items } = (await hub.ask('GET', '/alerts?limit=200')) as { items: { plateNumber: string }[] };
  const alerted = items.map(({ plateNumber }) => plateNumber);
  expect([...alerted].sort()).toEqual([...new Set(alerted)].sort());
  const names = Map.groupBy(told(), ({ plateNumber }) => plateNumber);
  for (const [, notices] of names) expect(new Set(notices.map(({ deliveryId }) => deliveryId)).size).toBe(1);
}, 400_000);
