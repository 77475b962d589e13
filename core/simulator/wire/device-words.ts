/** How devices write what the simulator knows: times of Thai clocks, countries, provinces, boxes. */
import { provinceByCode } from '../../plates/plates.ts';
import type { SimulatedEvent } from '../devices.ts';

/** Thailand has one zone and no summer time. */
const BANGKOK_MS = 7 * 3_600_000;

/** The time as a Thai clock shows it, by parts. */
export function localParts(instant: Date): {
  readonly date: string;
  readonly time: string;
  readonly ms: string;
  readonly day: string;
  readonly clock: string;
} {
  const text = new Date(instant.getTime() + BANGKOK_MS).toISOString();
  const [date, time, ms] = [text.slice(0, 10), text.slice(11, 19), text.slice(20, 23)];
  return { date, time, ms, day: date.replaceAll('-', ''), clock: time.replaceAll(':', '') };
}

/** UTC as SQLite's `datetime('now')` writes it. */
export const sqliteUtc = (instant: Date): string => instant.toISOString().slice(0, 19).replace('T', ' ');

/** ISO 3166-1 alpha-3 of the countries that the simulator invents plates of. */
const ALPHA_3: Readonly<Record<string, string>> = { TH: 'THA', MY: 'MYS', DE: 'DEU', US: 'USA', FR: 'FRA' };
export const alpha3 = (countryCode: string | null): string => ALPHA_3[countryCode ?? ''] ?? '';

export const provinceEn = (event: SimulatedEvent): string | null => provinceByCode(event.issuingEntity)?.nameEn ?? null;
export const provinceTh = (event: SimulatedEvent): string | null => provinceByCode(event.issuingEntity)?.nameTh ?? null;

/** `th-10` where the province was read, else `th`; the way in which several makers write region codes (`us-mo`). */
export const regionCode = ({ issuingEntity, countryCode }: SimulatedEvent): string =>
  (issuingEntity ?? countryCode ?? '').toLowerCase().replace('-betong', '');

/** Left, top, right, bottom. */
export const edges = ({ box: [x, y, width, height] }: SimulatedEvent): readonly [number, number, number, number] => [
  x,
  y,
  x + width,
  y + height,
];

/** The vehicle around its plate, about. */
export function vehicleBox(event: SimulatedEvent): readonly [x: number, y: number, width: number, height: number] {
  const [x, y, width, height] = event.box;
  const left = Math.max(0, Math.round(x - 1.4 * width));
  const top = Math.max(0, Math.round(y - 3.2 * width));
  return [
    left,
    top,
    Math.min(event.frame.width - left, Math.round(3.8 * width)),
    Math.min(event.frame.height - top, Math.round(3.2 * width + 2 * height)),
  ];
}

/** How sure, of one whose whole is 100. */
export const percent = (confidence: number): number => Number((confidence * 100).toFixed(2));

/** Texts without what XML would take for markup. */
export const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
