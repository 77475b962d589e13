/** What the Detections page shows, as its address says it. Anything in an address that makes no sense is left out. */
import type { DetectionQuery, DetectionStatus } from '../api/contract.ts';
import { startOfDay } from '../time/instants.ts';

export const TIME_PRESETS = ['1h', 'today', 'yesterday', '7d', '30d'] as const;
export type TimePreset = (typeof TIME_PRESETS)[number];

const STATUSES: readonly DetectionStatus[] = ['provisional', 'confirmed', 'corrected', 'rejected'];

export interface DetectionFilter {
  readonly plate: string;
  readonly province: string | null;
  readonly country: string | null;
  readonly camera: string | null;
  readonly status: DetectionStatus | null;
  /** A preset moves with the clock; `from` and `to` (ISO 8601) stand still. Never both. */
  readonly time: TimePreset | null;
  readonly from: string | null;
  readonly to: string | null;
  /** Percent. */
  readonly confidence: number | null;
}

export const EMPTY_FILTER: DetectionFilter = {
  plate: '',
  province: null,
  country: null,
  camera: null,
  status: null,
  time: null,
  from: null,
  to: null,
  confidence: null,
};

/** A query as the router gives it. */
export type AddressQuery = Readonly<Record<string, string | null | undefined | readonly (string | null)[]>>;

export function filterOf(query: AddressQuery): DetectionFilter {
  const text = (name: string): string | null => {
    const value = query[name];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
  };
  const instant = (name: string): string | null => {
    const value = text(name);
    return value !== null && !Number.isNaN(Date.parse(value)) ? new Date(value).toISOString() : null;
  };
  const time = TIME_PRESETS.find((preset) => preset === query.time) ?? null;
  const confidence = Number(text('confidence') ?? Number.NaN);
  return {
    plate: (text('plate') ?? '').slice(0, 40),
    province: text('province'),
    country: text('country'),
    camera: text('camera'),
    status: STATUSES.find((status) => status === query.status) ?? null,
    time,
    from: time === null ? instant('from') : null,
    to: time === null ? instant('to') : null,
    confidence: confidence > 0 && confidence <= 100 ? Math.round(confidence) : null,
  };
}

/** The address of a filter: only what is set, so that addresses stay short. */
export function addressQueryOf(filter: DetectionFilter): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries(filter) as [string, string | number | null][]) {
    if (value !== null && value !== '') query[name] = String(value);
  }
  return query;
}

/** How many parts of the filter narrow the list, the plate's text aside. */
export function narrowedBy(filter: DetectionFilter): number {
  const { province, country, camera, status, time, from, to, confidence } = filter;
  const isTime = time !== null || from !== null || to !== null;
  return [province, country, camera, status, confidence].filter((part) => part !== null).length + (isTime ? 1 : 0);
}

export function timeRange(
  filter: Pick<DetectionFilter, 'time' | 'from' | 'to'>,
  now: Date,
  zone: string,
): { readonly from: string | null; readonly to: string | null } {
  const ago = (hours: number): string => new Date(now.getTime() - hours * 3_600_000).toISOString();
  switch (filter.time) {
    case '1h':
      return { from: ago(1), to: null };
    case 'today':
      return { from: startOfDay(now, zone).toISOString(), to: null };
    case 'yesterday':
      return { from: startOfDay(now, zone, 1).toISOString(), to: startOfDay(now, zone).toISOString() };
    case '7d':
      return { from: ago(7 * 24), to: null };
    case '30d':
      return { from: ago(30 * 24), to: null };
    case null:
      return { from: filter.from, to: filter.to };
  }
}

/** The filter as the hub's API takes it. */
export function apiQueryOf(filter: DetectionFilter, now: Date, zone: string): DetectionQuery {
  const { from, to } = timeRange(filter, now, zone);
  return {
    ...(filter.plate === '' ? {} : { plate: filter.plate }),
    ...(filter.province === null ? {} : { issuingEntity: filter.province }),
    ...(filter.country === null ? {} : { countryCode: filter.country }),
    ...(filter.camera === null ? {} : { cameraId: filter.camera }),
    ...(filter.status === null ? {} : { status: filter.status }),
    ...(from === null ? {} : { from }),
    ...(to === null ? {} : { to }),
    ...(filter.confidence === null ? {} : { minConfidence: filter.confidence / 100 }),
  };
}
