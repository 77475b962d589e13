/**
 * E-mail over SMTP (RFC 5321, STARTTLS by RFC 3207): text and HTML with the plate's picture inside. The Message-ID is made of
 * the delivery's id, so that a mailbox which gets it twice shows it once (RFC 5322 3.6.4).
 */
import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import {
  addressesOf,
  choice,
  defineAlertChannel,
  errorMessage,
  flag,
  LprError,
  number,
  secret,
  text,
} from '../../core/plugins/define.ts';
import { htmlOf, textOf } from './mail-body.ts';

/** A plate is small; a scene as wide as a phone shows it. */
const WIDTH = { patch: 480, frame: 800 } as const;

interface SmtpFault {
  /** What was said last, e.g. `RCPT TO`. */
  readonly command?: string;
  /** What the server answered with; absent when it did not. */
  readonly responseCode?: number;
}

/** 5xx is final (RFC 5321 4.2.1) where it speaks of the mail; sign-in and encryption may be mended meanwhile. */
const isFinal = ({ responseCode = 0, command = '' }: SmtpFault): boolean =>
  responseCode >= 500 && responseCode <= 599 && ['MAIL FROM', 'RCPT TO', 'DATA'].includes(command);

export default defineAlertChannel({
  id: 'email',
  fields: {
    host: text({ required: true }),
    port: number({ default: 587, min: 1, max: 65535 }),
    security: choice(['starttls', 'tls', 'none'], 'starttls'),
    selfSigned: flag(false),
    username: text(),
    password: secret(),
    from: text({ required: true }),
    to: text(),
    pictures: choice(['plate', 'both', 'none'], 'both'),
  },
  address: 'email',
  isAnywhere: true,
  addresses: ({ to }) => addressesOf(to),
  async send(notice, { config, to, signal, picture, assertMayReach }) {
    if (to === '') {
      throw new LprError('channel_rejected', 'Nobody is to be told: enter recipients, or name people in the rule.', {
        problems: [{ field: 'to', problem: 'is empty' }],
      });
    }
    const host = await assertMayReach(config.host);
    const images = { plate: [notice.patch], both: [notice.patch, notice.frame], none: [] }[config.pictures];
    const attachments = [];
    for (const [index, image] of images.entries()) {
      const cid = index === 0 ? 'plate' : 'scene';
      const bytes = image === null ? null : await picture(image.imageId, index === 0 ? WIDTH.patch : WIDTH.frame);
      if (bytes === null) continue;
      const content = Buffer.from(bytes);
      attachments.push({
        cid,
        filename: `${cid}.jpg`,
        contentType: 'image/jpeg',
        content,
        contentDisposition: 'inline' as const,
      });
    }
    const transport = createTransport({
      ...{ host, port: config.port, secure: config.security === 'tls' },
      ...(isIP(config.host) === 0 ? { servername: config.host } : {}),
      ...{ requireTLS: config.security === 'starttls', ignoreTLS: config.security === 'none' },
      tls: { rejectUnauthorized: !config.selfSigned, ...(isIP(config.host) === 0 ? { servername: config.host } : {}) },
      ...(config.username === '' ? {} : { auth: { user: config.username, pass: config.password } }),
      ...{ connectionTimeout: 15_000, greetingTimeout: 15_000, socketTimeout: 20_000 },
      // A notice is text and pictures of ours: nothing is fetched from elsewhere.
      ...{ disableFileAccess: true, disableUrlAccess: true },
    });
    try {
      await transport.sendMail({
        ...{ from: config.from, to, subject: notice.title, signal, attachments },
        text: textOf(notice),
        html: htmlOf(
          notice,
          attachments.map(({ cid }) => cid),
        ),
        messageId: `<${notice.deliveryId}@lpr-hub>`,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-LPR-Alert': notice.alertId },
        ...(notice.priority >= 80 ? { priority: 'high' as const } : {}),
      });
    } catch (error) {
      const said = error as SmtpFault;
      const why = signal.aborted ? 'no answer in time' : errorMessage(error).replaceAll(to, 'the recipient');
      throw new LprError(
        isFinal(said) ? 'channel_rejected' : 'channel_refused',
        `${config.host} did not take the e-mail: ${why.slice(0, 300)}`,
        said.responseCode === undefined ? {} : { status: said.responseCode },
        error,
      );
    } finally {
      transport.close();
    }
  },
});
