import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createSecretBox } from './secrets.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lpr-secrets-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('what is sealed opens after a restart, and the key is for the owner alone', async () => {
  const sealed = createSecretBox(join(folder, 'a')).seal('รหัส p4ss');
  expect(sealed).not.toContain('p4ss');
  expect(createSecretBox(join(folder, 'a')).open(sealed)).toBe('รหัส p4ss');
  expect((await stat(join(folder, 'a', 'key'))).mode & 0o077).toBe(0);
});

test('a changed text or another key is refused', () => {
  const box = createSecretBox(join(folder, 'a'));
  const sealed = box.seal('secret');
  // Not the last character: some of its bits mean nothing.
  const changed = sealed.slice(0, 30) + (sealed.charAt(30) === 'A' ? 'B' : 'A') + sealed.slice(31);
  expect(() => box.open(changed)).toThrow(expect.objectContaining({ code: 'internal' }));
  expect(() => createSecretBox(join(folder, 'b')).open(sealed)).toThrow(/enter the secret again/i);
});

test('named values last and differ by name', () => {
  const box = createSecretBox(join(folder, 'a'));
  expect(box.named('flows')).toBe(createSecretBox(join(folder, 'a')).named('flows'));
  expect(box.named('flows')).not.toBe(box.named('other'));
});
