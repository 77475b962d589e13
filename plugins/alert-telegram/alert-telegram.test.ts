/** Against a stand-in that checks the documented request; no bot was at hand. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { channelContext, JPEG, noticeOf } from '../../test/alert-channel.ts';
import { openReceiver, type Receiver } from '../../test/receiver.ts';
import type { AlertNotice } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

let service: Receiver;
beforeEach(async () => {
  service = await openReceiver();
  service.says = JSON.stringify({ ok: true, result: { message_id: 1 } });
});
afterEach(() => service.close());

const send = (
  notice: AlertNotice = noticeOf(),
  more: object = {},
  config: object = {},
  to = '-1001234',
): Promise<void> =>
  plugin.send(
    notice,
    channelContext(plugin, { token: '12:ab', ...config }, { to, ...more }, { 'https://api.telegram.org': service.url }),
  );
async function sent(): Promise<{ get(name: string): unknown; has(name: string): boolean; photo?: File }> {
  const { headers, body } = service.received.at(-1) as (typeof service.received)[0];
  const type = headers['content-type'] ?? '';
  if (type === 'application/json') return new Map(Object.entries(JSON.parse(body.toString()) as object));
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  const opened = [...form].map(
    ([name, value]) =>
      [name, typeof value === 'string' && /_(entities|markup)$/.test(name) ? JSON.parse(value) : value] as const,
  );
  return Object.assign(new Map<string, unknown>(opened), { photo: form.get('photo') as File });
}

test('a photo with its caption, the title bold without markup, buttons with links', async () => {
  const notice = noticeOf();
  await send(notice);
  expect(service.received[0]).toMatchObject({ method: 'POST', path: '/bot12:ab/sendPhoto' });
  const form = await sent();
  expect(form.get('chat_id')).toBe('-1001234');
  expect(form.get('caption')).toBe(`${notice.title}\n${notice.text}`);
  expect(form.has('parse_mode')).toBe(false);
  expect(form.get('caption_entities')).toEqual([{ type: 'bold', offset: 0, length: notice.title.length }]);
  expect(Buffer.from((await form.photo?.arrayBuffer()) ?? new ArrayBuffer())).toEqual(JPEG);
  expect(form.get('reply_markup')).toEqual({
    inline_keyboard: [
      [{ text: 'รับทราบ', url: notice.acknowledgeLink }],
      [{ text: 'เปิดดูรายการตรวจพบ', url: notice.link }],
      [{ text: 'แผนที่', url: expect.stringContaining('mlat=13.75') }],
    ],
  });
});

test('without a picture, or longer than a caption may be, it is a message with the whole text', async () => {
  await send(noticeOf({ frame: null, patch: null }));
  await send(noticeOf({ text: 'ก'.repeat(1500) }));
  await send(noticeOf(), {}, { picture: false });
  expect(service.received.map(({ path }) => path)).toEqual(Array(3).fill('/bot12:ab/sendMessage'));
  await send(noticeOf({ text: 'ก'.repeat(9000) }), { publicUrl: null });
  const text = String((await sent()).get('text'));
  expect(text.length).toBeLessThanOrEqual(4096);
  expect(text).toContain(String(noticeOf().acknowledgeLink));
});

test('where the world cannot reach the hub, links stand in the text', async () => {
  await send(noticeOf(), { publicUrl: 'http://10.0.0.5' });
  const form = await sent();
  expect(form.has('reply_markup')).toBe(false);
  expect(String(form.get('caption'))).toContain(String(noticeOf().link));
});

test.each([
  [400, { description: 'Bad Request: chat not found' }, { code: 'channel_rejected' }, 'chat not found'],
  [403, { description: 'Forbidden: bot was blocked by the user' }, { code: 'channel_rejected' }, 'blocked'],
  [
    400,
    { description: 'upgraded', parameters: { migrate_to_chat_id: -100777 } },
    { code: 'channel_rejected' },
    '-100777',
  ],
  [
    ...([429, { description: 'Too Many Requests', parameters: { retry_after: 35 } }] as const),
    { code: 'channel_refused', details: { retryAfterSeconds: 35 } },
    'Too Many Requests',
  ],
  [502, {}, { code: 'channel_refused' }, '502'],
])('HTTP %i %j', async (status, says, told, word) => {
  service.answer = status;
  service.says = JSON.stringify({ ok: false, error_code: status, ...says });
  const failed = await send().catch((error: unknown) => error as Error);
  expect(failed).toMatchObject({ ...told, message: expect.stringContaining(word) });
  expect((failed as Error).message).not.toContain('12:ab');
});

test('a recipient that is none is refused', async () => {
  await expect(send(noticeOf(), {}, {}, 'anna')).rejects.toMatchObject({ code: 'channel_rejected' });
  const { config } = channelContext(plugin, { token: 't', to: '12, @ops_room' });
  expect(plugin.check?.(config)).toEqual([]);
});
