import type { ImageRecords } from '../../images/image-store.ts';
import type { StoredImage } from '../../images/images.ts';
import type { Database } from '../database.ts';

export function createImageRecords({ pool }: Database): ImageRecords {
  return {
    async add({ imageId, mediaType, width, height, bytes }, purpose) {
      await pool.query(
        `insert into images (image_id, media_type, width, height, bytes, purpose)
         values ($1, $2, $3, $4, $5, $6) on conflict (image_id) do nothing`,
        [imageId, mediaType, width, height, bytes, purpose],
      );
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
