/** What came of each camera in each hour, gathered in memory and written in batches. */

export interface HourCounts {
  readonly cameraId: string;
  /** Start of the hour, ms. */
  readonly hour: number;
  readonly frames: number;
  readonly withoutPlate: number;
  readonly detections: number;
  readonly longestSilenceMs: number;
  readonly downMs: number;
  readonly maintenance: boolean;
}

export const HOUR_MS = 3_600_000;
export const hourOf = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;

type Change = Partial<Omit<HourCounts, 'cameraId' | 'hour'>>;

export interface HourBook {
  add(cameraId: string, at: number, change: Change): void;
  /** A silence touches each hour that it spans. */
  silence(cameraId: string, from: number, to: number): void;
  /** What was gathered since the last time; handed back by `add` row by row when it could not be written. */
  drain(): readonly HourCounts[];
  putBack(rows: readonly HourCounts[]): void;
}

/** Longer silences say no more. */
const MOST_HOURS = 48;

export function createHourBook(): HourBook {
  const rows = new Map<string, HourCounts>();
  const merge = (cameraId: string, hour: number, change: Change): void => {
    const key = `${cameraId} ${hour}`;
    const row = rows.get(key) ?? {
      ...{ cameraId, hour, frames: 0, withoutPlate: 0, detections: 0, longestSilenceMs: 0, downMs: 0 },
      maintenance: false,
    };
    rows.set(key, {
      ...{ cameraId, hour },
      frames: row.frames + (change.frames ?? 0),
      withoutPlate: row.withoutPlate + (change.withoutPlate ?? 0),
      detections: row.detections + (change.detections ?? 0),
      longestSilenceMs: Math.max(row.longestSilenceMs, change.longestSilenceMs ?? 0),
      downMs: row.downMs + (change.downMs ?? 0),
      maintenance: row.maintenance || change.maintenance === true,
    });
  };
  return {
    add(cameraId, at, change) {
      merge(cameraId, hourOf(at), change);
    },
    silence(cameraId, from, to) {
      const first = Math.max(hourOf(from), hourOf(to) - MOST_HOURS * HOUR_MS);
      for (let hour = first; hour <= to; hour += HOUR_MS) merge(cameraId, hour, { longestSilenceMs: to - from });
    },
    drain() {
      const all = [...rows.values()];
      rows.clear();
      return all;
    },
    putBack(given) {
      for (const { cameraId, hour, ...change } of given) merge(cameraId, hour, change);
    },
  };
}
