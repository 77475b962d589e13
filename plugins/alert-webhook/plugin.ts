/**
 * Posts each alert as JSON to an address, signed when a secret is set. Whoever takes it keeps `deliveryId`: the same one again
 * is a repeat.
 */
import { createHmac } from 'node:crypto';
import {
  assertTaken,
  choice,
  defineAlertChannel,
  isPublicHttps,
  LprError,
  secret,
  url,
  type AlertChannelContext,
  type Fields,
  type ImageHandle,
} from '../../core/plugins/define.ts';

type Pictures = Pick<AlertChannelContext<Fields>, 'picture' | 'pictureLink'>;

/** These speak of the message; every other refusal may be of a system that is being set up. */
const ABOUT_THE_MESSAGE: readonly number[] = [400, 410, 413, 415, 422];

async function shown(
  how: 'none' | 'link' | 'base64',
  image: ImageHandle | null,
  { picture, pictureLink }: Pictures,
): Promise<string | null> {
  if (image === null || how === 'none') return null;
  if (how === 'link') return pictureLink(image.imageId);
  const bytes = await picture(image.imageId);
  return bytes === null ? null : Buffer.from(bytes).toString('base64');
}

export default defineAlertChannel({
  id: 'webhook',
  fields: {
    url: url({ required: true }),
    secret: secret(),
    pictures: choice(['none', 'link', 'base64'], 'none'),
  },
  address: null,
  isAnywhere: true,
  perMinute: 6_000,
  missing: ({ pictures }, { publicUrl }) => (pictures === 'link' && !isPublicHttps(publicUrl) ? ['publicUrl'] : []),
  async send(notice, { config, request, ...context }) {
    const pictures =
      config.pictures === 'none'
        ? {}
        : {
            pictures: {
              frame: await shown(config.pictures, notice.frame, context),
              patch: await shown(config.pictures, notice.patch, context),
            },
          };
    const body = JSON.stringify({ ...notice, ...pictures });
    const timestamp = Math.floor(Date.now() / 1000).toString();
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'lpr-timestamp': timestamp,
      'lpr-delivery-id': notice.deliveryId,
    };
    if (config.secret !== '') {
      // The time is signed with the body: an old message cannot be sent again as new.
      headers['lpr-signature'] =
        `sha256=${createHmac('sha256', config.secret).update(`${timestamp}.${body}`).digest('hex')}`;
    }
    const { host } = new URL(config.url);
    const answer = await request(config.url, { headers, body });
    if (answer.status >= 400 && answer.status < 500 && !ABOUT_THE_MESSAGE.includes(answer.status)) {
      const { status } = answer;
      throw new LprError('channel_refused', `${host} answers HTTP ${status}: check the address and what it asks for.`, {
        status,
      });
    }
    assertTaken(answer, host);
  },
});
