/** A read that a device sends, through the flow to people: by a real SMTP server and a webhook, with the flow of a new install and rewired. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { simpleParser, type ParsedMail } from 'mailparser';
import sharp from 'sharp';
import { SMTPServer } from 'smtp-server';
import type { FlowNode } from '../core/node-red/flow-check.ts';
import { startTestHub, type TestHub } from './hub.ts';
import { openReceiver, type Receiver } from './receiver.ts';

let hub: TestHub;
let smtp: SMTPServer;
let webhook: Receiver;
let token: string;
let frame: string;
let patch: string;
/** Where the world would reach it; here everything goes to the hub's own port. */
const PUBLIC = 'https://lpr.example.org';
const mails: ParsedMail[] = [];
const channelIds: Record<string, string> = {};

beforeAll(async () => {
  smtp = new SMTPServer({
    ...{ authOptional: true, logger: false, disabledCommands: ['STARTTLS', 'AUTH'] },
    onData(stream, _session, done) {
      simpleParser(stream).then((mail) => {
        mails.push(mail);
        done();
      }, done);
    },
  });
  smtp.listen(0, '127.0.0.1');
  await once(smtp.server, 'listening');
  [hub, webhook] = await Promise.all([startTestHub({ PUBLIC_URL: PUBLIC }), openReceiver()]);
  const drawn = (width: number, height: number): Promise<Buffer> =>
    sharp({ create: { width, height, channels: 3, background: 'teal' } })
      .jpeg()
      .toBuffer();
  [frame, patch] = [await drawn(640, 360), await drawn(120, 60)].map((bytes) => bytes.toString('base64')) as [
    string,
    string,
  ];

  const made = async (path: string, body: unknown): Promise<any> => {
    const answer = await hub.admin('POST', path, body);
    expect([path, answer.status, answer.body?.error?.code]).toEqual([path, 201, undefined]);
    return answer.body;
  };
  const { port } = smtp.server.address() as AddressInfo;
  const mailServer = { host: '127.0.0.1', port, security: 'none', from: 'hub@example.com', to: 'anna@example.com' };
  for (const [name, plugin, config] of [
    ['Mail', 'email', mailServer],
    ['Centre', 'webhook', { url: webhook.url, secret: 's3cret', pictures: 'link' }],
  ] as const) {
    const channel = { name, plugin, enabled: true, config: { ...config, allowPrivate: true } };
    channelIds[plugin] = (await made('/v1/alert-channels', channel)).channelId;
  }
  const list = await made('/v1/blacklists', { name: 'รถหาย', category: 'stolen', priority: 90 });
  for (const plateNumber of ['1กก1234', '2ขข2222', '3คค3333']) {
    const entry = { plateNumber, issuingEntity: 'TH-10', reason: 'แจ้งหาย <b>เมื่อวาน</b>' };
    await made(`/v1/blacklists/${list.blacklistId}/entries`, entry);
  }
  token = (await made('/v1/devices', { name: 'Gate box', format: 'generic', ref: 'gate-box-1', config: {} })).token;
}, 180_000);
afterAll(async () => {
  await hub.stop();
  await webhook.close();
  smtp.close();
}, 60_000);

async function seen(plateNumber: string): Promise<void> {
  const read = { plateNumber, issuingEntity: 'กรุงเทพมหานคร', confidence: 0.95, capturedAt: new Date().toISOString() };
  const response = await fetch(new URL(`/ingest/generic/${token}`, hub.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      deviceId: 'gate-box-1',
      cameraId: 'in-1',
      eventId: plateNumber,
      box: [10, 10, 120, 60],
      frame,
      patch,
      ...read,
    }),
  });
  expect(((await response.json()) as { status: unknown }).status).toBe('stored');
}
async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 600 && !(await is()); i++) await sleep(50);
  expect(await is()).toBe(true);
}
const toldOf = (): unknown[] => webhook.received.map(({ body }) => JSON.parse(body.toString()).plateNumber);
const flows = async (): Promise<FlowNode[]> => (await hub.admin('GET', '/editor/flows')).body as FlowNode[];
const deploy = async (changed: readonly FlowNode[]): Promise<void> => {
  expect((await hub.admin('POST', '/editor/flows', changed)).status).toBe(204);
};
const gaps = async (): Promise<unknown[]> => (await hub.admin('GET', '/v1/flow-gaps')).body.items;

test('with the flow of a new install, the rule names who is told', async () => {
  const [rule] = (await hub.admin('GET', '/v1/alert-rules')).body.items as { ruleId: string }[];
  const named = { channelIds: [channelIds['email'], channelIds['webhook']] };
  expect((await hub.admin('PATCH', `/v1/alert-rules/${rule?.ruleId ?? ''}`, named)).status).toBe(200);

  await seen('1กก1234');
  await until(() => mails.length === 1 && webhook.received.length === 1);
  const [mail] = mails;
  expect(mail?.subject).toContain('1กก 1234');
  expect(mail?.text).toContain('แจ้งหาย <b>เมื่อวาน</b>');
  expect(String(mail?.html)).not.toContain('<b>เมื่อวาน</b>');
  const [{ headers, body }] = webhook.received as [(typeof webhook.received)[0]];
  const notice = JSON.parse(body.toString());
  expect(headers['lpr-signature']).toMatch(/^sha256=[0-9a-f]{64}$/);
  expect(headers['lpr-delivery-id']).toBe(notice.deliveryId);
  expect(notice).toMatchObject({
    ...{ kind: 'alert', plateNumber: '1กก1234', issuingEntity: 'TH-10', category: 'stolen', priority: 90 },
    hit: { matchedBy: 'exact', blacklistName: 'รถหาย' },
  });
  expect(mail?.messageId).not.toContain(notice.deliveryId);

  // A further read of the same pass is no new alert.
  await seen('1กก1234');
  const { items } = (await hub.admin('GET', '/v1/alerts')).body;
  expect(items).toMatchObject([{ plateNumber: '1กก1234', state: 'open' }]);
  expect(await gaps()).toEqual([]);
});

test('the pictures that a message names are shown without a sign-in, and nothing else is', async () => {
  const { pictures } = JSON.parse(webhook.received[0]?.body.toString() ?? '') as {
    pictures: { frame: string; patch: string };
  };
  for (const [address, width] of [
    [pictures.frame, 640],
    [pictures.patch, 120],
  ] as const) {
    expect(address.startsWith(`${PUBLIC}/api/v1/shared-pictures/`)).toBe(true);
    const answer = await fetch(address.replace(PUBLIC, hub.url));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect((await sharp(Buffer.from(await answer.arrayBuffer())).metadata()).width).toBe(width);
    expect((await fetch(`${address.replace(PUBLIC, hub.url).slice(0, -2)}AA`)).status).toBe(404);
  }
});

test('the link in the mail takes the alert by a press of its button, not by being opened', async () => {
  const [mail] = mails;
  expect(mail?.attachments.map(({ cid }) => cid)).toEqual(['plate', 'scene']);
  const [link = ''] = /https:\/\/lpr\.example\.org\/ack\/[\w-]+/.exec(mail?.text ?? '') ?? [];
  const page = link.replace(PUBLIC, hub.url);
  const stateOf = async (): Promise<unknown> => (await hub.admin('GET', '/v1/alerts')).body.items[0].state;
  expect((await fetch(page)).status).toBe(200);
  expect(await stateOf()).toBe('open');
  const press = (): Promise<Response> =>
    fetch(page, { method: 'POST', body: new URLSearchParams({ outcome: 'correct' }) });
  expect((await press()).status).toBe(200);
  expect(await stateOf()).toBe('acknowledged');
});

test('rewired, the flow decides by itself: an own title, one channel, no rule', async () => {
  const rules = (await hub.admin('GET', '/v1/alert-rules')).body.items as { ruleId: string }[];
  await hub.admin('PATCH', `/v1/alert-rules/${rules[0]?.ruleId ?? ''}`, { enabled: false });
  const [before, count] = [await flows(), mails.length];
  const alert = before.find(({ type }) => type === 'lpr-alert');
  const tell: FlowNode = {
    ...{ id: 'tell', type: 'lpr-tell-webhook', z: String(alert?.z), name: '', x: 600, y: 480 },
    ...{ channel: channelIds['webhook'], wires: [[]] },
  };
  // Straight from the blacklist to the alert, by its first output alone.
  const rewired = before.flatMap((node) =>
    node.type === 'lpr-geofence'
      ? []
      : node.type === 'lpr-blacklist-match'
        ? [{ ...node, wires: [[String(alert?.id)], []] }]
        : node.type === 'lpr-alert'
          ? [{ ...node, mode: 'always', title: 'ประตู 1: {plate}', priority: 70, wires: [['tell'], []] }]
          : [node],
  );
  await deploy([...rewired, tell]);

  await seen('2ขข2222');
  await until(() => toldOf().includes('2ขข2222'));
  const notice = JSON.parse(webhook.received.at(-1)?.body.toString() ?? '');
  expect(notice).toMatchObject({ kind: 'alert', priority: 70, title: expect.stringContaining('ประตู 1') });
  expect(mails).toHaveLength(count);
  expect(toldOf().filter((plate) => plate === '2ขข2222')).toHaveLength(1);
});

test('what hangs on an acknowledgement happens when somebody takes the alert', async () => {
  const before = await flows();
  const z = String(before[0]?.id);
  const [x, count] = [150, mails.length];
  await deploy([
    ...before,
    { ...{ id: 'taken', type: 'lpr-acknowledged', z, name: '', x, y: 600 }, wires: [['mail'], []] },
    {
      ...{ id: 'mail', type: 'lpr-tell-email', z, name: '', x: 400, y: 600, channel: channelIds['email'] },
      wires: [[]],
    },
  ]);
  const { items } = (await hub.admin('GET', '/v1/alerts?state=open')).body as {
    items: { alertId: string; plateNumber: string }[];
  };
  const alert = items.find(({ plateNumber }) => plateNumber === '2ขข2222');
  const path = `/v1/alerts/${alert?.alertId ?? ''}/acknowledge`;
  expect((await hub.admin('POST', path, { outcome: 'correct' })).status).toBe(200);
  await until(() => mails.length > count);
  expect(mails.at(-1)?.subject).toContain('ประตู 1');
});

test('a channel of another kind is refused in a tell node, and so is one that is not chosen', async () => {
  const before = await flows();
  for (const channel of [channelIds['email'], '']) {
    const wrong = before.map((node) => (node.type === 'lpr-tell-webhook' ? { ...node, channel } : node));
    const answer = await hub.admin('POST', '/editor/flows', wrong);
    expect([answer.status, answer.body.error?.code]).toEqual([422, 'flow_invalid']);
  }
});

test('what the flow no longer does is told', async () => {
  const circle = { kind: 'circle', centre: [100.5, 13.75], radius: 500 };
  const geofence = await hub.admin('POST', '/v1/geofences', { name: 'Port', shape: circle });
  expect(geofence.status).toBe(201);
  await deploy((await flows()).filter(({ type }) => type !== 'lpr-blacklist-match'));
  expect(await gaps()).toEqual([
    { node: 'lpr-blacklist-match', count: 1 },
    { node: 'lpr-geofence', count: 1 },
  ]);
});
