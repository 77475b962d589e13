/** Against a stand-in that checks the documented request; no account of the service was at hand. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { channelContext, noticeOf } from '../../test/alert-channel.ts';
import { openReceiver, type Receiver } from '../../test/receiver.ts';
import plugin, { internationalNumber } from './plugin.ts';

const SID = `AC${'0'.repeat(32)}`;
let service: Receiver;
beforeEach(async () => {
  service = await openReceiver();
  service.answer = 201;
  service.says = JSON.stringify({ sid: `SM${'0'.repeat(32)}`, status: 'queued' });
});
afterEach(() => service.close());

const send = (more: Record<string, unknown> = {}, to = '081-234-5678', notice = noticeOf()): Promise<void> =>
  plugin.send(
    notice,
    channelContext(
      plugin,
      { accountSid: SID, authToken: 'tok', from: '+15005550006', ...more },
      { to },
      {
        'https://api.twilio.com': service.url,
      },
    ),
  );

test('asks as documented: path, Basic, form fields', async () => {
  await send();
  const [{ method, path, headers, body }] = service.received as [(typeof service.received)[0]];
  expect([method, path]).toEqual(['POST', `/2010-04-01/Accounts/${SID}/Messages.json`]);
  expect(headers.authorization).toBe(`Basic ${Buffer.from(`${SID}:tok`).toString('base64')}`);
  expect(headers['content-type']).toContain('application/x-www-form-urlencoded');
  expect(Object.fromEntries(new URLSearchParams(body.toString()))).toEqual({
    ...{ To: '+66812345678', From: '+15005550006', Body: noticeOf().text },
  });
});

test('a messaging service stands in its own field, and no text is longer than the service takes', async () => {
  await send({ from: `MG${'a'.repeat(32)}` }, '+66812345678', noticeOf({ text: 'ก่'.repeat(1200) }));
  const form = new URLSearchParams(service.received[0]?.body.toString());
  expect(form.get('MessagingServiceSid')).toBe(`MG${'a'.repeat(32)}`);
  expect(form.has('From')).toBe(false);
  expect(form.get('Body')).toMatch(/^(ก่)+…$/);
  expect(form.get('Body')?.length).toBeLessThanOrEqual(1600);
});

test.each([
  [400, { code: 21211, message: "The 'To' number +66812345678 is not valid" }, 'channel_rejected', '21211'],
  [400, { code: 21610, message: 'Attempt to send to unsubscribed recipient' }, 'channel_rejected', '21610'],
  [401, { code: 20003, message: 'Authenticate' }, 'channel_rejected', '20003'],
  [429, { code: 20429, message: 'Too Many Requests' }, 'channel_refused', '20429'],
  [503, {}, 'channel_refused', '503'],
])('HTTP %i %j is %s', async (status, says, code, told) => {
  service.answer = status;
  service.says = JSON.stringify(says);
  const failed = await send().catch((error: unknown) => error as Error);
  expect(failed).toMatchObject({ code, message: expect.stringContaining(told) });
  expect((failed as Error).message).not.toContain('+66812345678');
});

test('a number that is none is not sent to', async () => {
  await expect(send({}, '12')).rejects.toMatchObject({ code: 'channel_rejected' });
  expect(service.received).toEqual([]);
});

test('a stop ends it', async () => {
  await service.close();
  await expect(send()).rejects.toMatchObject({ code: 'channel_refused' });
  service = await openReceiver();
});

test('Thai numbers as they are told', () => {
  expect(['0812345678', '02-123-4567', '+66 81 234 5678'].map(internationalNumber)).toEqual([
    ...['+66812345678', '+6621234567', '+66812345678'],
  ]);
});
