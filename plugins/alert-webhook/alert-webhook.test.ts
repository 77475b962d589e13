import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { channelContext, JPEG, noticeOf } from '../../test/alert-channel.ts';
import { openReceiver, type Receiver } from '../../test/receiver.ts';
import plugin from './plugin.ts';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await openReceiver();
});
afterEach(() => receiver.close());
const send = (config: object = {}, more: object = {}, notice = noticeOf()): Promise<void> =>
  plugin.send(notice, channelContext(plugin, { url: receiver.url, ...config }, more));

test('one POST, signed with its time, under a lasting id', async () => {
  const notice = noticeOf();
  await send({ secret: 's3cret' }, {}, notice);
  const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
  expect(JSON.parse(body.toString())).toEqual(notice);
  const signed = createHmac('sha256', 's3cret').update(`${String(headers['lpr-timestamp'])}.${body.toString()}`);
  expect(headers).toMatchObject({
    'lpr-signature': `sha256=${signed.digest('hex')}`,
    'lpr-delivery-id': notice.deliveryId,
  });
});

test('pictures as links or within, where they are wanted', async () => {
  const gone = { imageId: 'gone', width: 1, height: 1 };
  await send({ pictures: 'base64' }, {}, noticeOf({ patch: gone }));
  await send({ pictures: 'link' });
  await send({ pictures: 'link' }, { pictureLink: () => null });
  expect(receiver.received.map(({ body }) => JSON.parse(body.toString()).pictures)).toEqual([
    { frame: JPEG.toString('base64'), patch: null },
    { frame: 'https://lpr.example.org/shared/frame', patch: 'https://lpr.example.org/shared/patch' },
    { frame: null, patch: null },
  ]);
  expect(receiver.received[0]?.headers['lpr-signature']).toBeUndefined();
});

test.each([
  [422, 'channel_rejected'],
  [404, 'channel_refused'],
  [401, 'channel_refused'],
  [302, 'channel_refused'],
  [503, 'channel_refused'],
])('HTTP %i is %s', async (status, code) => {
  receiver.answer = status;
  receiver.headers['location'] = 'http://127.0.0.1:9/';
  await expect(send()).rejects.toMatchObject({ code, details: { status } });
});
