/** Who drives where, and which cameras that passes: the truth that everything else is measured against. */
import { inventPlate } from './invent-plate.ts';
import type { PlateText } from './plate-drawing.ts';
import { bell, streamOf, type Random } from './random.ts';
import { quickestWay, type Road, type RoadGraph, type TrafficCamera } from './road-graph.ts';

export interface SimulatedVehicle {
  /** `V00001`; two with cloned plates are two vehicles. */
  readonly vehicleId: string;
  readonly plate: PlateText;
  readonly body: 'sedan' | 'pickup' | 'van' | 'truck';
  readonly colour: 'white' | 'black' | 'grey' | 'silver' | 'red' | 'blue' | 'brown';
  readonly make: string;
  /** Its driver's speed as a factor of everyone's. */
  readonly pace: number;
}

/** One vehicle passing one camera: what should become one detection. */
export interface Passing {
  /** `P000001`, in the order of time. */
  readonly passingId: string;
  readonly vehicleId: string;
  readonly plate: PlateText;
  readonly cameraId: string;
  /** True time, whatever the camera's clock says. */
  readonly at: Date;
  /** Later than `at` for a vehicle that stands before the camera. */
  readonly leftAt: Date;
  /** From 1, the left one. */
  readonly lane: number;
  readonly direction: 'approach' | 'away';
  /** 0 while it stands. */
  readonly speedKmh: number;
}

/** What was planted on purpose, so that a finder can be measured. */
export type PlantedAnomaly =
  | {
      readonly kind: 'cloned_plate';
      readonly plateNumber: string;
      readonly issuingEntity: string | null;
      readonly vehicleIds: readonly string[];
      /** Two passings too far apart for the time between them. */
      readonly passingIds: readonly string[];
    }
  | { readonly kind: 'convoy'; readonly vehicleIds: readonly string[]; readonly passingIds: readonly string[] }
  | { readonly kind: 'parked'; readonly vehicleIds: readonly string[]; readonly passingIds: readonly string[] };

export interface TripOptions {
  readonly seed: number;
  /** When the cameras begin to see. */
  readonly from: Date;
  readonly minutes: number;
  readonly vehicles: number;
  /** Of one vehicle in an hour; default 2. */
  readonly tripsPerHour: number;
  /** Vehicles that stand before a camera, per camera and hour; default 0.4. */
  readonly parkedPerCameraHour: number;
  /** Pairs of vehicles with one plate, per 1,000 vehicles; default 2. Thai police report up to 26 on one number. */
  readonly clonesPerThousand: number;
  /** Groups of 2 to 4 that travel together, per 1,000 vehicles; default 4. */
  readonly convoysPerThousand: number;
}

export interface Trips {
  readonly vehicles: readonly SimulatedVehicle[];
  readonly passings: readonly Passing[];
  readonly anomalies: readonly PlantedAnomaly[];
}

const MAKES: readonly [string, ...string[]] = [
  'Toyota',
  'Toyota',
  'Isuzu',
  'Isuzu',
  'Honda',
  'Mitsubishi',
  'Mazda',
  'Ford',
];
const COLOURS = ['white', 'white', 'white', 'black', 'grey', 'silver', 'silver', 'red', 'blue', 'brown'] as const;
/** Who is under way when the cameras begin to see set out this long before. */
const LEAD_MINUTES = 30;
/** Nobody follows closer than this in one lane, seconds. */
const HEADWAY_SECONDS = 1.2;
const PARKED_MINUTES = [5, 45] as const;

type Draft = Omit<Passing, 'passingId'>;

function inventVehicle(number: number, random: Random, known: Set<string>): SimulatedVehicle {
  let plate = inventPlate(random);
  // One number is one vehicle, but for those cloned on purpose.
  while (known.has(`${plate.plateNumber} ${plate.issuingEntity ?? ''}`)) plate = inventPlate(random);
  known.add(`${plate.plateNumber} ${plate.issuingEntity ?? ''}`);
  const { plateType } = plate;
  const usual = random.pick(['sedan', 'sedan', 'pickup', 'van'] as const);
  const body =
    plateType?.startsWith('LT-') === true
      ? 'truck'
      : plateType === 'RY2'
        ? 'van'
        : plateType === 'RY3'
          ? 'pickup'
          : usual;
  return {
    vehicleId: `V${String(number).padStart(5, '0')}`,
    plate,
    body,
    colour: random.pick(COLOURS),
    make: random.pick(MAKES),
    pace: Math.min(1.35, Math.max(0.7, 1 + 0.12 * bell(random))) * (body === 'truck' ? 0.85 : 1),
  };
}

/** Time on a road in seconds: driver, hour of dense traffic, and chance. */
function secondsOn(road: Road, pace: number, at: number, random: Random): number {
  // Dense and thin traffic follow each other in waves of about 40 minutes, on each road in its own.
  const phase = (Number(road.roadId.slice(1)) % 7) / 7;
  const density = 1 - 0.15 * (1 + Math.sin((at / 2_400_000 + phase) * 2 * Math.PI));
  return road.metres / ((road.freeFlowKmh * pace * density * Math.exp(0.06 * bell(random))) / 3.6);
}

export function planTrips(graph: RoadGraph, options: TripOptions): Trips {
  const begin = options.from.getTime();
  const end = begin + options.minutes * 60_000;
  const byRoad = new Map(graph.cameras.map((camera) => [camera.roadId, camera]));
  const drafts: Draft[] = [];
  const planted: {
    readonly kind: PlantedAnomaly['kind'];
    readonly vehicles: SimulatedVehicle[];
    readonly drafts: Draft[];
  }[] = [];
  const invent = streamOf(options.seed, 'vehicles');
  const known = new Set<string>();
  const vehicles: SimulatedVehicle[] = [];
  const newVehicle = (): SimulatedVehicle => {
    const vehicle = inventVehicle(vehicles.length + 1, invent, known);
    vehicles.push(vehicle);
    return vehicle;
  };

  const pass = (
    vehicle: SimulatedVehicle,
    camera: TrafficCamera,
    at: number,
    speedKmh: number,
    random: Random,
  ): Draft => ({
    vehicleId: vehicle.vehicleId,
    plate: vehicle.plate,
    cameraId: camera.cameraId,
    at: new Date(Math.round(at)),
    leftAt: new Date(Math.round(at)),
    lane: random.whole(1, camera.lanes),
    direction: camera.direction,
    speedKmh: Math.max(5, Math.round(speedKmh)),
  });

  const drive = (vehicle: SimulatedVehicle, way: readonly Road[], departure: number, random: Random): Draft[] => {
    const seen: Draft[] = [];
    let at = departure;
    for (const road of way) {
      const seconds = secondsOn(road, vehicle.pace, at, random);
      const camera = byRoad.get(road.roadId);
      if (camera !== undefined) {
        const moment = at + ((seconds * camera.metresIn) / road.metres) * 1000;
        const kmh = (road.metres / seconds) * 3.6 * Math.exp(0.05 * bell(random));
        if (moment >= begin && moment < end) seen.push(pass(vehicle, camera, moment, kmh, random));
      }
      at += seconds * 1000;
    }
    drafts.push(...seen);
    return seen;
  };
  const anyTown = (random: Random): number => random.whole(0, graph.towns.length - 1);
  const freeSeconds = (road: Road): number => (road.metres / road.freeFlowKmh) * 3.6;
  const anyWay = (random: Random, start = anyTown(random)): readonly Road[] =>
    quickestWay(graph, start, anyTown(random), (road) => freeSeconds(road) * random.between(0.8, 1.25));
  const anyDeparture = (random: Random): number => random.between(begin - LEAD_MINUTES * 60_000, end);

  const usual = streamOf(options.seed, 'trips');
  const perVehicle = (options.tripsPerHour * (options.minutes + LEAD_MINUTES)) / 60;
  for (let number = 0; number < options.vehicles; number++) {
    const vehicle = newVehicle();
    const trips = Math.floor(perVehicle) + (usual.chance(perVehicle % 1) ? 1 : 0);
    const departures = Array.from({ length: trips }, () => anyDeparture(usual)).sort((a, b) => a - b);
    let town = anyTown(usual);
    let free = 0;
    for (const departure of departures) {
      const way = anyWay(usual, town);
      const start = Math.max(departure, free);
      drive(vehicle, way, start, usual);
      // It cannot set out again before it has arrived; twice the free time and a stop are enough.
      free = start + way.reduce((sum, road) => sum + freeSeconds(road), 0) * 2000 + 120_000;
      town = way.at(-1)?.to ?? town;
    }
  }

  const convoys = streamOf(options.seed, 'convoys');
  for (let left = Math.round((options.vehicles * options.convoysPerThousand) / 1000); left > 0; left--) {
    const ways = Array.from({ length: 12 }, () => anyWay(convoys));
    const cameras = (way: readonly Road[]): number => way.filter(({ roadId }) => byRoad.has(roadId)).length;
    const way = ways.reduce((best, one) => (cameras(one) > cameras(best) ? one : best));
    const members = Array.from({ length: convoys.whole(2, 4) }, newVehicle);
    const departure = convoys.between(begin, Math.max(begin, end - 20 * 60_000));
    const [leader] = members;
    if (leader === undefined) continue;
    // All go as the leader goes: its times, a few seconds later each.
    const led = drive(leader, way, departure, convoys);
    const seen = [...led];
    let behind = 0;
    for (const member of members.slice(1)) {
      behind += convoys.between(2, 6);
      for (const first of led) {
        const at = new Date(first.at.getTime() + Math.round((behind + convoys.between(-0.5, 0.5)) * 1000));
        const { vehicleId, plate } = member;
        const draft = { ...first, vehicleId, plate, at, leftAt: at };
        if (at.getTime() < end) seen.push(draft);
      }
    }
    drafts.push(...seen.slice(led.length));
    if (seen.length > led.length) planted.push({ kind: 'convoy', vehicles: members, drafts: seen });
  }

  const clones = streamOf(options.seed, 'clones');
  const moving = [...drafts];
  for (let left = Math.round((options.vehicles * options.clonesPerThousand) / 1000); left > 0; left--) {
    const seen = moving[clones.whole(0, moving.length - 1)];
    const here = graph.cameras.find(({ cameraId }) => cameraId === seen?.cameraId);
    const owner = vehicles.find(({ vehicleId }) => vehicleId === seen?.vehicleId);
    if (seen === undefined || here === undefined || owner === undefined) continue;
    const far = graph.cameras.reduce((best, one) => (apart(one, here) > apart(best, here) ? one : best));
    // Faster than 400 km/h as the crow flies: nobody drives that.
    const gap = (apart(far, here) / (400 / 3.6)) * 1000 * clones.between(0.2, 0.9);
    const at = seen.at.getTime() + (clones.chance(0.5) ? gap : -gap);
    if (at < begin || at >= end || gap < 5000) continue;
    const clone = { ...newVehicle(), plate: owner.plate };
    vehicles[vehicles.length - 1] = clone;
    const first = pass(clone, far, at, 70, clones);
    drafts.push(first);
    planted.push({ kind: 'cloned_plate', vehicles: [owner, clone], drafts: [seen, first] });
  }

  const parking = streamOf(options.seed, 'parked');
  const perCamera = (options.parkedPerCameraHour * options.minutes) / 60;
  for (const camera of graph.cameras) {
    const cars = Math.floor(perCamera) + (parking.chance(perCamera % 1) ? 1 : 0);
    for (let left = cars; left > 0; left--) {
      const vehicle = newVehicle();
      const stays = parking.between(...PARKED_MINUTES) * 60_000;
      const at = parking.between(begin, Math.max(begin, end - stays));
      const leftAt = new Date(Math.round(Math.min(end, at + stays)));
      const draft = { ...pass(vehicle, camera, at, 0, parking), leftAt, lane: 1, speedKmh: 0 };
      drafts.push(draft);
      planted.push({ kind: 'parked', vehicles: [vehicle], drafts: [draft] });
    }
  }
  return { vehicles, ...numbered(drafts, planted, graph) };
}

const apart = (a: TrafficCamera, b: TrafficCamera): number =>
  Math.hypot(
    (a.latitude - b.latitude) * 111_320,
    (a.longitude - b.longitude) * 111_320 * Math.cos((a.latitude * Math.PI) / 180),
  );

/** In the order of time, nobody inside of another: who comes too close takes a free lane or falls back. */
function numbered(
  drafts: readonly Draft[],
  planted: readonly {
    readonly kind: PlantedAnomaly['kind'];
    readonly vehicles: SimulatedVehicle[];
    readonly drafts: Draft[];
  }[],
  graph: RoadGraph,
): { passings: Passing[]; anomalies: PlantedAnomaly[] } {
  const lanesOf = new Map(graph.cameras.map(({ cameraId, lanes }) => [cameraId, lanes]));
  const taken = new Map<string, number>();
  const placed = [...drafts]
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .map((draft): readonly [Draft, Draft] => {
      if (draft.speedKmh === 0) return [draft, draft];
      const freeFrom = (lane: number): number => (taken.get(`${draft.cameraId} ${lane}`) ?? 0) + HEADWAY_SECONDS * 1000;
      const lanes = [draft.lane, ...Array.from({ length: lanesOf.get(draft.cameraId) ?? 1 }, (_, k) => k + 1)];
      const wanted = draft.at.getTime();
      const lane = lanes.find((one) => freeFrom(one) <= wanted) ?? draft.lane;
      const at = Math.max(wanted, freeFrom(lane));
      taken.set(`${draft.cameraId} ${lane}`, at);
      return [draft, { ...draft, lane, at: new Date(at), leftAt: new Date(at) }];
    })
    .sort(([, a], [, b]) => a.at.getTime() - b.at.getTime());
  const ids = new Map<Draft, string>();
  const passings = placed.map(([draft, final], index): Passing => {
    const passingId = `P${String(index + 1).padStart(6, '0')}`;
    ids.set(draft, passingId);
    return { passingId, ...final };
  });
  const anomalies = planted.map((one): PlantedAnomaly => {
    const vehicleIds = one.vehicles.map(({ vehicleId }) => vehicleId);
    const passingIds = one.drafts.flatMap((draft) => ids.get(draft) ?? []);
    const { plateNumber = '', issuingEntity = null } = one.vehicles[0]?.plate ?? {};
    return one.kind === 'cloned_plate'
      ? { kind: one.kind, plateNumber, issuingEntity, vehicleIds, passingIds }
      : { kind: one.kind, vehicleIds, passingIds };
  });
  return { passings, anomalies };
}
