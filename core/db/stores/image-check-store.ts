import type { CheckStore, LostReference } from '../../images/check-images.ts';
import type { StoredImage } from '../../images/images.ts';
import type { Database } from '../database.ts';

type Row = Pick<StoredImage, 'imageId' | 'mediaType' | 'bytes'>;
const COLUMNS = 'image_id as "imageId", media_type as "mediaType", bytes';

export function createImageCheckStore({ pool }: Pick<Database, 'pool'>): CheckStore {
  return {
    async known(imageIds) {
      const { rows } = await pool.query<Row>(`select ${COLUMNS} from images where image_id = any($1::text[])`, [
        imageIds,
      ]);
      return new Map(rows.map((row) => [row.imageId, row]));
    },
    async records(after, limit) {
      const { rows } = await pool.query<Row>(
        `select ${COLUMNS} from images where image_id > $1 order by image_id limit $2`,
        [after, limit],
      );
      return rows;
    },
    async lost(limit) {
      const { rows } = await pool.query<LostReference>(
        `with named as (
           select image_id, 'frame' as place, frame_id::text as id from frames where image_id is not null
           union all select read->'frame'->>'imageId', 'read', read_id from reads
           union all select read->'patch'->>'imageId', 'read', read_id from reads)
         select image_id as "imageId", place as in, id from named n
          where image_id is not null
            and not exists (select from images i where i.image_id = n.image_id)
            and not exists (select from image_removals r where r.image_id = n.image_id)
          limit $1`,
        [limit],
      );
      return rows;
    },
  };
}
