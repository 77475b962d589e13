/** Frigate over MQTT (frigate docs, integrations/mqtt). Times are seconds with a fraction, boxes are corners in pixels. */
import type { SimulatedEvent } from '../devices.ts';
import type { Encode, EncodedMessage, WireVariant } from './encoded.ts';
import { edges, vehicleBox } from './device-words.ts';

const cameraName = (event: SimulatedEvent): string => event.camera.cameraId.toLowerCase().replace('-', '_');
/** Frigate names an object by its start and six letters; all looks of a pass share it. */
function objectId(event: SimulatedEvent): string {
  const letters = Array.from({ length: 6 }, (_, place) =>
    String.fromCharCode(97 + ((Math.floor(event.trackId / 26 ** place) + event.camera.number * (place + 3)) % 26)),
  );
  // The start is not known of a single look: the track's number stands for it, and keeps the form.
  return `${1_700_000_000 + event.trackId}.${String(event.camera.number).padStart(6, '0')}-${letters.join('')}`;
}

const publish = (topic: string, payload: object): EncodedMessage => ({
  transport: 'mqtt',
  topic,
  payload: JSON.stringify(payload),
  qos: 0,
  retain: false,
});

const trackedObject: Encode = (event) =>
  event.plateNumber === ''
    ? null
    : publish('frigate/tracked_object_update', {
        type: 'lpr',
        id: objectId(event),
        name: null,
        plate: event.plateNumber,
        score: event.confidence,
        camera: cameraName(event),
        timestamp: event.deviceAt.getTime() / 1000,
        plate_box: edges(event),
      });

const events: Encode = (event) => {
  const [x, y, width, height] = vehicleBox(event);
  const seconds = event.deviceAt.getTime() / 1000;
  const isRead = event.plateNumber !== '';
  const state = {
    id: objectId(event),
    camera: cameraName(event),
    label: 'car',
    sub_label: null,
    frame_time: seconds,
    start_time: seconds - 0.4 * event.look,
    end_time: event.isLastLook ? seconds + 0.4 : null,
    ...{ score: 0.87, top_score: 0.9, false_positive: false, stationary: event.speedKmh === 0 },
    recognized_license_plate: isRead ? event.plateNumber : null,
    recognized_license_plate_score: isRead ? event.confidence : null,
    current_zones: [`lane_${event.lane}`],
    entered_zones: [`lane_${event.lane}`],
    velocity_angle: event.direction === 'away' ? 270 : 90,
    average_estimated_speed: event.speedKmh,
    box: [x, y, x + width, y + height],
    has_snapshot: true,
    has_clip: false,
  };
  const type = event.isLastLook ? 'end' : event.look === 0 ? 'new' : 'update';
  // Before the first look nothing was read, even where it is the only one.
  const before =
    event.look === 0 ? { ...state, recognized_license_plate: null, recognized_license_plate_score: null } : state;
  return publish('frigate/events', { type, before, after: state });
};

const heartbeat = (): EncodedMessage => ({
  transport: 'mqtt',
  topic: 'frigate/available',
  payload: 'online',
  qos: 0,
  retain: true,
});

export const frigate: Readonly<Record<string, WireVariant>> = {
  lpr: { about: 'frigate/tracked_object_update', transport: 'mqtt', reports: 'look', encode: trackedObject, heartbeat },
  events: { about: 'frigate/events', transport: 'mqtt', reports: 'look', encode: events, heartbeat },
};
