import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { LprError } from '../errors.ts';
import { createSecretBox } from '../secrets.ts';
import { createSharedPictures, type SharedPictures } from './shared-pictures.ts';

const ID = 'ab'.repeat(32);
let folder: string;
let picture: Buffer;
let now = Date.now();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lpr-shared-'));
  picture = await sharp({ create: { width: 1600, height: 900, channels: 4, background: '#00808080' } })
    .png()
    .toBuffer();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const opened = (publicUrl: string | null = 'https://lpr.example.org', at = folder): SharedPictures =>
  createSharedPictures({
    images: {
      read: (imageId) =>
        imageId === ID ? Promise.resolve(picture) : Promise.reject(new LprError('image_removed', 'gone')),
    },
    ...{ secrets: createSecretBox(at), publicUrl, now: () => now },
  });
const tokenOf = (address: string | null): string => address?.split('/').at(-1) ?? '';

test('a JPEG no wider than asked for; null when the picture is gone', async () => {
  const meta = await sharp((await opened().jpeg(ID, 640)) ?? Buffer.alloc(0)).metadata();
  expect(meta).toMatchObject({ format: 'jpeg', width: 640, height: 360 });
  expect(await opened().jpeg('cd'.repeat(32))).toBeNull();
});

test('an address shows it for a week, to whoever has it and after a restart too', async () => {
  const address = opened().link(ID, 320);
  expect(address).toMatch(/^https:\/\/lpr\.example\.org\/api\/v1\/shared-pictures\/[\w-]{60,90}$/);
  const { bytes, secondsLeft } = await opened().open(tokenOf(address));
  expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width: 320 });
  expect(secondsLeft).toBe(7 * 86_400);
  now += 7 * 86_400_000;
  await expect(opened().open(tokenOf(address))).rejects.toMatchObject({ code: 'not_found' });
});

test('nobody else can make one, nor change one', async () => {
  const token = tokenOf(opened().link(ID));
  const bytes = Buffer.from(token, 'base64url');
  for (const place of [0, 33, 36, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[place] = (changed[place] ?? 0) ^ 1;
    await expect(opened().open(changed.toString('base64url'))).rejects.toMatchObject({ code: 'not_found' });
  }
  for (const bad of ['', 'x', token.slice(0, -3), `${token}AAAA`]) {
    await expect(opened().open(bad)).rejects.toMatchObject({ code: 'not_found' });
  }
  const elsewhere = await mkdtemp(join(tmpdir(), 'lpr-shared-'));
  await expect(opened('https://lpr.example.org', elsewhere).open(token)).rejects.toMatchObject({ code: 'not_found' });
  await rm(elsewhere, { recursive: true, force: true });
});

test.each([null, 'http://lpr.example.org', 'https://10.0.0.5', 'https://hub.local'])(
  'where the world cannot reach %s there is none',
  (publicUrl) => {
    expect(opened(publicUrl).link(ID)).toBeNull();
  },
);
