import { createBatcher } from '../../batcher.ts';
import type { ImageRecords } from '../../images/image-store.ts';
import type { StoredImage } from '../../images/images.ts';
import type { Database } from '../database.ts';

const MOST_AT_ONCE = 500;

interface Named {
  readonly image: StoredImage;
  readonly purpose: 'frame' | 'patch';
}

export function createImageRecords({ pool }: Database): ImageRecords {
  const write = async (batch: readonly Named[]): Promise<readonly null[]> => {
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
    return batch.map(() => null);
  };
  const writes = createBatcher(write, { most: MOST_AT_ONCE });

  return {
    async add(image, purpose) {
      await writes.add({ image, purpose });
    },
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
