/**
 * A Slack incoming webhook (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/): `text` for
 * notifications and for programs that know no blocks, `blocks` for people. Links stand in the text: a link button would ask the
 * app for an answer that a webhook cannot give.
 */
import {
  assertTaken,
  defineAlertChannel,
  noticeLinks,
  secret,
  secretAddress,
  shortened,
} from '../../core/plugins/define.ts';

/** Most characters (https://docs.slack.dev/reference/block-kit/blocks/). */
const MOST = { header: 150, section: 3000, alt: 2000 } as const;

/** Slack's three control characters (https://docs.slack.dev/messaging/formatting-message-text/#escaping). */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const section = (text: string): object => ({
  type: 'section',
  text: { type: 'mrkdwn', text: shortened(text, MOST.section), verbatim: true },
});

export default defineAlertChannel({
  id: 'slack',
  // Whoever has the address can write there.
  fields: { url: secret({ required: true }) },
  address: null,
  isAnywhere: true,
  check: ({ url }) => secretAddress('url', url),
  // One a second a webhook (https://docs.slack.dev/apis/web-api/rate-limits/).
  perMinute: 50,
  async send(notice, { config, pictureLink, request }) {
    const { title, text } = notice;
    const links = noticeLinks(notice)
      .map(({ label, address }) => `<${escaped(address)}|${label}>`)
      .join('  ·  ');
    const image = notice.frame ?? notice.patch;
    const address = image === null ? null : pictureLink(image.imageId);
    const body = {
      text: [escaped(title), escaped(text), links].filter((part) => part !== '').join('\n'),
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: shortened(title, MOST.header), emoji: false } },
        ...(text.trim() === '' ? [] : [section(escaped(text))]),
        ...(address === null ? [] : [{ type: 'image', image_url: address, alt_text: shortened(title, MOST.alt) }]),
        ...(links === '' ? [] : [section(links)]),
      ],
    };
    const answer = await request(config.url, {
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
    });
    // Slack says why in a word: `no_service`, `channel_is_archived`, `invalid_blocks`.
    assertTaken(answer, new URL(config.url).host, /^[a-z_]{1,60}$/.test(answer.text.trim()) ? answer.text.trim() : '');
  },
});
