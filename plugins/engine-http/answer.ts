/** From the JSON of some service to reads: where things lie is configuration. */
import { LprError, type Box } from '../../core/plugins/define.ts';

export interface Places {
  /** Dotted path to the list of plates; empty: the answer itself is the list or the one plate. */
  readonly results: string;
  /** Dotted paths inside one plate. */
  readonly text: string;
  readonly confidence: string;
  readonly province: string;
  readonly country: string;
  readonly box: string;
  readonly boxForm: string;
}

export interface RemotePlate {
  readonly text: string;
  /** 0..1 */
  readonly confidence: number;
  readonly province: string | null;
  readonly country: string | null;
  /** Pixels of the picture that was sent; null where the service names none. */
  readonly box: Box | null;
}

/** `a.b.0.c` inside parsed JSON; undefined where it leads nowhere. */
export function at(value: unknown, path: string): unknown {
  if (path === '') return value;
  return path
    .split('.')
    .reduce<unknown>(
      (inside, key) =>
        inside !== null && typeof inside === 'object' ? (inside as Record<string, unknown>)[key] : undefined,
      value,
    );
}

const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : null;

function numbers(value: unknown): number[] {
  const list = Array.isArray(value) ? value : value !== null && typeof value === 'object' ? Object.values(value) : [];
  return list.map(Number).filter((one) => Number.isFinite(one));
}

function boxOf(value: unknown, form: string): Box | null {
  if (value === undefined || value === null) return null;
  const named = value as Record<string, unknown>;
  if (form === 'points') {
    const points = Array.isArray(value) ? value.map((point) => numbers(point)) : [];
    if (points.length < 3 || points.some((point) => point.length < 2)) return null;
    const xs = points.map(([x = 0]) => x);
    const ys = points.map(([, y = 0]) => y);
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
  }
  const [a, b, c, d] =
    form === 'corners'
      ? 'xmin' in named
        ? [named['xmin'], named['ymin'], named['xmax'], named['ymax']].map(Number)
        : numbers(value)
      : 'width' in named
        ? [named['x'] ?? named['left'], named['y'] ?? named['top'], named['width'], named['height']].map(Number)
        : numbers(value);
  if (a === undefined || b === undefined || c === undefined || d === undefined) return null;
  if (![a, b, c, d].every(Number.isFinite)) return null;
  const [width, height] = form === 'corners' ? [c - a, d - b] : [c, d];
  return width > 0 && height > 0 ? [a, b, width, height] : null;
}

/** @throws `engine_failed` naming the path that leads nowhere */
export function platesOf(answer: unknown, places: Places): RemotePlate[] {
  const found = at(answer, places.results);
  if (found === null) return [];
  if (typeof found !== 'object') {
    throw new LprError(
      'engine_failed',
      `The service's answer has nothing at "${places.results}": correct the path to the list of plates.`,
    );
  }
  const list: readonly unknown[] = Array.isArray(found) ? found : [found];
  return list.flatMap((one): RemotePlate[] => {
    const plate = text(at(one, places.text));
    if (plate === null) return [];
    const said = Number(at(one, places.confidence));
    // Per cent or a share: both are in use.
    const confidence = Number.isFinite(said) ? Math.min(1, Math.max(0, said > 1 ? said / 100 : said)) : 0.5;
    return [
      {
        text: plate,
        confidence,
        province: places.province === '' ? null : text(at(one, places.province)),
        country: places.country === '' ? null : text(at(one, places.country)),
        box: places.box === '' ? null : boxOf(at(one, places.box), places.boxForm),
      },
    ];
  });
}
