/** What lies between the truth and the hub: looks, misreads, wrong clocks, outages, retries and disorder. */
import type { Box } from '../message.ts';
import { DEFAULT_MISREADS, lookAt, newSight, type MisreadRates, type SimulatedRead } from './misreads.ts';
import { streamOf, uuidFrom, type Random } from './random.ts';
import type { TrafficCamera } from './road-graph.ts';
import type { Passing, SimulatedVehicle } from './trips.ts';

export interface DeviceRates {
  readonly misreads: MisreadRates;
  /** Weights of 1, 2, 3, ... looks in one pass. */
  readonly looks: readonly number[];
  /** Seconds between two looks; less where the vehicle would be out of sight. */
  readonly lookGap: readonly [number, number];
  /** Seconds between two looks at a vehicle that stands. */
  readonly parkedGap: readonly [number, number];
  /** Share of passings that a camera does not see at all. */
  readonly missed: number;
  /** Share of devices whose clock is off by a constant 1 s to `clockOffBy` seconds, and whose clock drifts. */
  readonly clockConstant: number;
  readonly clockDrifting: number;
  readonly clockOffBy: number;
  /** Outages of one device in an hour, and how long they last in minutes. */
  readonly outagesPerHour: number;
  readonly outageMinutes: readonly [number, number];
  /** Share of events sent again although they had arrived, with the same event id. */
  readonly retried: number;
  /** Share of events that are overtaken by later ones, by up to 8 s. */
  readonly outOfOrder: number;
}

/** Without sources: chosen so that an hour of traffic has some of each. */
export const DEFAULT_DEVICES: DeviceRates = {
  misreads: DEFAULT_MISREADS,
  looks: [30, 30, 20, 12, 8],
  lookGap: [0.1, 1],
  parkedGap: [3, 8],
  missed: 0.01,
  clockConstant: 0.3,
  clockDrifting: 0.1,
  clockOffBy: 90,
  outagesPerHour: 0.4,
  outageMinutes: [1, 5],
  retried: 0.02,
  outOfOrder: 0.01,
};

export interface DeviceClock {
  readonly kind: 'right' | 'constant' | 'drifting';
  /** How far it is ahead (or, negative, behind) when the simulation begins. */
  readonly offsetMs: number;
  /** Parts per million that it gains. */
  readonly driftPpm: number;
  /** How it writes times where its format leaves that open: with the zone, or as naive local time. */
  readonly writes: 'zoned' | 'naive';
}

export interface SimulatedDevice {
  readonly camera: TrafficCamera;
  readonly clock: DeviceClock;
  readonly outages: readonly { readonly from: Date; readonly to: Date }[];
}

/** One look of one device, as it would send it. */
export interface SimulatedEvent extends SimulatedRead {
  /** UUID; the same in each attempt. */
  readonly eventId: string;
  /** The device's own number of this vehicle's pass. */
  readonly trackId: number;
  /** From 0. */
  readonly look: number;
  readonly isLastLook: boolean;
  readonly camera: TrafficCamera;
  /** True time of the look. */
  readonly at: Date;
  /** The same by the device's clock; the only one that a message may carry. */
  readonly deviceAt: Date;
  readonly clock: DeviceClock;
  /** True time at which it is sent, and what the device's clock then says. */
  readonly sendAt: Date;
  readonly deviceSendAt: Date;
  /** Sent after an outage. */
  readonly isLate: boolean;
  /** 1, or 2 when it is sent again. */
  readonly attempt: number;
  readonly frame: { readonly width: number; readonly height: number };
  /** The plate in the frame, pixels. */
  readonly box: Box;
  readonly lane: number;
  readonly direction: 'approach' | 'away';
  readonly speedKmh: number;
  readonly body: SimulatedVehicle['body'];
  readonly colour: SimulatedVehicle['colour'];
  readonly make: string;
  /** Truth: which passing this is a look at. No message carries it. */
  readonly passingId: string;
}

export const EVENT_FRAME = { width: 1920, height: 1080 } as const;
/** A camera this high sees this stretch of the road, metres before it, with this focal length. Thai car plates are 0.34 m wide. */
const CAMERA_METRES = 5;
const ZONE = { near: 10, far: 28 } as const;
const FOCAL_PIXELS = 3000;
const PLATE_METRES = 0.34;
/** Between two lanes at the near end; less than the focal length says, for the camera looks over them at an angle. */
const LANE_PIXELS = 620;
/** Bulk after an outage: one event each so many ms. */
const BULK_MS = 25;

const byClock = (clock: DeviceClock, at: number, begin: number): Date =>
  new Date(Math.round(at + clock.offsetMs + ((at - begin) * clock.driftPpm) / 1e6));

export function inventDevices(
  cameras: readonly TrafficCamera[],
  options: { readonly seed: number; readonly from: Date; readonly minutes: number; readonly rates: DeviceRates },
): readonly SimulatedDevice[] {
  const random = streamOf(options.seed, 'devices');
  const { rates, from, minutes } = options;
  return cameras.map((camera): SimulatedDevice => {
    const dice = random.next();
    const kind =
      dice < rates.clockConstant ? 'constant' : dice < rates.clockConstant + rates.clockDrifting ? 'drifting' : 'right';
    const sign = random.chance(0.5) ? 1 : -1;
    const off = {
      right: random.between(0, 0.3),
      constant: random.between(1, Math.max(1, rates.clockOffBy)),
      drifting: random.between(0, 5),
    };
    const clock: DeviceClock = {
      kind,
      offsetMs: Math.round(sign * off[kind] * 1000),
      // 20 ppm is a usual crystal, 300 ppm a bad one in the heat.
      driftPpm: kind === 'drifting' ? sign * random.whole(20, 300) : 0,
      writes: random.chance(0.3) ? 'naive' : 'zoned',
    };
    const outages: { from: Date; to: Date }[] = [];
    const expected = (rates.outagesPerHour * minutes) / 60;
    for (let left = Math.floor(expected) + (random.chance(expected % 1) ? 1 : 0); left > 0; left--) {
      const start = Math.round(from.getTime() + random.next() * minutes * 60_000);
      outages.push({
        from: new Date(start),
        to: new Date(start + Math.round(random.between(...rates.outageMinutes) * 60_000)),
      });
    }
    return { camera, clock, outages };
  });
}

/** The plate of a vehicle in this lane, so many metres before the camera. */
function place(lane: number, lanes: number, metres: number, random: Random): Box {
  const { width: across, height: down } = EVENT_FRAME;
  const width = Math.round((PLATE_METRES * FOCAL_PIXELS) / metres);
  const height = Math.round(width * 0.44);
  const x = across / 2 + (lane - (lanes + 1) / 2) * LANE_PIXELS * (ZONE.near / metres) - width / 2;
  const y = down * 0.93 - CAMERA_METRES * FOCAL_PIXELS * (1 / ZONE.near - 1 / metres) - height / 2;
  return [Math.round(x + random.between(-10, 10)), Math.round(y + random.between(-4, 4)), width, height];
}

function lookCount(weights: readonly number[], random: Random): number {
  let left = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return index + 1;
  }
  return Math.max(1, weights.length);
}

type Look = Pick<SimulatedEvent, 'look' | 'isLastLook' | 'at' | 'box'> & SimulatedRead;

function looksAt(passing: Passing, camera: TrafficCamera, rates: DeviceRates, random: Random): readonly Look[] {
  const sight = newSight(passing.plate, rates.misreads, random);
  const stays = passing.leftAt.getTime() > passing.at.getTime();
  /** Seconds since it came. */
  const times: number[] = [];
  if (stays) {
    const until = (passing.leftAt.getTime() - passing.at.getTime()) / 1000;
    for (let at = 0; at < until; at += random.between(...rates.parkedGap)) times.push(at);
  } else {
    let at = 0;
    for (let left = lookCount(rates.looks, random); left > 0; left--) {
      times.push(at);
      at += random.between(...rates.lookGap);
    }
  }
  const metresPerSecond = passing.speedKmh / 3.6;
  const seenFrom = (ZONE.far - ZONE.near) * random.between(0, 0.4);
  // A fast vehicle is out of sight before the last look: then its looks come closer together.
  const inSight = stays ? Infinity : (ZONE.far - ZONE.near - seenFrom) / metresPerSecond;
  const pace = Math.min(1, inSight / Math.max(0.001, times.at(-1) ?? 0));
  const standing = place(passing.lane, camera.lanes, 16, random);
  return times.map((time, look) => {
    const gone = seenFrom + metresPerSecond * time * pace;
    const metres = passing.direction === 'away' ? ZONE.near + gone : ZONE.far - gone;
    const [x, y, width, height] = standing;
    const box: Box = stays
      ? [x + random.whole(-2, 2), y + random.whole(-2, 2), width, height]
      : place(passing.lane, camera.lanes, metres, random);
    const at = new Date(passing.at.getTime() + Math.round(time * pace * 1000));
    return { look, isLastLook: look === times.length - 1, at, box, ...lookAt(sight, rates.misreads, random) };
  });
}

const outageAt = ({ outages }: SimulatedDevice, at: number): SimulatedDevice['outages'][number] | undefined =>
  outages.find(({ from, to }) => at >= from.getTime() && at < to.getTime());

export interface ObserveOptions {
  readonly seed: number;
  readonly from: Date;
  readonly rates: DeviceRates;
  /** Every look is an event, or only the surest of a pass, as cameras with a reader of their own do; default `look`. */
  readonly reports: 'look' | 'pass';
}

/** A vehicle that stands is told of again each minute by devices that tell of passes only. */
const RETELL_MS = 60_000;

function reported(looks: readonly Look[], reports: ObserveOptions['reports']): readonly Look[] {
  if (reports === 'look') return looks;
  const groups = new Map<number, Look>();
  for (const look of looks) {
    const group = Math.floor((look.at.getTime() - (looks[0]?.at.getTime() ?? 0)) / RETELL_MS);
    const best = groups.get(group);
    if (best === undefined || look.confidence > best.confidence) groups.set(group, look);
  }
  return [...groups.values()].map((look, index, all) => ({
    ...look,
    look: index,
    isLastLook: index === all.length - 1,
  }));
}

/** Everything that the devices send, in the order in which it is sent. */
export function observe(
  devices: readonly SimulatedDevice[],
  vehicles: readonly SimulatedVehicle[],
  passings: readonly Passing[],
  options: ObserveOptions,
): readonly SimulatedEvent[] {
  const { rates, seed } = options;
  const begin = options.from.getTime();
  const seeing = streamOf(seed, 'looks');
  const sending = streamOf(seed, 'sending');
  const byId = new Map(vehicles.map((vehicle) => [vehicle.vehicleId, vehicle]));
  const byCamera = new Map(devices.map((device) => [device.camera.cameraId, device]));
  const tracks = new Map<string, number>();
  const bulk = new Map<string, number>();
  const events: SimulatedEvent[] = [];
  for (const passing of passings) {
    const device = byCamera.get(passing.cameraId);
    const vehicle = byId.get(passing.vehicleId);
    if (device === undefined || vehicle === undefined || seeing.chance(rates.missed)) continue;
    const { camera, clock } = device;
    const trackId = (tracks.get(camera.cameraId) ?? 0) + 1;
    tracks.set(camera.cameraId, trackId);
    for (const look of reported(looksAt(passing, camera, rates, seeing), options.reports)) {
      const at = look.at.getTime();
      const delay = 80 + 320 * sending.next() + (sending.chance(rates.outOfOrder) ? sending.between(1000, 8000) : 0);
      let sendAt = at + delay;
      let isLate = false;
      // What an outage kept back goes out one by one after it, and waits again if the next outage comes too soon.
      for (let outage = outageAt(device, sendAt); outage !== undefined; outage = outageAt(device, sendAt)) {
        sendAt = Math.max(outage.to.getTime(), bulk.get(camera.cameraId) ?? 0) + BULK_MS;
        bulk.set(camera.cameraId, sendAt);
        isLate = true;
      }
      const { lane, direction, speedKmh, passingId } = passing;
      const { body, colour, make } = vehicle;
      const event: SimulatedEvent = {
        ...{ eventId: uuidFrom(sending), trackId, ...look, camera, clock },
        ...{ deviceAt: byClock(clock, at, begin), isLate, attempt: 1, frame: EVENT_FRAME },
        ...{ sendAt: new Date(Math.round(sendAt)), deviceSendAt: byClock(clock, sendAt, begin) },
        ...{ lane, direction, speedKmh, body, colour, make, passingId },
      };
      events.push(event);
      if (sending.chance(rates.retried)) {
        const again = sendAt + sending.between(1000, 10_000);
        events.push({
          ...event,
          attempt: 2,
          sendAt: new Date(Math.round(again)),
          deviceSendAt: byClock(clock, again, begin),
        });
      }
    }
  }
  return events.sort((a, b) => a.sendAt.getTime() - b.sendAt.getTime());
}
