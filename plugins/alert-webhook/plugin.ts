/** Posts each alert as JSON to an address, signed when a secret is set. */
import { createHmac } from 'node:crypto';
import { defineAlertChannel, LprError, secret, url } from '../../core/plugins/define.ts';

export default defineAlertChannel({
  id: 'webhook',
  fields: { url: url({ required: true }), secret: secret() },
  async send(notice, { config, signal }) {
    const body = JSON.stringify(notice);
    const timestamp = Math.floor(Date.now() / 1000).toString();
    const headers: Record<string, string> = { 'content-type': 'application/json', 'lpr-timestamp': timestamp };
    if (config.secret !== '') {
      // The time is signed with the body: an old message cannot be sent again as new.
      headers['lpr-signature'] =
        `sha256=${createHmac('sha256', config.secret).update(`${timestamp}.${body}`).digest('hex')}`;
    }
    const { host } = new URL(config.url);
    const response = await fetch(config.url, { method: 'POST', headers, body, signal, redirect: 'error' }).catch(
      (error: unknown) => {
        throw new LprError(
          'channel_refused',
          `${host} cannot be reached: check the address and the network.`,
          {},
          error,
        );
      },
    );
    await response.body?.cancel();
    if (!response.ok) throw new LprError('channel_refused', `${host} answers HTTP ${response.status}.`);
  },
});
