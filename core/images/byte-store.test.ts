import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startS3Server, type S3Server } from '../../test/s3-server.ts';
import { errorCode } from '../errors.ts';
import type { ByteSource, ByteStore, StoredBytes } from './byte-store.ts';
import { createDiskStore } from './disk-store.ts';
import { createS3Store } from './s3-store.ts';

const folders: string[] = [];
let s3: S3Server;

beforeAll(async () => {
  s3 = await startS3Server();
});

afterAll(async () => {
  await s3.stop();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function folder(): Promise<string> {
  folders.push(await mkdtemp(join(tmpdir(), 'lpr-bytes-')));
  return folders.at(-1) ?? '';
}

const nameOf = (bytes: Uint8Array): string => {
  const hash = createHash('sha256').update(bytes).digest('hex');
  return `${hash.slice(0, 2)}/${hash.slice(2, 4)}/${hash}.jpg`;
};
const codeOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'no error', errorCode);
async function allOf(store: ByteStore): Promise<StoredBytes[]> {
  const all: StoredBytes[] = [];
  for await (const one of store.list()) all.push(one);
  return all;
}
const bytesOf = (source: ByteSource): Promise<Buffer> =>
  'path' in source ? readFile(source.path) : buffer(source.stream);

const stores: readonly [name: string, make: () => Promise<ByteStore>][] = [
  ['disk', async () => createDiskStore(join(await folder(), 'not-yet-there'))],
  ['S3', () => createS3Store(s3.settings)],
];

describe.each(stores)('%s', (kind, make) => {
  let store: ByteStore;
  beforeAll(async () => {
    store = await make();
  });

  test('gives back what was put, byte for byte, whole and as a stream', async () => {
    await store.check();
    for (const size of [1, 70_000, 3_000_000]) {
      const bytes = randomBytes(size);
      const name = nameOf(bytes);
      expect(await store.exists(name)).toBe(false);
      await store.put(name, bytes);
      await store.put(name, bytes);
      expect(await store.exists(name)).toBe(true);
      expect(Buffer.compare(await store.get(name), bytes)).toBe(0);
      const source = await store.open(name);
      if ('bytes' in source) expect(source.bytes).toBe(size);
      expect(Buffer.compare(await bytesOf(source), bytes)).toBe(0);
    }
  });

  test('what is not there is told as such', async () => {
    const name = nameOf(Buffer.from('never put'));
    expect(await codeOf(store.get(name))).toBe('not_found');
    expect(await codeOf(store.open(name))).toBe('not_found');
    expect(await store.exists(name)).toBe(false);
    await store.delete(name);
  });

  test('lists everything with its size, and nothing of what was deleted', async () => {
    const all = Array.from({ length: 20 }, (_, i) => Buffer.from(`picture ${i} of ${kind}`));
    await Promise.all(all.map((bytes) => store.put(nameOf(bytes), bytes)));
    await store.delete(nameOf(all[0] ?? Buffer.alloc(0)));
    const listed = new Map((await allOf(store)).map((one) => [one.name, one]));
    expect(listed.has(nameOf(all[0] ?? Buffer.alloc(0)))).toBe(false);
    for (const bytes of all.slice(1)) {
      expect(listed.get(nameOf(bytes))?.bytes).toBe(bytes.length);
      const age = Date.now() - (listed.get(nameOf(bytes))?.writtenAt.getTime() ?? 0);
      expect(Math.abs(age)).toBeLessThan(600_000);
    }
  });

  test('the same picture from many at once is one', async () => {
    const bytes = randomBytes(50_000);
    await Promise.all(Array.from({ length: 12 }, () => store.put(nameOf(bytes), bytes)));
    const listed = await allOf(store);
    expect(listed.filter(({ name }) => name.startsWith(nameOf(bytes))).length).toBe(1);
  });
});

test('a disk says how much is free, S3 cannot', async () => {
  const facts = await createDiskStore(await folder()).freeBytes();
  expect(facts?.free).toBeGreaterThan(0);
  expect(facts?.total).toBeGreaterThanOrEqual(facts?.free ?? Infinity);
  expect(await (await createS3Store(s3.settings)).freeBytes()).toBeNull();
});

test('more pictures than S3 lists on one page are all listed', async () => {
  const server = await startS3Server('many');
  try {
    const store = await createS3Store({ ...server.settings, prefix: '' });
    for (let done = 0; done < 1020; done += 60) {
      await Promise.all(Array.from({ length: 60 }, (_, i) => store.put(`aa/bb/${done + i}.jpg`, Buffer.from('x'))));
    }
    expect(new Set((await allOf(store)).map(({ name }) => name)).size).toBe(1020);
  } finally {
    await server.stop();
  }
}, 60_000);

describe('an S3 store that does not work says what would mend it', () => {
  const told = async (change: Partial<S3Server['settings']>): Promise<readonly [string, string]> => {
    const store = await createS3Store({ ...s3.settings, ...change });
    const tell = (error: unknown): [string, string] => [errorCode(error), (error as Error).message];
    const put = await store.put('aa/bb/x.jpg', Buffer.from('x')).then(() => ['no error', ''] as const, tell);
    const check = await store.check().then(() => 'no error', errorCode);
    expect(check).toBe(put[0]);
    return put;
  };

  test('nobody answers', async () => {
    const [code, message] = await told({ endpoint: 'http://127.0.0.1:9' });
    expect(code).toBe('store_unavailable');
    expect(message).toContain('S3_ENDPOINT');
  });

  test('there is no such bucket', async () => {
    const [code, message] = await told({ bucket: 'elsewhere' });
    expect(code).toBe('store_unavailable');
    expect(message).toContain('S3_BUCKET');
  });

  test('the key is wrong', async () => {
    const [code, message] = await told({ accessKey: 'UNKNOWN', secretKey: 'not-to-be-told' });
    expect(code).toBe('store_unavailable');
    expect(message).toContain('S3_ACCESS_KEY');
    expect(message).not.toContain('not-to-be-told');
  });
});
