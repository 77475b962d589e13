/** Do the store's bytes and the database's records tell the same? Looks both ways. */
import { createHash } from 'node:crypto';
import { errorCode } from '../errors.ts';
import type { ByteStore, StoredBytes } from './byte-store.ts';
import { originalName } from './create-image-store.ts';
import type { StoredImage } from './images.ts';

export interface CheckStore {
  /** Which of these have a record. */
  known(imageIds: readonly string[]): Promise<ReadonlyMap<string, Pick<StoredImage, 'mediaType' | 'bytes'>>>;
  /** Records in order of id. */
  records(after: string, limit: number): Promise<readonly Pick<StoredImage, 'imageId' | 'mediaType' | 'bytes'>[]>;
  /** Frames and reads that name a picture which has neither a record nor a log entry of its removal. */
  lost(limit: number): Promise<readonly LostReference[]>;
}

export interface LostReference {
  readonly imageId: string;
  /** Where it is named. */
  readonly in: 'frame' | 'read';
  readonly id: string;
}

export interface ImageCheck {
  /** Records looked at, and their bytes. */
  readonly pictures: number;
  readonly bytes: number;
  /** In the store without a record. */
  readonly orphans: readonly StoredBytes[];
  /** Recorded, but not in the store. */
  readonly missing: readonly string[];
  /** In the store, but not what was stored: another size or another hash. */
  readonly damaged: readonly string[];
  readonly lost: readonly LostReference[];
  /** Orphans that were taken away. */
  readonly repaired: readonly string[];
}

export interface CheckOptions {
  /** Reads every picture whole. */
  readonly hashes: boolean;
  /** Takes orphans away that are older than a day. */
  readonly repair: boolean;
  readonly now?: () => Date;
}

const PAGE = 500;
const AT_ONCE = 8;
/** Bytes come before their record. */
const BEING_WRITTEN_MS = 10 * 60_000;
const GRACE_MS = 24 * 3_600_000;
const MOST_LOST = 10_000;

const idOf = (name: string): string => /^[0-9a-f]{2}\/[0-9a-f]{2}\/([0-9a-f]{64})\.\w+$/.exec(name)?.[1] ?? '';

async function* inPages<T>(all: AsyncIterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let page: T[] = [];
  for await (const one of all) {
    page.push(one);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

async function eachOf<T>(all: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += AT_ONCE) await Promise.all(all.slice(from, from + AT_ONCE).map(run));
}

export async function checkImages(
  store: ByteStore,
  records: CheckStore,
  { hashes, repair, now = () => new Date() }: CheckOptions,
): Promise<ImageCheck> {
  const orphans: StoredBytes[] = [];
  const damaged = new Set<string>();
  const missing: string[] = [];
  const repaired: string[] = [];
  const totals = { pictures: 0, bytes: 0 };

  for await (const page of inPages(store.list(), PAGE)) {
    const known = await records.known(page.map(({ name }) => idOf(name)));
    for (const found of page) {
      const imageId = idOf(found.name);
      const record = known.get(imageId);
      const isNamed = record !== undefined && originalName({ imageId, ...record }) === found.name;
      if (isNamed && record.bytes !== found.bytes) damaged.add(imageId);
      const age = now().getTime() - found.writtenAt.getTime();
      if (!isNamed && age > BEING_WRITTEN_MS) orphans.push(found);
    }
  }

  for (let after = ''; ;) {
    const page = await records.records(after, PAGE);
    await eachOf(page, async (record) => {
      const { imageId } = record;
      totals.pictures += 1;
      totals.bytes += record.bytes;
      const isGone = async (): Promise<boolean> => !(await records.known([imageId])).has(imageId);
      if (!hashes) {
        if (!(await store.exists(originalName(record))) && !(await isGone())) missing.push(imageId);
        return;
      }
      try {
        const hash = createHash('sha256').update(await store.get(originalName(record)));
        if (hash.digest('hex') !== imageId) damaged.add(imageId);
      } catch (error) {
        if (errorCode(error) !== 'not_found') throw error;
        // Retention may have been here since the page was read.
        if (!(await isGone())) missing.push(imageId);
      }
    });
    after = page.at(-1)?.imageId ?? '';
    if (after === '') break;
  }

  if (repair) {
    await eachOf(orphans, async ({ name, writtenAt }) => {
      if (now().getTime() - writtenAt.getTime() < GRACE_MS) return;
      const imageId = idOf(name);
      const isNamed = async (): Promise<boolean> => {
        const record = (await records.known([imageId])).get(imageId);
        return record !== undefined && originalName({ imageId, ...record }) === name;
      };
      if (await isNamed()) return;
      const bytes = imageId === '' ? null : await store.get(name);
      await store.delete(name);
      // The same picture may have come again just then, and found its bytes there.
      if (bytes !== null && (await isNamed())) await store.put(name, bytes);
      else repaired.push(name);
    });
  }
  return { ...totals, orphans, missing, damaged: [...damaged], lost: await records.lost(MOST_LOST), repaired };
}
