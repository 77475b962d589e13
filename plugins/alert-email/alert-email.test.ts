/** Against a real SMTP server; what it took is read by a mail parser. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { channelContext, JPEG, noticeOf } from '../../test/alert-channel.ts';
import { selfSigned } from '../../test/self-signed.ts';
import plugin from './plugin.ts';

const mails: ParsedMail[] = [];
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
  mails.length = 0;
});

async function startServer(options: SMTPServerOptions = {}): Promise<number> {
  const server = new SMTPServer({
    ...{ authOptional: true, logger: false, ...selfSigned() },
    onData(stream, _session, done) {
      simpleParser(stream).then((mail) => {
        mails.push(mail);
        done();
      }, done);
    },
    ...options,
  });
  server.on('error', () => undefined);
  closing.push(() => {
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return (server.server.address() as AddressInfo).port;
}
const account: SMTPServerOptions = {
  authOptional: false,
  onAuth({ username, password }, _session, done) {
    if (username === 'hub' && password === 'p4ss') done(null, { user: 'hub' });
    else done(new Error('Invalid username or password'));
  },
};
const fault = (code: number): Error => Object.assign(new Error('no'), { responseCode: code });
const config = (port: number, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...{ host: '127.0.0.1', port, security: 'starttls', selfSigned: true, from: 'LPR Hub <hub@example.com>', ...more },
});
const send = (settings: Record<string, unknown>, notice = noticeOf(), signal = AbortSignal.timeout(10_000)) =>
  plugin.send(notice, channelContext(plugin, settings, { to: 'anna@example.com', signal }));

describe('an e-mail', () => {
  test('says it in text and HTML, with the pictures inside, buttons and a lasting id', async () => {
    const port = await startServer(account);
    const notice = noticeOf();
    await send(config(port, { username: 'hub', password: 'p4ss' }), notice);
    const [mail] = mails;
    expect(mail).toMatchObject({
      subject: notice.title,
      messageId: `<${notice.deliveryId}@lpr-hub>`,
      to: { text: 'anna@example.com' },
      from: { text: '"LPR Hub" <hub@example.com>' },
    });
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail?.attachments.map(({ cid, content }) => [cid, Buffer.compare(content, JPEG)])).toEqual([
      ['plate', 0],
      ['scene', 0],
    ]);
    expect(mail?.text).toContain(notice.text);
    for (const address of [notice.acknowledgeLink, notice.link]) expect(mail?.text).toContain(address);
    // The parser puts pictures in place of their ids.
    const html = String(mail?.html);
    expect(html).toContain('&#60;b&#62;ช่องทาง 2&#60;/b&#62; &#38; &#34;รีบ&#34;');
    expect(html).not.toContain('<b>ช่องทาง');
    expect(html).toContain('data:image/jpeg;base64,');
    expect(html).toContain('>รับทราบ</a>');
  });

  test('goes without pictures that are gone or not wanted', async () => {
    const port = await startServer();
    const gone = { imageId: 'gone', width: 1, height: 1 };
    await send(config(port), noticeOf({ patch: gone, frame: gone, language: 'en' }));
    await send(config(port, { pictures: 'none' }), noticeOf({ link: null, acknowledgeLink: null, latitude: null }));
    expect(mails.map(({ attachments }) => attachments.length)).toEqual([0, 0]);
    expect(String(mails[0]?.html)).toContain('>Acknowledge</a>');
    expect(String(mails[1]?.html)).not.toContain('<a ');
  });

  test('a line break in the title makes no further header', async () => {
    const port = await startServer();
    await send(config(port), noticeOf({ title: 'Stolen\r\nBcc: eve@example.com' }));
    expect(mails[0]?.headers.has('bcc')).toBe(false);
    expect(mails[0]?.subject).toContain('Stolen');
  });

  test.each<[string, Record<string, unknown>, SMTPServerOptions]>([
    ['with TLS from the start', { security: 'tls' }, { secure: true }],
    ['without encryption', { security: 'none' }, { disabledCommands: ['STARTTLS', 'AUTH'] }],
  ])('%s', async (_how, settings, options) => {
    const port = await startServer(options);
    await send(config(port, settings));
    expect(mails).toHaveLength(1);
  });
});

describe('what is not taken', () => {
  test.each<[string, SMTPServerOptions, Record<string, unknown>, string]>([
    ['an unknown recipient never will be', { onRcptTo: (_to, _s, done) => done(fault(550)) }, {}, 'channel_rejected'],
    ['a full mailbox may be later', { onRcptTo: (_to, _s, done) => done(fault(452)) }, {}, 'channel_refused'],
    ['a wrong password may be mended', account, { username: 'hub', password: 'x' }, 'channel_refused'],
    ['no STARTTLS where it is asked for', { disabledCommands: ['STARTTLS'] }, {}, 'channel_refused'],
    ['a certificate that nobody vouches for', {}, { selfSigned: false }, 'channel_refused'],
  ])('%s', async (_what, options, settings, code) => {
    const port = await startServer(options);
    const failed = await send(config(port, settings)).catch((error: unknown) => error as Error);
    expect(failed).toMatchObject({ code });
    expect((failed as Error).message).not.toContain('anna@example.com');
    expect(mails).toEqual([]);
  });

  test('a server that says nothing is left when the signal fires', async () => {
    const sockets = new Set<{ destroy(): void }>();
    const silent: Server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const controller = new AbortController();
    const sent = send(config((silent.address() as AddressInfo).port), noticeOf(), controller.signal);
    const failed = expect(sent).rejects.toMatchObject({
      code: 'channel_refused',
      message: expect.stringContaining('in time'),
    });
    await once(silent, 'connection');
    controller.abort();
    await failed;
  });

  test('a host of the own network is not even called where the channel may not', async () => {
    const context = channelContext(plugin, config(1), {
      to: 'anna@example.com',
      assertMayReach: () => Promise.reject(Object.assign(new Error('own network'), { code: 'channel_private' })),
    });
    await expect(plugin.send(noticeOf(), context)).rejects.toMatchObject({ code: 'channel_private' });
  });

  test('nobody to tell', async () => {
    await expect(plugin.send(noticeOf(), channelContext(plugin, config(1)))).rejects.toMatchObject({
      details: { problems: [{ field: 'to' }] },
    });
  });
});
