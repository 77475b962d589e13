/**
 * Telegram Bot API (https://core.telegram.org/bots/api#sendphoto, #sendmessage). Text goes as text with its title marked by an
 * entity: no parse mode, so nothing that a list holds is taken for markup. Telegram knows no key against repeats: an answer that
 * is lost on the way may bring a message twice.
 */
import { randomUUID } from 'node:crypto';
import {
  addressesOf,
  answerField,
  assertTaken,
  defineAlertChannel,
  flag,
  isPublicHttps,
  LprError,
  noticeLinks,
  secret,
  shortened,
  text,
  url,
} from '../../core/plugins/define.ts';

/** Most UTF-16 units; a longer notice goes without its picture rather than without its end. */
const MOST = { caption: 1024, text: 4096 } as const;
const RECIPIENT = /^(-?\d{1,20}|@[A-Za-z]\w{3,})$/;
const TOLD = 'must be a chat ID (a number) or an @channel name';

/**
 * JSON, or a form with the picture (RFC 7578). By hand: the runtime's FormData makes two signs of each line break, and the
 * places of entities would no longer fit.
 */
function packed(
  fields: Readonly<Record<string, unknown>>,
  photo?: Uint8Array,
): { readonly type: string; readonly body: string | Uint8Array } {
  if (photo === undefined) return { type: 'application/json', body: JSON.stringify(fields) };
  const boundary = `lpr-${randomUUID()}`;
  const head = (name: string, more = ''): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`;
  const parts = Object.entries(fields).map(
    ([name, value]) => `${head(name)}${typeof value === 'string' ? value : JSON.stringify(value)}\r\n`,
  );
  const last = head('photo', '; filename="picture.jpg"\r\nContent-Type: image/jpeg');
  const body = Buffer.concat([Buffer.from(parts.join('') + last), photo, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { type: `multipart/form-data; boundary=${boundary}`, body };
}

export default defineAlertChannel({
  id: 'telegram',
  fields: {
    token: secret({ required: true }),
    to: text(),
    picture: flag(true),
    server: url({ default: 'https://api.telegram.org' }),
  },
  address: 'telegram',
  isAnywhere: true,
  addresses: ({ to }) => addressesOf(to),
  check: ({ to }) => (addressesOf(to).every((one) => RECIPIENT.test(one)) ? [] : [{ field: 'to', problem: TOLD }]),
  missing: (_config, { publicUrl }) => (isPublicHttps(publicUrl) ? [] : ['publicUrl']),
  // A group takes 20 a minute (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).
  perMinute: 20,
  async send(notice, { config, to, picture, publicUrl, request }) {
    if (!RECIPIENT.test(to)) {
      throw new LprError('channel_rejected', `The recipient ${TOLD}.`, { problems: [{ field: 'to', problem: TOLD }] });
    }
    const links = noticeLinks(notice).map(({ label, address }) => ({ text: label, url: address }));
    // A button that leads into a private network is refused, and the message with it.
    const hasButtons = isPublicHttps(publicUrl);
    const said = [notice.title, notice.text].filter((part) => part !== '').join('\n');
    const tail = hasButtons ? '' : links.map((link) => `\n${link.text}: ${link.url}`).join('');
    const image = notice.frame ?? notice.patch;
    const fits = said.length + tail.length <= MOST.caption;
    const photo = config.picture && image !== null && fits ? await picture(image.imageId, 1280) : null;
    const words = shortened(said, MOST.text - tail.length) + tail;
    const entities = [{ type: 'bold', offset: 0, length: Math.min(notice.title.length, words.length) }];
    const keyboard =
      hasButtons && links.length > 0 ? { reply_markup: { inline_keyboard: links.map((link) => [link]) } } : {};
    const { type, body } =
      photo === null
        ? packed({ chat_id: to, text: words, entities, link_preview_options: { is_disabled: true }, ...keyboard })
        : packed({ chat_id: to, caption: words, caption_entities: entities, ...keyboard }, photo);
    const method = photo === null ? 'sendMessage' : 'sendPhoto';
    const answer = await request(`${config.server.replace(/\/+$/, '')}/bot${config.token}/${method}`, {
      headers: { 'content-type': type },
      body,
    });
    const wait = Number(answerField(answer, 'parameters', 'retry_after')) || null;
    const moved = answerField(answer, 'parameters', 'migrate_to_chat_id');
    const why = moved === '' ? answerField(answer, 'description') : `the group is ${moved} now: enter that`;
    assertTaken(answer, 'Telegram', why, wait ?? undefined);
  },
});
