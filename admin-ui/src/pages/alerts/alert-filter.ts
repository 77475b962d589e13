/** What the Alerts page shows, as its address says it. Anything in an address that makes no sense is left out. */
import type { AlertQuery, BlacklistCategory } from '../../api/contract.ts';
import type { AddressQuery } from '../../detections/detection-filter.ts';

export const TABS = ['open', 'acknowledged', 'escalated', 'history'] as const;
export type Tab = (typeof TABS)[number];

export const CATEGORIES: readonly BlacklistCategory[] = ['stolen', 'wanted', 'vip', 'expired', 'own'];

export interface AlertFilter {
  readonly plate: string;
  readonly category: BlacklistCategory | null;
  readonly camera: string | null;
  readonly rule: string | null;
}

export const EMPTY_FILTER: AlertFilter = { plate: '', category: null, camera: null, rule: null };

export const tabOf = (query: AddressQuery): Tab => TABS.find((tab) => tab === query.tab) ?? 'open';

export function filterOf(query: AddressQuery): AlertFilter {
  const text = (name: string): string | null => {
    const value = query[name];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
  };
  return {
    plate: (text('plate') ?? '').slice(0, 40),
    category: CATEGORIES.find((category) => category === query.category) ?? null,
    camera: text('camera'),
    rule: text('rule'),
  };
}

/** The address of a tab and a filter: only what is set. */
export function addressQueryOf(tab: Tab, filter: AlertFilter): Record<string, string> {
  const query: Record<string, string> = tab === 'open' ? {} : { tab };
  for (const [name, value] of Object.entries(filter) as [string, string | null][]) {
    if (value !== null && value !== '') query[name] = value;
  }
  return query;
}

export const narrowedBy = ({ category, camera, rule }: AlertFilter): number =>
  [category, camera, rule].filter((part) => part !== null).length;

/** The filter as the hub's API takes it. */
export function apiQueryOf(tab: Tab, { plate, category, camera, rule }: AlertFilter): AlertQuery {
  return {
    state: tab === 'history' ? 'all' : tab,
    ...(plate === '' ? {} : { plate }),
    ...(category === null ? {} : { category }),
    ...(camera === null ? {} : { cameraId: camera }),
    ...(rule === null ? {} : { ruleId: rule }),
  };
}
