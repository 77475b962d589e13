/** A list on an SFTP server. The server's key is pinned when it is first seen: another one is refused before anybody signs in. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path/posix';
import Client from 'ssh2-sftp-client';
import { defineListSource, errorMessage, LprError, number, secret, text } from '../../core/plugins/define.ts';

const READY_MS = 20_000;

const failed = (message: string, field: string, problem: string, cause?: unknown): LprError =>
  new LprError('list_source_failed', message, { problems: [{ field, problem }] }, cause);

export default defineListSource({
  id: 'sftp',
  fields: {
    host: text({ required: true }),
    port: number({ default: 22, min: 1, max: 65_535 }),
    username: text({ required: true }),
    password: secret(),
    privateKey: secret(),
    passphrase: secret(),
    path: text({ required: true }),
  },
  async fetch({ config, assertMayReach, trusts, validator, signal }) {
    const { host, port, username, password, privateKey, passphrase, path } = config;
    const address = await assertMayReach(host);
    const client = new Client();
    const refused: string[] = [];
    const end = async (): Promise<void> => {
      await client.end().catch(() => undefined);
    };
    const abort = (): void => void end();
    signal.addEventListener('abort', abort, { once: true });
    const close = async (): Promise<void> => {
      signal.removeEventListener('abort', abort);
      await end();
    };
    try {
      await client.connect({
        ...{ host: address, port, username, readyTimeout: READY_MS },
        ...(password === '' ? {} : { password }),
        ...(privateKey === '' ? {} : { privateKey }),
        ...(passphrase === '' ? {} : { passphrase }),
        hostVerifier(key: Buffer) {
          // As `ssh-keygen -l` prints it.
          const print = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
          if (trusts(print)) return true;
          refused.push(print);
          return false;
        },
      });
      const { size, modifyTime, isFile } = await client.stat(path);
      if (!isFile) throw failed(`${path} on ${host} is no file.`, 'path', 'is no file');
      const state = `${modifyTime}:${size}`;
      if (state === validator) {
        await close();
        return null;
      }
      const body = client.createReadStream(path) as unknown as AsyncIterable<Uint8Array>;
      return { fileName: basename(path), bytes: size, body, validator: state, close };
    } catch (error) {
      await close();
      const [otherKey] = refused;
      if (otherKey !== undefined) {
        const message = `${host} shows another key than before (${otherKey}): ask its owner, then forget the old key.`;
        throw failed(message, 'host', 'shows another key than before', error);
      }
      if (error instanceof LprError) throw error;
      const why = errorMessage(error);
      if (/authentication/i.test(why)) throw failed(`${host} refuses the account.`, 'username', 'is refused', error);
      if (/no such file/i.test(why)) throw failed(`${host} has no file ${path}.`, 'path', 'is not there', error);
      throw failed(`${host} cannot be asked (${why}).`, 'host', 'cannot be asked', error);
    }
  },
});
