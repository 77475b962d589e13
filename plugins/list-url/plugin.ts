/** A list at an address: fetched whole when the server says that it changed (RFC 9110, conditional requests). */
import { basename } from 'node:path';
import { choice, defineListSource, LprError, secret, text, url } from '../../core/plugins/define.ts';

/** Both parts of what a server says of a state; either may be missing. */
const validatorOf = (etag: string | undefined, modified: string | undefined): string | null =>
  etag === undefined && modified === undefined ? null : JSON.stringify([etag ?? '', modified ?? '']);

function conditions(validator: string | null): Readonly<Record<string, string>> {
  if (validator === null) return {};
  const [etag = '', modified = ''] = JSON.parse(validator) as string[];
  return {
    ...(etag === '' ? {} : { 'if-none-match': etag }),
    ...(modified === '' ? {} : { 'if-modified-since': modified }),
  };
}

function fileNameOf(address: string, disposition: string | undefined): string | null {
  const [, named] = /filename="?([^";]+)"?/i.exec(disposition ?? '') ?? [];
  const name = basename(named ?? decodeURIComponent(new URL(address).pathname));
  return name === '' ? null : name.slice(0, 200);
}

const failed = (message: string, field: string): LprError =>
  new LprError('list_source_failed', message, { problems: [{ field, problem: 'is refused by the server' }] });

export default defineListSource({
  id: 'url',
  fields: {
    url: url({ required: true }),
    account: choice(['none', 'basic', 'bearer'], 'none'),
    username: text(),
    password: secret(),
    token: secret(),
  },
  async fetch({ config, open, validator }) {
    const { host } = new URL(config.url);
    const basic = Buffer.from(`${config.username}:${config.password}`).toString('base64');
    const authorization =
      config.account === 'basic' ? `Basic ${basic}` : config.account === 'bearer' ? `Bearer ${config.token}` : null;
    const { status, headers, body, close } = await open(config.url, {
      ...conditions(validator),
      ...(authorization === null ? {} : { authorization }),
      'accept-encoding': 'identity',
    });
    const done = (): Promise<void> => {
      close();
      return Promise.resolve();
    };
    if (status === 200) {
      return {
        fileName: fileNameOf(config.url, headers['content-disposition']),
        bytes: headers['content-length'] === undefined ? null : Number(headers['content-length']),
        ...{ body, validator: validatorOf(headers.etag, headers['last-modified']), close: done },
      };
    }
    close();
    if (status === 304 && validator !== null) return null;
    if (status === 401 || status === 403) throw failed(`${host} refuses the account (HTTP ${status}).`, 'account');
    if (status >= 300 && status < 400) {
      throw failed(`${host} sends on to another address (HTTP ${status}): enter that one.`, 'url');
    }
    throw failed(`${host} answers HTTP ${status}.`, 'url');
  },
});
