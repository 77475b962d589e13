/** Against a stand-in for a browser vendor's server: it checks the signature (RFC 8292) and opens the message (RFC 8291). */
import { createECDH, createPublicKey, randomBytes, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { channelContext, noticeOf, PUSH_KEYS } from '../../test/alert-channel.ts';
import { openReceiver, type Receiver } from '../../test/receiver.ts';
import plugin from './plugin.ts';

interface HttpEce {
  decrypt(body: Buffer, params: Readonly<Record<string, unknown>>): Buffer;
}
const ece = createRequire(import.meta.url)('http_ece') as HttpEce;

const browser = createECDH('prime256v1');
browser.generateKeys();
const auth = randomBytes(16);
let vendor: Receiver;
let subscription: string;
beforeEach(async () => {
  vendor = await openReceiver();
  vendor.answer = 201;
  subscription = JSON.stringify({
    endpoint: vendor.url,
    keys: { p256dh: browser.getPublicKey('base64url'), auth: auth.toString('base64url') },
  });
});
afterEach(() => vendor.close());

const forgotten: string[] = [];
const send = (to = subscription, notice = noticeOf()): Promise<void> =>
  plugin.send(
    notice,
    channelContext(
      plugin,
      { contact: 'ops@example.com' },
      {
        to,
        forget() {
          forgotten.push(to);
          return Promise.resolve();
        },
      },
    ),
  );

/** Point on the curve, uncompressed, as a key. */
const keyOf = (point: Buffer): ReturnType<typeof createPublicKey> =>
  createPublicKey({
    format: 'jwk',
    key: {
      ...{ kty: 'EC', crv: 'P-256' },
      ...{ x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') },
    },
  });

test('encrypted for the browser, signed by the hub, replaced by what comes later of the same alert', async () => {
  const notice = noticeOf({ text: 'ข'.repeat(5000) });
  await send(subscription, notice);
  const [{ headers, body }] = vendor.received as [(typeof vendor.received)[0]];
  expect(headers).toMatchObject({
    ...{ 'content-encoding': 'aes128gcm', ttl: '86400', urgency: 'high', topic: notice.alertId.replaceAll('-', '') },
  });
  expect(body.length).toBeLessThanOrEqual(4096);
  const opened = ece.decrypt(body, {
    ...{ version: 'aes128gcm', privateKey: browser, authSecret: auth.toString('base64url') },
  });
  expect(JSON.parse(opened.toString())).toMatchObject({
    ...{ alertId: notice.alertId, title: notice.title, isUrgent: true, link: notice.link },
  });

  const [, token = '', key = ''] = /^vapid t=([^,]+), k=(.+)$/.exec(headers.authorization ?? '') ?? [];
  expect(key).toBe(PUSH_KEYS.publicKey);
  const [head = '', claims = '', signature = ''] = token.split('.');
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
    ...{ aud: new URL(vendor.url).origin, sub: 'mailto:ops@example.com' },
  });
  const signer = { key: keyOf(Buffer.from(key, 'base64url')), dsaEncoding: 'ieee-p1363' as const };
  expect(verify('sha256', Buffer.from(`${head}.${claims}`), signer, Buffer.from(signature, 'base64url'))).toBe(true);
});

test.each([404, 410])('HTTP %i: the browser gave it up, and it is forgotten', async (status) => {
  forgotten.length = 0;
  vendor.answer = status;
  await expect(send()).rejects.toMatchObject({ code: 'channel_rejected' });
  expect(forgotten).toEqual([subscription]);
});

test.each([
  [413, 'channel_rejected'],
  [429, 'channel_refused'],
  [500, 'channel_refused'],
])('HTTP %i is %s, and nothing is forgotten', async (status, code) => {
  forgotten.length = 0;
  vendor.answer = status;
  await expect(send()).rejects.toMatchObject({ code });
  expect(forgotten).toEqual([]);
});

test('a subscription that is none', async () => {
  await expect(send('{"endpoint":"x"}')).rejects.toMatchObject({ code: 'channel_rejected' });
});
