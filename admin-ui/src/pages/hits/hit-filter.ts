/** What the Hits page shows, as its address says it. Anything in an address that makes no sense is left out. */
import type { BlacklistCategory, HitQuery } from '../../api/contract.ts';

export const HIT_STATES = ['open', 'decided', 'retracted', 'all'] as const;
export type HitState = (typeof HIT_STATES)[number];

export interface HitFilter {
  readonly state: HitState;
  readonly order: 'value' | 'newest';
  readonly category: BlacklistCategory | null;
  readonly list: string | null;
  readonly camera: string | null;
}

type AddressQuery = Readonly<Record<string, string | null | undefined | readonly (string | null)[]>>;
const CATEGORIES: readonly BlacklistCategory[] = ['stolen', 'wanted', 'vip', 'expired', 'own'];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function hitFilterOf(query: AddressQuery): HitFilter {
  const id = (name: string): string | null => {
    const value = query[name];
    return typeof value === 'string' && UUID.test(value) ? value : null;
  };
  return {
    state: HIT_STATES.find((one) => one === query.state) ?? 'open',
    order: query.order === 'newest' ? 'newest' : 'value',
    category: CATEGORIES.find((one) => one === query.category) ?? null,
    list: id('list'),
    camera: id('camera'),
  };
}

/** Only what differs from what the page shows by itself, so that addresses stay short. */
export function hitAddressOf(filter: HitFilter): Record<string, string> {
  return {
    ...(filter.state === 'open' ? {} : { state: filter.state }),
    ...(filter.order === 'value' ? {} : { order: filter.order }),
    ...(filter.category === null ? {} : { category: filter.category }),
    ...(filter.list === null ? {} : { list: filter.list }),
    ...(filter.camera === null ? {} : { camera: filter.camera }),
  };
}

export function hitQueryOf(filter: HitFilter): HitQuery {
  return {
    ...{ state: filter.state, order: filter.order },
    ...(filter.category === null ? {} : { category: filter.category }),
    ...(filter.list === null ? {} : { blacklistId: filter.list }),
    ...(filter.camera === null ? {} : { cameraId: filter.camera }),
  };
}
