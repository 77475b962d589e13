/**
 * LINE Messaging API: one push message a recipient, `POST https://api.line.me/v2/bot/message/push`
 * (https://developers.line.biz/en/reference/messaging-api/#send-push-message). Its retry key keeps a repeat from being shown
 * twice for 24 hours (https://developers.line.biz/en/docs/messaging-api/retrying-api-request/): after that a try could double.
 */
import {
  addressesOf,
  answerField,
  assertTaken,
  defineAlertChannel,
  isPublicHttps,
  LprError,
  secret,
  text,
} from '../../core/plugins/define.ts';
import { messagesOf } from './line-messages.ts';

/** A user, a group or a room. */
const RECIPIENT = /^[UCR][0-9a-f]{32}$/;
const TOLD = 'must be an ID of a user (U…), group (C…) or room (R…) with 32 letters and digits behind it';

export default defineAlertChannel({
  id: 'line',
  fields: { accessToken: secret({ required: true }), to: text() },
  address: 'line',
  addresses: ({ to }) => addressesOf(to),
  check: ({ to }) => (addressesOf(to).every((one) => RECIPIENT.test(one)) ? [] : [{ field: 'to', problem: TOLD }]),
  missing: (_config, { publicUrl }) =>
    publicUrl === null ? ['publicUrl'] : isPublicHttps(publicUrl) ? [] : ['publicHttps'],
  // An hour less than the key lasts: the last try has to arrive within it.
  retryForMs: 23 * 3_600_000,
  perMinute: 600,
  async send(notice, { config, to, publicUrl, pictureLink, request }) {
    if (!RECIPIENT.test(to)) {
      throw new LprError('channel_rejected', `The recipient ${TOLD}.`, { problems: [{ field: 'to', problem: TOLD }] });
    }
    const isRich = isPublicHttps(publicUrl);
    const picture = notice.frame ?? notice.patch;
    const hero = isRich && picture !== null ? { image: picture, address: pictureLink(picture.imageId, 1024) } : null;
    const answer = await request('https://api.line.me/v2/bot/message/push', {
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${config.accessToken}`,
        'x-line-retry-key': notice.deliveryId,
      },
      body: JSON.stringify({ to, messages: messagesOf(notice, { isRich, hero }) }),
    });
    // An earlier try with this key was accepted, its answer was lost.
    if (answer.status === 409) return;
    assertTaken(answer, 'LINE', answerField(answer, 'message'));
  },
});
