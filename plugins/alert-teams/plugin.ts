/**
 * A Teams workflow "when a Teams webhook request is received": a message with one Adaptive Card
 * (https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using,
 * https://adaptivecards.io/explorer/). Text goes as runs: those know no Markdown, so what a list holds stays text.
 */
import {
  assertTaken,
  defineAlertChannel,
  isPublicHttps,
  noticeLinks,
  noticeWords,
  secret,
  secretAddress,
  shortened,
  type AlertNotice,
} from '../../core/plugins/define.ts';

/** A message must stay within 28 kB, and a Thai letter takes three bytes. */
const MOST_TEXT = 4000;

const run = (text: string, more: Readonly<Record<string, unknown>> = {}): object => ({
  type: 'RichTextBlock',
  inlines: [{ type: 'TextRun', text, ...more }],
});

function cardOf(notice: AlertNotice, picture: string | null): object {
  return {
    ...{ $schema: 'http://adaptivecards.io/schemas/adaptive-card.json', type: 'AdaptiveCard', version: '1.4' },
    msteams: { width: 'Full' },
    body: [
      run(shortened(notice.title, 500), { weight: 'Bolder', size: 'Large' }),
      ...(notice.text.trim() === '' ? [] : [run(shortened(notice.text, MOST_TEXT))]),
      ...(picture === null
        ? []
        : [{ type: 'Image', url: picture, altText: noticeWords(notice.language).picture, size: 'Stretch' }]),
    ],
    actions: noticeLinks(notice).map(({ label: title, address: url }) => ({ type: 'Action.OpenUrl', title, url })),
  };
}

export default defineAlertChannel({
  id: 'teams',
  // Whoever has the address can write there.
  fields: { url: secret({ required: true }) },
  address: null,
  isAnywhere: true,
  check: ({ url }) => secretAddress('url', url),
  missing: (_config, { publicUrl }) => (isPublicHttps(publicUrl) ? [] : ['publicUrl']),
  perMinute: 60,
  async send(notice, { config, pictureLink, request }) {
    const image = notice.frame ?? notice.patch;
    const content = cardOf(notice, image === null ? null : pictureLink(image.imageId));
    const answer = await request(config.url, {
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({
        type: 'message',
        attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
      }),
    });
    assertTaken(answer, new URL(config.url).host);
  },
});
