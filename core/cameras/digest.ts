/** HTTP digest sign-in (RFC 7616), as cameras ask for it: MD5 or SHA-256, qop auth or none. */
import { createHash, randomBytes } from 'node:crypto';

export type Challenge = Readonly<Record<string, string>>;

/** Several schemes may stand in one header, in any order. */
const NEXT_SCHEME = /,\s*(?=(?:basic|digest|bearer|negotiate|ntlm)\b\s*(?:\w+\s*=|,|$))/i;

/** The first digest challenge of a `WWW-Authenticate` header; null when there is none. */
export function parseChallenge(header: string | null): Challenge | null {
  const digest = header?.split(NEXT_SCHEME).find((scheme) => /^\s*digest\s/i.test(scheme));
  if (digest === undefined) return null;
  const fields: Record<string, string> = {};
  for (const [, key = '', quoted, plain] of digest.matchAll(/(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/g)) {
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
  method = 'GET',
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
  const ha2 = hash(`${method}:${uri}`);
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
