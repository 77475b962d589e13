/**
 * Generation 2 (edge v1.3, August 2025): Socket.IO events with a REST fall-back, and the cleaner form that was documented but
 * never sent. Its demonstration software sends the same texts over a raw WebSocket. Sources: popwandee/lprserver_v3
 * `edge/v1_3…/websocket_sender.py`, `edge/v1_3_demo/…`, `WEBSOCKET_COMMUNICATION_SPEC.md`.
 */
import {
  badField,
  boxAt,
  confidenceAt,
  instantAt,
  isObject,
  listAt,
  NOTHING_DECODED,
  numberAt,
  pictureAt,
  textAt,
  UNKNOWN_READ,
  type Decoded,
  type DeviceRead,
  type WireObject,
} from '../../core/plugins/define.ts';
import { detailsOf, isBroken, keyOf, measured, nameOf, reportedOf } from './said.ts';

interface Context {
  readonly timeZone: string;
}

const idOf = (said: WireObject): string | null => textAt(said['aicamera_id']) ?? textAt(said['camera_id']);

const sender = (said: WireObject): Pick<Decoded, 'deviceRef' | 'deviceName'> => {
  const id = idOf(said) ?? badField('aicamera_id', 'is missing');
  return { deviceRef: id, deviceName: nameOf(id, textAt(said['checkpoint_id'])) };
};

function listOf(said: WireObject, field: string, coerced: Set<string>): readonly unknown[] {
  const value = said[field];
  if (value === undefined || value === null || value === '') return [];
  if (typeof value === 'string') coerced.add(`${field} came as text`);
  return listAt(value, field);
}

const objectOf = (list: readonly unknown[], index: number | null): WireObject =>
  index !== null && isObject(list[index]) ? list[index] : {};

/** Each plate that was found, read or not, in the device's order. */
function readsOf(said: WireObject, coerced: Set<string>): readonly DeviceRead[] {
  const texts = listOf(said, 'ocr_results', coerced);
  const plates = listOf(said, 'plate_detections', coerced);
  const vehicles = listOf(said, 'vehicle_detections', coerced);
  const cuts = listOf(said, 'cropped_plates', coerced);
  const ocr = new Map<number, WireObject>();
  for (const [index, one] of texts.entries()) {
    // The documented form is a list of plain texts.
    const object = isObject(one) ? one : { text: one };
    ocr.set(numberAt(object['plate_idx'], 'ocr_results.plate_idx') ?? index, object);
  }
  const count = Math.max(plates.length, ...[...ocr.keys()].map((index) => index + 1), 0);
  // Pictures that the device has lost are left out of its list without a gap: whose the others are is then unknown.
  const areCutsWhole = cuts.length === count;
  if (cuts.length > 0 && !areCutsWhole) coerced.add('cropped_plates left out: fewer than plates');
  return Array.from({ length: count }, (_, index) => {
    const read = ocr.get(index) ?? {};
    const plate = objectOf(plates, index);
    const vehicle = objectOf(vehicles, numberAt(read['vehicle_idx'] ?? plate['vehicle_idx'], 'vehicle_idx'));
    const type = textAt(vehicle['label']);
    const confidence = confidenceAt(read['confidence'], 'ocr_results.confidence', 1);
    return {
      ...UNKNOWN_READ,
      text: textAt(read['text']) ?? '',
      confidence: measured(confidence, coerced),
      box: boxAt(read['bbox'] ?? plate['bbox'], 'bbox'),
      patch: areCutsWhole ? pictureAt(cuts[index], 'cropped_plates') : null,
      vehicle: type === null ? null : { type, make: null, model: null, colour: null },
    };
  });
}

/** What the device measured of this event; `timestamp` is not among it, since a device overwrites it each time it sends. */
const MEASURED = ['ocr_results', 'vehicle_detections', 'plate_detections', 'vehicles_count', 'plates_count'] as const;

function eventKeyOf(said: WireObject): string | null {
  const created = textAt(said['created_at']);
  if (created !== null) {
    return keyOf('g2', [created, said['processing_time_ms'], ...MEASURED.map((field) => said[field])]);
  }
  return null;
}

export function decodeDetection(said: WireObject, { timeZone }: Context): Decoded {
  const coerced = new Set<string>();
  const reads = readsOf(said, coerced);
  const frame = pictureAt(said['annotated_image'], 'annotated_image');
  // SQLite's clock is UTC and stands still; `timestamp` is the local time at which this attempt was sent.
  const created = instantAt(said['created_at'], 'created_at', 'UTC');
  if (created !== null) coerced.add('capture time taken from created_at');
  const event = {
    eventKey: eventKeyOf(said),
    cameraRef: '',
    cameraName: null,
    capturedAt: created ?? instantAt(said['timestamp'], 'timestamp', timeZone),
    isLate: false,
    frame,
    pull: null,
    reads,
    coerced: [...coerced],
  };
  const checkpointId = textAt(said['checkpoint_id']);
  return {
    ...NOTHING_DECODED,
    ...sender(said),
    // A vehicle without a plate and without a picture tells nothing that could be looked at again.
    events: reads.length === 0 && frame === null ? [] : [event],
    reported: reportedOf({ checkpointId }),
  };
}

export function decodeHealth(said: WireObject, { timeZone }: Context): Decoded {
  const component = textAt(said['component']) ?? badField('component', 'is missing');
  const status = textAt(said['status']) ?? badField('status', 'is missing');
  const message = textAt(said['message']);
  return {
    ...NOTHING_DECODED,
    ...sender(said),
    health: {
      isOnline: true,
      facts: {
        [component]: message === null ? status : `${status}: ${message}`.slice(0, 200),
        ...detailsOf(said['details'], `${component}.`),
      },
      camerasDown: /camera/i.test(component) ? (isBroken(status) ? [''] : []) : null,
      clock: instantAt(said['timestamp'], 'timestamp', timeZone),
    },
  };
}

export const decodeRegistration = (said: WireObject, { timeZone }: Context): Decoded => ({
  ...NOTHING_DECODED,
  ...sender(said),
  health: { isOnline: true, facts: {}, camerasDown: null, clock: instantAt(said['timestamp'], 'timestamp', timeZone) },
  reported: reportedOf({ checkpointId: textAt(said['checkpoint_id']) }),
});

/** A test of the connection: who sends it may be unsaid. */
export const decodePing = (said: WireObject): Decoded => ({ ...NOTHING_DECODED, deviceRef: idOf(said) ?? '' });
