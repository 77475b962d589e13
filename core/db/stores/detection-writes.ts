/** Many merged reads into the database in one transaction. */
import type { PoolClient } from 'pg';
import type { DetectionRecord, RecordedRead } from '../../detections/detection-store.ts';
import type { DetectionBefore } from '../../detections/detections.ts';
import { columnsOf, placeholders } from '../unnest.ts';
import { QUEUE_MADE } from './connector-queue.ts';
import { noteChanges } from './detection-changes.ts';
import { countPlates, recountPlates, stretchPlates, type PlateIdentity } from './plate-counts.ts';

const TEXT_ARRAYS = [
  ['status', 'text'],
  ['settles_at', 'timestamptz'],
  ['plate_number', 'text'],
  ['series', 'text'],
  ['serial', 'text'],
  ['issuing_entity', 'text'],
  ['country_code', 'text'],
  ['plate_type', 'text'],
  ['confidence', 'real'],
] as const;
const SEEN_ARRAYS = [
  ['captured_at', 'timestamptz'],
  ['last_seen_at', 'timestamptz'],
  ['is_parked', 'boolean'],
  ['merged_by', 'text'],
  ['best_read_id', 'text'],
  ['read_count', 'int'],
  ['best_read', 'jsonb'],
] as const;
const ONCE_ARRAYS = [
  ['detection_id', 'uuid'],
  ['captured_at_source', 'text'],
  ['received_at', 'timestamptz'],
  ['camera_id', 'uuid'],
] as const;
type Arrays = readonly (readonly [name: string, type: string])[];

const textValues = (d: DetectionRecord): unknown[] => [
  ...[d.status, d.settlesAt, d.plateNumber, d.series, d.serial, d.issuingEntity, d.countryCode, d.plateType],
  d.confidence,
];
/** Arrays of arrays cannot be unnested row by row: reasons travel as one text. */
const seenValues = (d: DetectionRecord, best: string): unknown[] => [
  d.capturedAt,
  d.lastSeenAt.getTime() === d.capturedAt.getTime() ? null : d.lastSeenAt,
  ...[d.isParked, d.reasons.join(' '), d.best.readId, d.readCount, best],
];
const onceValues = (d: DetectionRecord): unknown[] => [
  ...[d.detectionId, d.capturedAtSource, d.receivedAt, d.cameraId],
];

const names = (arrays: Arrays): string => arrays.map(([name]) => name).join(', ');
const types = (arrays: Arrays): string[] => arrays.map(([, type]) => type);
const valued = (name: string): string =>
  name === 'merged_by' ? `array_remove(string_to_array(n.merged_by, ' '), '')` : `n.${name}`;

const NEW_ARRAYS: Arrays = [...ONCE_ARRAYS, ...TEXT_ARRAYS, ...SEEN_ARRAYS];
const INSERT = `with made as (
  insert into detections (${names(NEW_ARRAYS)})
  select ${NEW_ARRAYS.map(([name]) => valued(name)).join(', ')}
    from unnest(${placeholders(types(NEW_ARRAYS))}) as n (${names(NEW_ARRAYS)})
  returning detection_id, camera_id, status, settles_at)
${QUEUE_MADE}`;

const CHANGED_ARRAYS: Arrays = [
  ['detection_id', 'uuid'],
  ['old_captured_at', 'timestamptz'],
  ...TEXT_ARRAYS,
  ...SEEN_ARRAYS,
];
const UPDATE = `update detections d set ${[
  ...SEEN_ARRAYS.map(([name]) => `${name} = ${valued(name)}`),
  // What a person said stands.
  ...TEXT_ARRAYS.map(([name]) => `${name} = case when d.corrected_at is null then n.${name} else d.${name} end`),
].join(', ')}
  from unnest(${placeholders(types(CHANGED_ARRAYS))}) as n (${names(CHANGED_ARRAYS)})
 where d.captured_at = n.old_captured_at and d.detection_id = n.detection_id and d.read_count <= n.read_count`;

interface Known extends DetectionBefore {
  readonly detectionId: string;
  readonly capturedAt: Date;
  readonly isCorrected: boolean;
}

export interface Written {
  /** The detections that were not known before. */
  readonly fresh: ReadonlySet<string>;
  /** What those said until now that say something else now. */
  readonly before: ReadonlyMap<string, DetectionBefore>;
  /** Those that a person corrected: what was voted is not what they say. */
  readonly corrected: ReadonlySet<string>;
  /** By read: the detection that had it already, where that is another one. */
  readonly elsewhere: ReadonlyMap<string, string>;
}

async function known(client: PoolClient, ids: readonly string[]): Promise<readonly Known[]> {
  if (ids.length === 0) return [];
  const { rows } = await client.query<Known>(
    `select d.detection_id as "detectionId", d.captured_at as "capturedAt", d.corrected_at is not null as "isCorrected",
            d.plate_number as "plateNumber", d.issuing_entity as "issuingEntity", d.country_code as "countryCode"
       from detection_keys k join detections d using (captured_at, detection_id)
      where k.detection_id = any($1::uuid[]) order by d.detection_id for update of d`,
    [ids],
  );
  return rows;
}

const identityOf = ({ plateNumber, issuingEntity, countryCode }: DetectionBefore): PlateIdentity => ({
  plateNumber,
  issuingEntity,
  countryCode,
});
const isSame = (a: DetectionBefore, b: DetectionBefore): boolean =>
  a.plateNumber === b.plateNumber && a.issuingEntity === b.issuingEntity && a.countryCode === b.countryCode;

export async function writeBatch(client: PoolClient, records: readonly RecordedRead[]): Promise<Written> {
  const readKeys = await client.query<{ read_id: string }>(
    `insert into read_keys (read_id, detection_id) select * from unnest(${placeholders(['text', 'uuid'])})
     on conflict do nothing returning read_id`,
    columnsOf(
      records.map(({ read, detection }) => [read.readId, detection.detectionId]),
      2,
    ),
  );
  const newReads = new Set(readKeys.rows.map((row) => row.read_id));
  const elsewhere = new Map<string, string>();
  const again = records.filter(({ read }) => !newReads.has(read.readId));
  if (again.length > 0) {
    const { rows } = await client.query<{ read_id: string; detection_id: string }>(
      'select read_id, detection_id from read_keys where read_id = any($1::text[])',
      [again.map(({ read }) => read.readId)],
    );
    const having = new Map(rows.map((row) => [row.read_id, row.detection_id]));
    for (const { read, detection } of again) {
      const detectionId = having.get(read.readId);
      if (detectionId !== undefined && detectionId !== detection.detectionId) elsewhere.set(read.readId, detectionId);
    }
  }
  const own = records.filter(({ read }) => !elsewhere.has(read.readId));
  // Of several states of one detection in a batch the last one stands.
  const last = [...new Map(own.map(({ detection }) => [detection.detectionId, detection])).values()];
  const keys = await client.query<{ detection_id: string }>(
    `insert into detection_keys (detection_id, captured_at) select * from unnest(${placeholders(['uuid', 'timestamptz'])})
     on conflict do nothing returning detection_id`,
    columnsOf(
      last.map((d) => [d.detectionId, d.capturedAt]),
      2,
    ),
  );
  const fresh = new Set(keys.rows.map((row) => row.detection_id));
  const texts = new Map<object, string>();
  const json = (read: object): string => {
    let text = texts.get(read);
    if (text === undefined) texts.set(read, (text = JSON.stringify(read)));
    return text;
  };
  const dropped = own.flatMap(({ drops }) => drops);
  const gone = new Set(dropped.map(({ readId }) => readId));
  const unread = new Set<string>();
  await client.query(
    `insert into reads (read_id, captured_at, detection_id, frame_id, read)
     select * from unnest(${placeholders(['text', 'timestamptz', 'uuid', 'uuid', 'jsonb'])}) on conflict do nothing`,
    columnsOf(
      own.flatMap(({ read, detection }) => {
        // A read may come twice in a batch, and be one of those that are no longer kept.
        if (!newReads.has(read.readId) || gone.has(read.readId) || unread.has(read.readId)) return [];
        unread.add(read.readId);
        return [[read.readId, read.capturedAt, detection.detectionId, read.frameId, json(read)]];
      }),
      5,
    ),
  );
  if (dropped.length > 0) {
    await client.query(
      `delete from reads r using unnest(${placeholders(['text', 'timestamptz'])}) as g (read_id, captured_at)
        where r.captured_at = g.captured_at and r.read_id = g.read_id`,
      columnsOf(
        dropped.map(({ readId, capturedAt }) => [readId, capturedAt]),
        2,
      ),
    );
  }
  const isNew = last.filter(({ detectionId }) => fresh.has(detectionId));
  if (isNew.length > 0) {
    const rows = isNew.map((d) => [...onceValues(d), ...textValues(d), ...seenValues(d, json(d.best))]);
    await client.query(INSERT, columnsOf(rows, NEW_ARRAYS.length));
    await countPlates(
      client,
      isNew.filter(({ plateNumber }) => plateNumber !== ''),
    );
  }
  const changed = last.filter(({ detectionId }) => !fresh.has(detectionId));
  const old = new Map(
    (
      await known(
        client,
        changed.map(({ detectionId }) => detectionId),
      )
    ).map((one) => [one.detectionId, one]),
  );
  const before = new Map<string, DetectionBefore>();
  const corrected = new Set<string>();
  const rows = changed.flatMap((d) => {
    const was = old.get(d.detectionId);
    if (was === undefined) return [];
    if (was.isCorrected) corrected.add(d.detectionId);
    else if (!isSame(was, d)) before.set(d.detectionId, identityOf(was));
    return [[d.detectionId, was.capturedAt, ...textValues(d), ...seenValues(d, json(d.best))]];
  });
  const missing = changed.filter((d) => !old.has(d.detectionId)).map((d) => d.detectionId);
  if (missing.length > 0) {
    // A correction joined it with another while its read was on the way.
    for (const table of ['reads', 'read_keys']) {
      await client.query(
        `update ${table} r set detection_id = k.merged_into from detection_keys k
          where k.detection_id = any($1::uuid[]) and k.merged_into is not null and r.detection_id = k.detection_id`,
        [missing],
      );
    }
  }
  if (rows.length > 0) await client.query(UPDATE, columnsOf(rows, CHANGED_ARRAYS.length));
  const moved = changed.filter((d) => {
    const was = old.get(d.detectionId);
    return was !== undefined && was.capturedAt.getTime() !== d.capturedAt.getTime();
  });
  if (moved.length > 0) {
    // A late read was captured before all others.
    await client.query(
      `update detection_keys k set captured_at = d.captured_at from detections d
        where d.detection_id = k.detection_id and d.captured_at = any($2::timestamptz[]) and k.detection_id = any($1::uuid[])`,
      [moved.map(({ detectionId }) => detectionId), moved.map(({ capturedAt }) => capturedAt)],
    );
  }
  await noteChanges(client, [...before.keys()], 'vote');
  await stretchPlates(
    client,
    changed.filter(
      (d) => !before.has(d.detectionId) && !corrected.has(d.detectionId) && (d.isParked || moved.includes(d)),
    ),
  );
  await recountPlates(
    client,
    changed.flatMap((d) => {
      const was = before.get(d.detectionId);
      return was === undefined ? [] : [was, identityOf(d)];
    }),
  );
  return { fresh, before, corrected, elsewhere };
}
