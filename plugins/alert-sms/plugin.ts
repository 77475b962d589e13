/**
 * SMS by Twilio: one POST to `/2010-04-01/Accounts/{sid}/Messages.json`, form-encoded, HTTP Basic
 * (https://www.twilio.com/docs/messaging/api/message-resource). Twilio knows no key against repeats: an answer that is lost on
 * the way may bring a message twice.
 */
import type { Twilio } from 'twilio';
import {
  addressesOf,
  answerField,
  assertTaken,
  defineAlertChannel,
  LprError,
  secret,
  shortened,
  text,
  type ChannelAnswer,
} from '../../core/plugins/define.ts';

/** The most that Twilio takes in one message, whatever the letters. */
const MOST = 1600;
/** E.164; Twilio wants nothing between the digits. */
const NUMBER = /^\+[1-9]\d{6,14}$/;

/** Thai numbers are told as 08x-xxx-xxxx. */
export const internationalNumber = (to: string): string => to.replace(/[\s().-]/g, '').replace(/^0(?=\d{8,9}$)/, '+66');

export default defineAlertChannel({
  id: 'sms',
  fields: {
    accountSid: text({ required: true }),
    authToken: secret({ required: true }),
    from: text({ required: true }),
    to: text(),
  },
  address: 'phone',
  addresses: ({ to }) => addressesOf(to),
  maxText: MOST,
  check: ({ to }) =>
    addressesOf(to).every((one) => NUMBER.test(internationalNumber(one)))
      ? []
      : [{ field: 'to', problem: 'must be numbers like +66812345678, separated by commas' }],
  async send(notice, { config, to, request, signal }) {
    const number = internationalNumber(to);
    if (!NUMBER.test(number)) {
      throw new LprError('channel_rejected', 'The phone number cannot be used: write it as +66812345678.', {
        problems: [{ field: 'to', problem: 'must be a number like +66812345678' }],
      });
    }
    let answer: ChannelAnswer | null = null;
    // The package makes the request, the hub's own HTTP carries it: limits and time-out stay the hub's.
    const carrier = {
      async request({ method, uri, username = '', password = '', data = {} }: Asked) {
        signal.throwIfAborted();
        answer = await request(uri, {
          method: method.toUpperCase() as 'POST',
          headers: {
            authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
            'content-type': 'application/x-www-form-urlencoded',
            accept: 'application/json',
          },
          body: new URLSearchParams(data as Record<string, string>).toString(),
        });
        return { statusCode: answer.status, body: answer.text, headers: Object.fromEntries(answer.headers) };
      },
    } as unknown as Twilio['httpClient'];
    const sender = /^MG[0-9a-f]{32}$/i.test(config.from) ? { messagingServiceSid: config.from } : { from: config.from };
    const body = shortened(notice.text === '' ? notice.title : notice.text, MOST);
    // Loaded when it is needed: it takes 400 ms and 23 MB, and most hubs have no such channel.
    const { default: twilio } = await import('twilio');
    try {
      const client = twilio(config.accountSid, config.authToken, { httpClient: carrier });
      await client.messages.create({ ...sender, to: number, body });
    } catch (error) {
      const said = answer as ChannelAnswer | null;
      if (said === null) throw error;
      const code = answerField(said, 'code');
      assertTaken(said, 'Twilio', `${code} ${answerField(said, 'message').replaceAll(number, 'the number')}`.trim());
      throw new LprError('channel_refused', 'Twilio answers something that is no message.', {}, error);
    }
  },
});

interface Asked {
  readonly method: string;
  readonly uri: string;
  readonly username?: string;
  readonly password?: string;
  readonly data?: object;
}
