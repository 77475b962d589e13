/** Posts each alert as JSON to an address, signed when a secret is set. */
import { createHmac } from 'node:crypto';
import { defineAlertChannel, LprError, secret, url } from '../../core/plugins/define.ts';

export default defineAlertChannel({
  id: 'webhook',
  fields: { url: url({ required: true }), secret: secret() },
  address: null,
  isAnywhere: true,
  async send(notice, { config, request }) {
    const body = JSON.stringify(notice);
    const timestamp = Math.floor(Date.now() / 1000).toString();
    const headers: Record<string, string> = { 'content-type': 'application/json', 'lpr-timestamp': timestamp };
    if (config.secret !== '') {
      // The time is signed with the body: an old message cannot be sent again as new.
      headers['lpr-signature'] =
        `sha256=${createHmac('sha256', config.secret).update(`${timestamp}.${body}`).digest('hex')}`;
    }
    const { host } = new URL(config.url);
    const { status } = await request(config.url, { headers, body });
    if (status < 200 || status > 299) throw new LprError('channel_refused', `${host} answers HTTP ${status}.`);
  },
});
