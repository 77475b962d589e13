/** Against a stand-in that checks the documented request; no workspace was at hand. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { channelContext, noticeOf } from '../../test/alert-channel.ts';
import { openReceiver, type Receiver } from '../../test/receiver.ts';
import type { AlertNotice } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

let service: Receiver;
beforeEach(async () => {
  service = await openReceiver();
  service.says = 'ok';
});
afterEach(() => service.close());

const send = (notice: AlertNotice = noticeOf(), more: object = {}): Promise<void> =>
  plugin.send(notice, channelContext(plugin, { url: service.url }, more));
interface Block {
  readonly type: string;
  readonly text?: { readonly type: string; readonly text: string };
  readonly image_url?: string;
}
const sent = (): { text: string; blocks: Block[] } => JSON.parse(service.received.at(-1)?.body.toString() ?? '');

test('text for notifications, blocks for people, and nothing of a list is taken for markup', async () => {
  await send(noticeOf({ text: '<!channel> & <https://evil.example|ok>' }));
  const { text, blocks } = sent();
  expect(service.received[0]?.headers['content-type']).toContain('application/json');
  expect(blocks.map(({ type }) => type)).toEqual(['header', 'section', 'image', 'section']);
  expect(blocks[0]?.text).toMatchObject({ type: 'plain_text', text: noticeOf().title });
  expect(blocks[1]?.text?.text).toBe('&lt;!channel&gt; &amp; &lt;https://evil.example|ok&gt;');
  expect(blocks[2]?.image_url).toBe('https://lpr.example.org/shared/frame');
  expect(blocks[3]?.text?.text).toContain(`<${noticeOf().acknowledgeLink ?? ''}|รับทราบ>`);
  expect(text).toContain('&lt;!channel&gt;');
  expect(text).not.toContain('<!channel>');
});

test('no picture where the world cannot reach it, no block longer than Slack takes', async () => {
  await send(noticeOf({ title: 'ก'.repeat(400), text: 'ข'.repeat(9000) }), {
    pictureLink: () => null,
  });
  const { blocks } = sent();
  expect(blocks.map(({ type }) => type)).not.toContain('image');
  expect(blocks[0]?.text?.text.length).toBeLessThanOrEqual(150);
  for (const { text } of blocks) expect(text?.text.length ?? 0).toBeLessThanOrEqual(3000);
});

test('an address that is none is refused when it is entered', () => {
  const { config } = channelContext(plugin, { url: 'hooks.slack.com/x' });
  expect(plugin.check?.(config)).toMatchObject([{ field: 'url' }]);
});

test.each([
  [404, 'no_service', 'channel_rejected'],
  [410, 'channel_is_archived', 'channel_rejected'],
  [429, 'rate_limited', 'channel_refused'],
  [500, '<html>', 'channel_refused'],
])('HTTP %i %s is %s', async (status, says, code) => {
  service.answer = status;
  service.says = says;
  service.headers['retry-after'] = '3';
  const failed = await send().catch((error: unknown) => error as Error);
  expect(failed).toMatchObject({ code });
  if (status !== 500) expect((failed as Error).message).toContain(says);
  expect((failed as Error).message).not.toContain('/in');
});
