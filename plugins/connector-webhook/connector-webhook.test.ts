import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { contextOf, JPEG, outgoing } from '../../test/outgoing.ts';
import { openReceiver, type Receiver } from '../../test/receiver.ts';
import plugin from './plugin.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await openReceiver();
});
afterAll(() => receiver.close());
beforeEach(() => {
  receiver.received.length = 0;
});

test('the body is signed with its time, and named so that it counts once', async () => {
  const context = contextOf(plugin, { url: receiver.url, secret: 's3cret', pictures: true }, { patch: JPEG });
  await plugin.send({ ...outgoing, revision: 2 }, context);
  const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
  const timestamp = String(headers['lpr-timestamp']);
  expect(headers).toMatchObject({
    'lpr-event-id': '00000000-0000-7000-8000-000000000001.2',
    'lpr-signature': `sha256=${createHmac('sha256', 's3cret').update(`${timestamp}.${body.toString()}`).digest('hex')}`,
  });
  expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
  const { isTest, ...told } = outgoing;
  expect(isTest).toBe(false);
  expect(JSON.parse(body.toString())).toEqual({
    event: 'detection.updated',
    detection: { ...JSON.parse(JSON.stringify(told)), revision: 2 },
    pictures: { frame: null, patch: JPEG.toString('base64') },
  });
});

test('without a secret and pictures there are none', async () => {
  await plugin.send(outgoing, contextOf(plugin, { url: receiver.url }));
  const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
  expect(headers['lpr-signature']).toBeUndefined();
  expect(JSON.parse(body.toString())).toMatchObject({ event: 'detection.created' });
  expect(body.toString()).not.toContain('pictures');
});

test.each([
  [201, null],
  [401, 'connector_refused'],
  [503, 'connector_refused'],
])('an answer of %d means %s', async (status, code) => {
  receiver.answer = status;
  const sending = plugin.send(outgoing, contextOf(plugin, { url: receiver.url }));
  await (code === null ? sending : expect(sending).rejects.toMatchObject({ code, details: { status } }));
  receiver.answer = 200;
});
