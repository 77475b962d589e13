/** Argon2id by Node itself; parameters are OWASP's first choice (19 MiB, 2 passes, 1 lane). */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { LprError } from '../errors.ts';

const derive = promisify(argon2);
const MEMORY_KIB = 19_456;
const PASSES = 2;
const TAG_BYTES = 32;
const SHORTEST = 12;

async function tag(password: string, nonce: Buffer): Promise<Buffer> {
  const message = Buffer.from(password.normalize('NFC'), 'utf8');
  return derive('argon2id', {
    message,
    nonce,
    parallelism: 1,
    tagLength: TAG_BYTES,
    memory: MEMORY_KIB,
    passes: PASSES,
  });
}

export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  return `argon2id$${nonce.toString('base64url')}$${(await tag(password, nonce)).toString('base64url')}`;
}

/** Takes the same time whether a stored hash is given or not, so that names cannot be guessed by the clock. */
export async function passwordMatches(password: string, stored: string | null): Promise<boolean> {
  const [, nonce = '', expected = ''] = (stored ?? '').split('$');
  const actual = await tag(password, nonce === '' ? Buffer.alloc(16) : Buffer.from(nonce, 'base64url'));
  const wanted = Buffer.from(expected, 'base64url');
  return wanted.length === actual.length && timingSafeEqual(wanted, actual);
}

/** @throws password_too_weak */
export function checkPassword(password: string, name: string): void {
  const refuse = (problem: string): never => {
    throw new LprError('password_too_weak', `The password ${problem}.`, { problems: [{ field: 'password', problem }] });
  };
  if (Array.from(password).length < SHORTEST) refuse(`must have at least ${SHORTEST} characters`);
  if (new Set(password).size < 5) refuse('repeats too few different characters');
  if (name !== '' && password.toLowerCase().includes(name.toLowerCase())) refuse('must not contain the user name');
}
