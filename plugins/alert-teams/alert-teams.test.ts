/** Against a stand-in that checks the documented request; no Teams was at hand. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { channelContext, noticeOf } from '../../test/alert-channel.ts';
import { openReceiver, type Receiver } from '../../test/receiver.ts';
import type { AlertNotice } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

let service: Receiver;
beforeEach(async () => {
  service = await openReceiver();
  service.answer = 202;
});
afterEach(() => service.close());

const send = (notice: AlertNotice = noticeOf(), more: object = {}): Promise<void> =>
  plugin.send(notice, channelContext(plugin, { url: service.url }, more));
interface Card {
  readonly type: string;
  readonly version: string;
  readonly body: { readonly type: string; readonly url?: string; readonly inlines?: { readonly text: string }[] }[];
  readonly actions: { readonly type: string; readonly title: string; readonly url: string }[];
}
const sent = (): { type: string; attachments: { contentType: string; content: Card }[] } =>
  JSON.parse(service.received.at(-1)?.body.toString() ?? '');

test('one card with runs of text, picture and links', async () => {
  await send();
  const { type, attachments } = sent();
  expect(type).toBe('message');
  expect(attachments[0]).toMatchObject({
    contentType: 'application/vnd.microsoft.card.adaptive',
    content: { type: 'AdaptiveCard', version: '1.4' },
  });
  const card = attachments[0]?.content as Card;
  // No element that knows Markdown.
  expect(card.body.map((one) => one.type)).toEqual([...['RichTextBlock', 'RichTextBlock', 'Image']]);
  expect(card.body[1]?.inlines?.[0]?.text).toBe(noticeOf().text);
  expect(card.actions.map(({ type: kind, url }) => [kind, url])).toEqual([
    ['Action.OpenUrl', noticeOf().acknowledgeLink],
    ['Action.OpenUrl', noticeOf().link],
    ['Action.OpenUrl', expect.stringContaining('openstreetmap')],
  ]);
});

test('a message stays within 28 kB, whatever the text', async () => {
  await send(noticeOf({ title: 'ก'.repeat(5000), text: 'ข'.repeat(50_000) }), {
    pictureLink: () => null,
  });
  expect(service.received[0]?.body.length).toBeLessThan(28 * 1024);
});

test.each([
  [400, 'channel_rejected'],
  [429, 'channel_refused'],
  [502, 'channel_refused'],
])('HTTP %i is %s', async (status, code) => {
  service.answer = status;
  await expect(send()).rejects.toMatchObject({ code });
});
