/** What the ledger of the devices says, held against what the hub has. */
import type { Database } from '../../core/db/database.ts';
import type { Ledger } from '../../core/simulator/traffic.ts';

export interface Verdict {
  readonly sent: number;
  readonly acknowledged: number;
  /** Of those that were acknowledged. */
  readonly detected: number;
  readonly dead: number;
  /** Kept as they came: of devices that wait for approval, or not decodable. */
  readonly held: number;
  /** In the inbox, not through the flow yet. */
  readonly waiting: number;
  /** Acknowledged, and nowhere. */
  readonly lost: number;
  /** More than once, acknowledged or not. */
  readonly doubled: number;
  /** In the hub although nobody was told so: allowed, once. */
  readonly unacknowledged: number;
  /** Vehicles that share a detection with another one. */
  readonly merged: number;
  readonly attempts: number;
}

interface Found {
  readonly plate: string;
  readonly state: 'queued' | 'running' | 'settled' | 'dead';
  readonly detectionId: string | null;
}

/** Plates are distinct: each names its event. */
export async function judge(ledger: Ledger, { pool }: Pick<Database, 'pool'>): Promise<Verdict> {
  // `read_keys` has each read that was ever recorded, also those that a pass no longer keeps.
  const { rows } = await pool.query<Found>(
    `select held->'read'->>'plateNumber' as plate, f.state, k.detection_id as "detectionId"
       from frames f cross join lateral jsonb_array_elements(f.reads) held
       left join read_keys k on k.read_id = held->'read'->>'readId'`,
  );
  const { rows: texts } = await pool.query<{ plate: string; count: number }>(
    'select plate_number as plate, count(*) as count from detections group by plate_number having count(*) > 1',
  );
  const { rows: bodies } = await pool.query<{ body: string }>(
    `select convert_from(body, 'UTF8') as body from held_messages`,
  );
  const several = new Map(texts.map(({ plate, count }) => [plate, count]));
  const found = Map.groupBy(rows, ({ plate }) => plate);
  const sharing = Map.groupBy(
    rows.filter(({ detectionId }) => detectionId !== null),
    ({ detectionId }) => detectionId,
  );

  const counts = { detected: 0, dead: 0, held: 0, waiting: 0, lost: 0, doubled: 0, unacknowledged: 0 };
  const entries = ledger.entries();
  for (const { plateNumber, eventId, state } of entries) {
    const here = found.get(plateNumber) ?? [];
    const detections = here.filter(({ detectionId }) => detectionId !== null).length;
    const dead = here.filter((one) => one.detectionId === null && one.state === 'dead').length;
    const held = bodies.filter(({ body }) => body.includes(plateNumber) || body.includes(eventId)).length;
    const waiting = here.filter((one) => one.detectionId === null && /queued|running/.test(one.state)).length;
    const times = detections + dead + held + waiting;
    if (times > 1 || (several.get(plateNumber) ?? 1) > 1) counts.doubled++;
    if (state !== 'acknowledged') {
      if (times > 0) counts.unacknowledged++;
    } else if (times === 0) counts.lost++;
    else if (detections > 0) counts.detected++;
    else if (dead > 0) counts.dead++;
    else if (held > 0) counts.held++;
    else counts.waiting++;
  }
  const { acknowledged, attempts } = ledger.counts();
  const merged = [...sharing.values()].filter(({ length }) => length > 1).reduce((sum, { length }) => sum + length, 0);
  return { sent: entries.length, acknowledged, ...counts, merged, attempts };
}

export const isKept = ({ lost, doubled }: Verdict): boolean => lost === 0 && doubled === 0;
