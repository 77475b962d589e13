/** HTTP digest sign-in (RFC 7616), as cameras ask for it: MD5 or SHA-256, qop auth or none. */
import { createHash, randomBytes } from 'node:crypto';

export type Challenge = Readonly<Record<string, string>>;

export function parseChallenge(header: string | null): Challenge | null {
  if (header === null || !/^digest\s/i.test(header)) return null;
  const fields: Record<string, string> = {};
  for (const [, key = '', quoted, plain] of header.slice(7).matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)) {
    fields[key.toLowerCase()] = quoted ?? plain ?? '';
  }
  return fields;
}

/** @param count how often this challenge's nonce was used, from 1 */
export function answerChallenge(
  challenge: Challenge,
  account: { readonly username: string; readonly password: string },
  uri: string,
  count: number,
): string {
  const { realm = '', nonce = '', opaque, algorithm = 'MD5' } = challenge;
  const hash = (text: string): string =>
    createHash(/^sha-256/i.test(algorithm) ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const cnonce = randomBytes(8).toString('hex');
  const nc = count.toString(16).padStart(8, '0');
  const account1 = hash(`${account.username}:${realm}:${account.password}`);
  const ha1 = /-sess$/i.test(algorithm) ? hash(`${account1}:${nonce}:${cnonce}`) : account1;
  const ha2 = hash(`GET:${uri}`);
  const hasQop = (challenge['qop'] ?? '').split(',').some((qop) => qop.trim() === 'auth');
  const response = hasQop ? hash(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}`) : hash(`${ha1}:${nonce}:${ha2}`);
  const parts = [
    `username="${account.username}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${uri}"`,
    `response="${response}"`,
    `algorithm=${algorithm}`,
    ...(hasQop ? ['qop=auth', `nc=${nc}`, `cnonce="${cnonce}"`] : []),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
  ];
  return `Digest ${parts.join(', ')}`;
}
