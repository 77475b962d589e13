/** Against a stand-in that checks the documented request; no LINE account was at hand. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { channelContext, noticeOf } from '../../test/alert-channel.ts';
import { openReceiver, type Receiver } from '../../test/receiver.ts';
import type { AlertNotice } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

const TO = `U${'0a'.repeat(16)}`;
let service: Receiver;
beforeEach(async () => {
  service = await openReceiver();
});
afterEach(() => service.close());

type Bubble = {
  hero?: { url: string; aspectRatio: string };
  body: { contents: object[] };
  footer?: { contents: object[] };
};
type Message = { type: string; text?: string; altText?: string; contents?: Bubble };
const send = (notice: AlertNotice = noticeOf(), more: object = {}, to = TO): Promise<void> =>
  plugin.send(
    notice,
    channelContext(plugin, { accessToken: 'tok' }, { to, ...more }, { 'https://api.line.me': service.url }),
  );
const sent = (): { to: string; messages: Message[] } => JSON.parse(service.received.at(-1)?.body.toString() ?? '');
/** Every text of a message, whatever holds it. */
const textsOf = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.flatMap(textsOf)
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, part]) => (key === 'text' ? [String(part)] : textsOf(part)))
      : [];

test('a picture, buttons and the place, under a key that a repeat has too', async () => {
  const notice = noticeOf();
  await send(notice);
  const [{ method, path, headers }] = service.received as [(typeof service.received)[0]];
  expect([method, path]).toEqual(['POST', '/v2/bot/message/push']);
  expect(headers).toMatchObject({
    ...{ authorization: 'Bearer tok', 'content-type': 'application/json' },
    'x-line-retry-key': notice.deliveryId,
  });
  const { to, messages } = sent();
  expect(to).toBe(TO);
  expect(messages.map(({ type }) => type)).toEqual(['flex', 'location']);
  const [{ altText, contents }] = messages as [Message];
  expect(altText).toContain(notice.title);
  expect(contents?.hero).toMatchObject({ url: 'https://lpr.example.org/shared/frame', aspectRatio: '1280:720' });
  expect(contents?.footer?.contents).toMatchObject([
    { action: { type: 'uri', label: 'รับทราบ', uri: notice.acknowledgeLink } },
    { action: { type: 'uri', label: 'เปิดดูรายการตรวจพบ', uri: notice.link } },
  ]);
  expect(textsOf(contents)).toEqual([notice.title, notice.text]);
  expect(messages[1]).toMatchObject({ title: 'ด่านเหนือ', latitude: 13.75, longitude: 100.5 });
});

test.each([null, 'http://lpr.example.org', 'https://192.168.1.5', 'https://hub.local', 'https://hub'])(
  'where the world cannot reach %s it is text, and the console says so',
  async (publicUrl) => {
    await send(noticeOf(), { publicUrl });
    expect(sent().messages.map(({ type }) => type)).toEqual(['text', 'location']);
    expect(sent().messages[0]?.text).toContain(noticeOf().acknowledgeLink);
    const { config } = channelContext(plugin, { accessToken: 'tok' });
    expect(plugin.missing?.(config, { publicUrl })).toEqual([publicUrl === null ? 'publicUrl' : 'publicHttps']);
  },
);

test('nothing is longer or emptier than LINE takes', async () => {
  const long = 'ก'.repeat(9000);
  const bare = { latitude: null, frame: null, patch: null, link: null, acknowledgeLink: null, cameraName: null };
  await send(noticeOf({ title: long, text: '', ...bare }));
  const [{ altText = '', contents }] = sent().messages as [Message];
  expect(sent().messages).toHaveLength(1);
  expect(altText.length).toBeLessThanOrEqual(400);
  expect(contents?.footer).toBeUndefined();
  for (const text of textsOf(contents)) {
    expect(text.length).toBeGreaterThan(0);
    expect(text.length).toBeLessThanOrEqual(2000);
  }
  await send(noticeOf({ text: long }), { publicUrl: null });
  expect(sent().messages[0]?.text?.length).toBeLessThanOrEqual(5000);
});

test('what was accepted before, by the same key, is told', async () => {
  service.answer = 409;
  await send();
});

test.each([
  [400, 'channel_rejected'],
  [401, 'channel_rejected'],
  [403, 'channel_rejected'],
  [500, 'channel_refused'],
])('HTTP %i is %s, with what LINE says', async (status, code) => {
  service.answer = status;
  service.says = JSON.stringify({ message: 'The property is invalid', details: [] });
  await expect(send()).rejects.toMatchObject({ code, message: expect.stringContaining('The property is invalid') });
});

test('too many: as late as LINE asks', async () => {
  service.answer = 429;
  service.headers['retry-after'] = '17';
  await expect(send()).rejects.toMatchObject({ code: 'channel_refused', details: { retryAfterSeconds: 17 } });
});

test('the key lasts 24 hours: no try comes later', () => {
  expect(plugin.retryForMs).toBeLessThan(24 * 3_600_000);
});

test('a recipient that is none is refused when it is entered, and not sent to', async () => {
  const { config } = channelContext(plugin, { accessToken: 'tok', to: `${TO}, anna` });
  expect(plugin.check?.(config)).toMatchObject([{ field: 'to' }]);
  await expect(send(noticeOf(), {}, 'anna')).rejects.toMatchObject({ code: 'channel_rejected' });
  expect(service.received).toEqual([]);
});
