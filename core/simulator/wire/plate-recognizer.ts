/** Plate Recognizer Stream and ParkPow webhooks: flat and nested results, as JSON or as a form (guides.platerecognizer.com). */
import type { SimulatedEvent } from '../devices.ts';
import { formPost, jsonPost, type Encode, type WireVariant } from './encoded.ts';
import { edges, localParts, regionCode, vehicleBox } from './device-words.ts';

/** Plates are lower case here; Thai letters have no case. */
const plateOf = (event: SimulatedEvent): string => event.plateNumber.toLowerCase();
const boxOf = ([xmin, ymin, xmax, ymax]: readonly number[]): object => ({ xmin, ymin, xmax, ymax });
const vehicleEdges = (event: SimulatedEvent): readonly number[] => {
  const [x, y, width, height] = vehicleBox(event);
  return [x, y, x + width, y + height];
};
const TYPES = { sedan: 'Sedan', pickup: 'Pickup Truck', van: 'Van', truck: 'Big Truck' } as const;
const directionOf = ({ direction, camera }: SimulatedEvent): number =>
  direction === 'away' ? camera.heading : (camera.heading + 180) % 360;

const flat = (event: SimulatedEvent): object => ({
  box: boxOf(edges(event)),
  plate: plateOf(event),
  region: { code: regionCode(event), score: event.provinceConfidence },
  score: event.confidence,
  dscore: 0.8,
  candidates: [{ plate: plateOf(event), score: event.confidence }],
  vehicle: { type: TYPES[event.body], score: 0.8, box: boxOf(vehicleEdges(event)) },
  model_make: [{ make: event.make, model: '', score: 0.6 }],
  color: [{ color: event.colour, score: 0.7 }],
  orientation: [{ orientation: event.direction === 'away' ? 'Rear' : 'Front', score: 0.9 }],
  direction: directionOf(event),
  source_url: 'rtsp://camera.invalid/1',
  position_sec: 1.2,
});

const nested = (event: SimulatedEvent): object => ({
  plate: {
    type: 'Plate',
    score: 0.8,
    box: boxOf(edges(event)),
    props: {
      plate: [{ value: plateOf(event), score: event.confidence }],
      region: [{ value: regionCode(event), score: event.provinceConfidence }],
    },
  },
  vehicle: {
    type: TYPES[event.body],
    score: 0.8,
    box: boxOf(vehicleEdges(event)),
    props: {
      make_model: [{ make: event.make, model: '', score: 0.6 }],
      color: [{ value: event.colour, score: 0.7 }],
      orientation: [{ value: event.direction === 'away' ? 'Rear' : 'Front', score: 0.9 }],
    },
  },
  direction: directionOf(event),
  source_url: 'rtsp://camera.invalid/1',
  position_sec: 1.2,
});

function message(event: SimulatedEvent, result: object): object {
  const { date, time, ms } = localParts(event.deviceAt);
  const id = event.camera.cameraId.toLowerCase();
  const filename = `${id}_screenshots/${event.eventId}.jpg`;
  return {
    hook: { target: 'https://hub.invalid/ingest/plate-recognizer', id, event: 'recognition', filename },
    data: {
      camera_id: id,
      filename,
      timestamp: event.deviceAt.toISOString(),
      timestamp_local: `${date} ${time}.${ms}000+07:00`,
      results: [result],
    },
  };
}

const asJson =
  (result: (event: SimulatedEvent) => object): Encode =>
  (event) =>
    event.plateNumber === '' ? null : jsonPost(message(event, result(event)));

const asForm =
  (result: (event: SimulatedEvent) => object): Encode =>
  (event, pictures) =>
    event.plateNumber === ''
      ? null
      : formPost(
          [
            { name: 'json', content: JSON.stringify(message(event, result(event))) },
            ...(pictures
              ? [{ name: 'upload', fileName: 'image.jpg', type: 'image/jpeg', content: pictures.frame }]
              : []),
          ],
          event.eventId,
        );

export const plateRecognizer: Readonly<Record<string, WireVariant>> = {
  'flat-form': { about: 'flat results, form with picture', transport: 'http', reports: 'pass', encode: asForm(flat) },
  'flat-json': { about: 'flat results, JSON', transport: 'http', reports: 'pass', encode: asJson(flat) },
  'nested-form': {
    about: 'nested results, form with picture',
    transport: 'http',
    reports: 'pass',
    encode: asForm(nested),
  },
  'nested-json': { about: 'nested results, JSON', transport: 'http', reports: 'pass', encode: asJson(nested) },
};
