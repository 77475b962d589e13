/** Made-up traffic with known truth: vehicles on a road graph, passing cameras, told of by imperfect devices. */
import {
  DEFAULT_DEVICES,
  inventDevices,
  observe,
  type SimulatedEvent,
  type DeviceRates,
  type SimulatedDevice,
} from './devices.ts';
import type { MisreadRates } from './misreads.ts';
import { drawRoadGraph, type RoadGraph } from './road-graph.ts';
import { planTrips, type Passing, type PlantedAnomaly, type SimulatedVehicle, type TripOptions } from './trips.ts';

export {
  DEFAULT_DEVICES,
  EVENT_FRAME,
  type DeviceClock,
  type SimulatedEvent,
  type DeviceRates,
  type SimulatedDevice,
} from './devices.ts';
export { createLedger, type Ledger, type LedgerEntry } from './ledger.ts';
export { DEFAULT_MISREADS, type MisreadKind, type MisreadRates } from './misreads.ts';
export { metresBetween, type Road, type RoadGraph, type TrafficCamera } from './road-graph.ts';
export type { Passing, PlantedAnomaly, SimulatedVehicle } from './trips.ts';

export interface TrafficOptions extends Partial<Omit<TripOptions, 'seed' | 'from' | 'minutes' | 'vehicles'>> {
  /** The same seed and options give the same traffic, to the id and the millisecond. */
  readonly seed: number;
  readonly cameras: number;
  readonly vehicles: number;
  readonly minutes: number;
  /** Default 2026-11-20 08:00 in Bangkok. */
  readonly from?: Date;
  /** Default `look`. */
  readonly reports?: 'look' | 'pass';
  /** What differs from `DEFAULT_DEVICES`, and from `DEFAULT_MISREADS`. */
  readonly devices?: Partial<Omit<DeviceRates, 'misreads'>> & { readonly misreads?: Partial<MisreadRates> };
}

export interface Traffic {
  readonly graph: RoadGraph;
  readonly devices: readonly SimulatedDevice[];
  readonly vehicles: readonly SimulatedVehicle[];
  readonly passings: readonly Passing[];
  readonly anomalies: readonly PlantedAnomaly[];
  /** In the order of sending, second attempts included. */
  readonly events: readonly SimulatedEvent[];
}

export const DEFAULT_TRIPS = { tripsPerHour: 2, parkedPerCameraHour: 0.4, clonesPerThousand: 2, convoysPerThousand: 4 };
const DEFAULT_FROM = new Date('2026-11-20T08:00:00+07:00');

export function simulateTraffic(options: TrafficOptions): Traffic {
  const { seed, cameras, vehicles: count, minutes, from = DEFAULT_FROM, reports = 'look' } = options;
  const { tripsPerHour, parkedPerCameraHour, clonesPerThousand, convoysPerThousand } = { ...DEFAULT_TRIPS, ...options };
  const rates: DeviceRates = {
    ...DEFAULT_DEVICES,
    ...options.devices,
    misreads: { ...DEFAULT_DEVICES.misreads, ...options.devices?.misreads },
  };
  const graph = drawRoadGraph({ seed, cameras });
  const { vehicles, passings, anomalies } = planTrips(graph, {
    ...{ seed, from, minutes, vehicles: count },
    ...{ tripsPerHour, parkedPerCameraHour, clonesPerThousand, convoysPerThousand },
  });
  const devices = inventDevices(graph.cameras, { seed, from, minutes, rates });
  const events = observe(devices, vehicles, passings, { seed, from, rates, reports });
  return { graph, devices, vehicles, passings, anomalies, events };
}

const plateTruth = ({ plate }: Passing): object => {
  const { plateNumber, issuingEntity, countryCode, plateType } = plate;
  return { plateNumber, issuingEntity, countryCode, plateType };
};

/** The truth as NDJSON, a line each: first the cameras, then the passings in the order of time, then what was planted. */
export function* truthLines({
  graph,
  devices,
  passings,
  anomalies,
}: Omit<Traffic, 'events' | 'vehicles'>): Generator<string> {
  const byCamera = new Map(devices.map((device) => [device.camera.cameraId, device]));
  for (const { roadId, ...camera } of graph.cameras) {
    const { clock, outages } = byCamera.get(camera.cameraId) ?? {};
    yield JSON.stringify({ record: 'camera', ...camera, roadId, clock, outages });
  }
  for (const passing of passings) {
    const { passingId, vehicleId, cameraId, at, leftAt, lane, direction, speedKmh } = passing;
    const stays = leftAt.getTime() > at.getTime() ? { leftAt } : {};
    yield JSON.stringify({
      ...{
        record: 'passing',
        passingId,
        vehicleId,
        ...plateTruth(passing),
        cameraId,
        at,
        ...stays,
        lane,
        direction,
        speedKmh,
      },
    });
  }
  for (const anomaly of anomalies) yield JSON.stringify({ record: 'anomaly', ...anomaly });
}
