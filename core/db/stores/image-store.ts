import type { ImageRecords } from '../../images/image-store.ts';
import type { StoredImage } from '../../images/images.ts';
import type { Database } from '../database.ts';

interface Waiting {
  readonly image: StoredImage;
  readonly purpose: 'frame' | 'patch';
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

const MOST_AT_ONCE = 500;

export function createImageRecords({ pool }: Database): ImageRecords {
  let waiting: Waiting[] = [];
  let isWriting = false;

  const write = async (batch: readonly Waiting[]): Promise<void> => {
    // In order of id: two batches that know the same pictures must not wait for each other.
    const once = new Map([...batch].reverse().map((one) => [one.image.imageId, one]));
    const rows = [...once.values()].sort((a, b) => (a.image.imageId < b.image.imageId ? -1 : 1));
    await pool.query(
      `insert into images (image_id, media_type, width, height, bytes, purpose)
       select * from unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::bigint[], $6::text[])
       on conflict (image_id) do update set touched_at = now()`,
      [
        rows.map(({ image }) => image.imageId),
        rows.map(({ image }) => image.mediaType),
        rows.map(({ image }) => image.width),
        rows.map(({ image }) => image.height),
        rows.map(({ image }) => image.bytes),
        rows.map(({ purpose }) => purpose),
      ],
    );
  };

  /** One statement at a time; what comes while it runs goes into the next one together, so nobody waits for a timer. */
  const flush = async (): Promise<void> => {
    if (isWriting) return;
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MOST_AT_ONCE);
      waiting = waiting.slice(MOST_AT_ONCE);
      try {
        await write(batch);
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    isWriting = false;
  };

  return {
    add: (image, purpose) =>
      new Promise((done, failed) => {
        waiting.push({ image, purpose, done, failed });
        void flush();
      }),
    async removedAt(imageId) {
      const { rows } = await pool.query<{ at: Date }>(
        'select removed_at as at from image_removals where image_id = $1 order by removal_id desc limit 1',
        [imageId],
      );
      return rows[0]?.at ?? null;
    },
    async find(imageId) {
      const { rows } = await pool.query<StoredImage>(
        'select image_id as "imageId", media_type as "mediaType", width, height, bytes from images where image_id = $1',
        [imageId],
      );
      return rows[0] ?? null;
    },
  };
}
