/** A made-up Thai region: towns, roads between them, and cameras that look along the roads. The same seed draws the same. */
import { streamOf, type Random } from './random.ts';

export interface Position {
  /** Degrees, WGS 84. */
  readonly latitude: number;
  readonly longitude: number;
}

export interface Town extends Position {
  readonly nameTh: string;
  readonly nameEn: string;
}

/** One direction of a road; the other direction is a road of its own. */
export interface Road {
  readonly roadId: string;
  /** Places in `towns`. */
  readonly from: number;
  readonly to: number;
  readonly metres: number;
  /** Speed when nobody is in the way. */
  readonly freeFlowKmh: number;
  readonly lanes: number;
  /** Degrees clockwise from north, from its beginning to its end. */
  readonly bearing: number;
}

export interface TrafficCamera extends Position {
  /** `SIM-001`. */
  readonly cameraId: string;
  /** From 1; for formats whose cameras are numbered. */
  readonly number: number;
  readonly name: string;
  /** Cameras of both directions of one road stand at one checkpoint. */
  readonly checkpointId: string;
  readonly roadId: string;
  /** Where on the road it stands, metres from its beginning. */
  readonly metresIn: number;
  /** Where it looks: degrees clockwise from north. */
  readonly heading: number;
  readonly lanes: number;
  /** Vehicles come towards it and show their front, or go away. */
  readonly direction: 'approach' | 'away';
}

export interface RoadGraph {
  readonly towns: readonly Town[];
  readonly roads: readonly Road[];
  readonly cameras: readonly TrafficCamera[];
}

// Words for "suppose", "model", "example", ... so that nobody takes the towns for real ones.
const FIRST = [
  ['หนอง', 'Nong'],
  ['ดอน', 'Don'],
  ['คลอง', 'Khlong'],
  ['ทุ่ง', 'Thung'],
  ['โคก', 'Khok'],
  ['ท่า', 'Tha'],
  ['วัง', 'Wang'],
  ['ห้วย', 'Huai'],
] as const;
const SECOND = [
  ['สมมติ', 'Sommut'],
  ['จำลอง', 'Chamlong'],
  ['ตัวอย่าง', 'Tuayang'],
  ['ทดลอง', 'Thotlong'],
  ['สาธิต', 'Sathit'],
  ['นิทาน', 'Nithan'],
] as const;

/** South-western corner of the region, and how far apart its towns lie. */
const ORIGIN: Position = { latitude: 14.9, longitude: 100.2 };
const SPACING_METRES = 4500;
const METRES_PER_DEGREE = 111_320;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** As the crow flies, on a sphere. */
export function metresBetween(a: Position, b: Position): number {
  const x = radians(b.longitude - a.longitude) * Math.cos(radians((a.latitude + b.latitude) / 2));
  return Math.hypot(x, radians(b.latitude - a.latitude)) * 6_371_000;
}

function bearingOf(a: Position, b: Position): number {
  const east = (b.longitude - a.longitude) * Math.cos(radians(a.latitude));
  const degrees = (Math.atan2(east, b.latitude - a.latitude) * 180) / Math.PI;
  return Math.round((degrees + 360) % 360);
}

function drawTowns(random: Random, columns: number, rows: number): Town[] {
  const perLongitude = METRES_PER_DEGREE * Math.cos(radians(ORIGIN.latitude));
  return Array.from({ length: columns * rows }, (_, index) => {
    const [firstTh, firstEn] = FIRST[index % FIRST.length] ?? FIRST[0];
    const [secondTh, secondEn] = SECOND[(index + Math.floor(index / FIRST.length)) % SECOND.length] ?? SECOND[0];
    const round = Math.floor(index / (FIRST.length * SECOND.length));
    const suffix = round === 0 ? '' : ` ${round + 1}`;
    const along = (place: number): number => (place + random.between(-0.3, 0.3)) * SPACING_METRES;
    return {
      nameTh: `${firstTh}${secondTh}${suffix}`,
      nameEn: `${firstEn} ${secondEn}${suffix}`,
      latitude: Number((ORIGIN.latitude + along(Math.floor(index / columns)) / METRES_PER_DEGREE).toFixed(6)),
      longitude: Number((ORIGIN.longitude + along(index % columns) / perLongitude).toFixed(6)),
    };
  });
}

function drawRoads(random: Random, towns: readonly Town[], columns: number): Road[] {
  const roads: Road[] = [];
  const join = (from: number, to: number): void => {
    const [a, b] = [towns[from], towns[to]];
    if (a === undefined || b === undefined) return;
    const metres = Math.round(metresBetween(a, b) * random.between(1.05, 1.3));
    const lanes = random.pick([1, 2, 2, 3]);
    const freeFlowKmh = lanes === 1 ? random.pick([60, 70, 80]) : random.pick([80, 90, 90, 110]);
    for (const [start, end] of [
      [from, to],
      [to, from],
    ] as const) {
      const [here, there] = start === from ? [a, b] : [b, a];
      const bearing = bearingOf(here, there);
      const roadId = `R${String(roads.length + 1).padStart(3, '0')}`;
      roads.push({ roadId, from: start, to: end, metres, freeFlowKmh, lanes, bearing });
    }
  };
  for (let town = 0; town < towns.length; town++) {
    // The first row and column keep all their roads, so that every town can be reached.
    if ((town + 1) % columns !== 0 && (town < columns || random.chance(0.85))) join(town, town + 1);
    join(town, town + columns);
  }
  return roads;
}

/** @param options.cameras from 1; the region grows with their number */
export function drawRoadGraph(options: { readonly seed: number; readonly cameras: number }): RoadGraph {
  const random = streamOf(options.seed, 'roads');
  const columns = Math.max(3, Math.ceil(Math.sqrt(options.cameras)));
  const rows = Math.max(3, Math.ceil(options.cameras / columns));
  const towns = drawTowns(random, columns, rows);
  const roads = drawRoads(random, towns, columns);
  const free = [...roads];
  const cameras = Array.from({ length: options.cameras }, (_, index): TrafficCamera => {
    const [road] = free.splice(random.whole(0, free.length - 1), 1);
    const [from, to] = [towns[road?.from ?? 0], towns[road?.to ?? 0]];
    if (road === undefined || from === undefined || to === undefined) throw new RangeError('more cameras than roads');
    const isForward = road.from < road.to;
    // Both directions of a road are watched from the same place.
    const share = 0.3 + ((road.from * 7 + road.to * 7) % 5) / 12;
    const metresIn = Math.round(road.metres * (isForward ? share : 1 - share));
    const [low, high] = [Math.min(road.from, road.to), Math.max(road.from, road.to)];
    const direction = random.chance(0.7) ? 'approach' : 'away';
    const at = (a: number, b: number): number => Number((a + ((b - a) * metresIn) / road.metres).toFixed(6));
    return {
      cameraId: `SIM-${String(index + 1).padStart(3, '0')}`,
      number: index + 1,
      name: `${from.nameTh} → ${to.nameTh}`,
      checkpointId: `CP-${String(low + 1).padStart(2, '0')}-${String(high + 1).padStart(2, '0')}`,
      roadId: road.roadId,
      metresIn,
      latitude: at(from.latitude, to.latitude),
      longitude: at(from.longitude, to.longitude),
      heading: direction === 'away' ? road.bearing : (road.bearing + 180) % 360,
      lanes: road.lanes,
      direction,
    };
  });
  return { towns, roads, cameras };
}

/** The quickest way between two towns (Dijkstra); empty when they are the same. */
export function quickestWay(
  graph: RoadGraph,
  from: number,
  to: number,
  secondsOn: (road: Road) => number,
): readonly Road[] {
  const best = new Map<number, { readonly seconds: number; readonly by: Road | null }>([
    [from, { seconds: 0, by: null }],
  ]);
  const open = new Set([from]);
  const done = new Set<number>();
  while (open.size > 0) {
    const town = [...open].reduce((a, b) => ((best.get(b)?.seconds ?? 0) < (best.get(a)?.seconds ?? 0) ? b : a));
    if (town === to) break;
    open.delete(town);
    done.add(town);
    const { seconds = 0 } = best.get(town) ?? {};
    for (const road of graph.roads) {
      if (road.from !== town || done.has(road.to)) continue;
      const total = seconds + secondsOn(road);
      if (total >= (best.get(road.to)?.seconds ?? Infinity)) continue;
      best.set(road.to, { seconds: total, by: road });
      open.add(road.to);
    }
  }
  const way: Road[] = [];
  for (let town = to; town !== from;) {
    const by = best.get(town)?.by;
    if (!by) return [];
    way.unshift(by);
    town = by.from;
  }
  return way;
}
