/**
 * A Teams workflow "when a Teams webhook request is received": a message with one Adaptive Card
 * (https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using,
 * https://adaptivecards.io/explorer/). Text goes as runs: those know no Markdown, so what a list holds stays text.
 */
import {
  assertTaken,
  defineAlertChannel,
  isPublicHttps,
  mapLink,
  noticeTime,
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

export function cardOf(notice: AlertNotice, timeZone: string, picture: string | null): object {
  const words = noticeWords(notice.language);
  const at = notice.capturedAt === null ? null : noticeTime(notice.capturedAt, notice, timeZone);
  const facts = (
    [
      [words.camera, notice.cameraName],
      [words.time, at],
    ] as const
  ).flatMap(([label, value]) => (value === null ? [] : [run(`${label}: ${value}`, { isSubtle: true })]));
  const actions = (
    [
      [words.acknowledge, notice.acknowledgeLink],
      [words.detection, notice.link],
      [words.map, mapLink(notice)],
    ] as const
  ).flatMap(([title, address]) => (address === null ? [] : [{ type: 'Action.OpenUrl', title, url: address }]));
  return {
    ...{ $schema: 'http://adaptivecards.io/schemas/adaptive-card.json', type: 'AdaptiveCard', version: '1.4' },
    msteams: { width: 'Full' },
    body: [
      ...(notice.kind === 'alert' ? [] : [run(words[notice.kind], { color: 'Warning' })]),
      run(shortened(notice.title, 500), { weight: 'Bolder', size: 'Large' }),
      ...(notice.text.trim() === '' ? [] : [run(shortened(notice.text, MOST_TEXT))]),
      ...(picture === null ? [] : [{ type: 'Image', url: picture, altText: words.picture, size: 'Stretch' }]),
      ...facts,
    ],
    actions,
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
  async send(notice, { config, timeZone, pictureLink, request }) {
    const image = notice.frame ?? notice.patch;
    const content = cardOf(notice, timeZone, image === null ? null : pictureLink(image.imageId));
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
