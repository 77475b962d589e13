import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { secret, url } from './fields.ts';
import { maskConfig, openConfig, sealConfig } from './sealed-config.ts';
import { createSecretBox, type SecretBox } from './secrets.ts';

const FIELDS = { url: url({ required: true }), secret: secret() };
let folder: string;
let box: SecretBox;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lpr-sealed-'));
  box = createSecretBox(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(['', 'mango sticky rice'])('what was shown can be sent back as it is (secret %j)', (kept) => {
  const stored = sealConfig(FIELDS, { url: 'https://a.example/', secret: kept }, {}, box);
  const shown = maskConfig(FIELDS, stored);
  expect(shown).toEqual({ url: 'https://a.example/', secret: kept !== '' });
  const changed = sealConfig(FIELDS, { ...shown, url: 'https://b.example/' }, stored, box);
  expect(openConfig(FIELDS, changed, changed, box)).toEqual({ url: 'https://b.example/', secret: kept });
});
