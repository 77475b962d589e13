/**
 * Generations 0 (May 2025: Socket.IO `lpr_detection` with the picture in binary) and 1 (June 2025: one raw WebSocket text a
 * detection). Sources: popwandee/lprserver; popwandee/aicamera `send_socket.py`, `edge_status.py`.
 */
import {
  badField,
  factsOf,
  instantAt,
  jsonOf,
  NOTHING_DECODED,
  objectAt,
  pictureAt,
  textAt,
  UNKNOWN_READ,
  type Decoded,
  type DeviceEvent,
  type WireMessage,
  type WireObject,
} from '../../core/plugins/define.ts';
import { isBroken, nameOf, placeOf, reportedOf } from './said.ts';

function plateOf(said: WireObject): string {
  if (!('license_plate' in said)) badField('license_plate', 'is missing');
  return textAt(said['license_plate']) ?? '';
}

/** One plate of one camera. No generation names its events: the content is the key, and a device sends again what it sent. */
const seen = (more: Partial<DeviceEvent> & { readonly reads: DeviceEvent['reads'] }): DeviceEvent => ({
  ...{ eventKey: null, cameraRef: '', cameraName: null, capturedAt: null, isLate: false },
  ...{ frame: null, pull: null, coerced: [] },
  ...more,
});

/** `image_20250611_081530.jpg`: the only time that generation 0 gives, by its local clock. The rest of the name is not looked at. */
const NAME_TIME = /(\d{8}_\d{6})(?=\D*$)/;

export function decodeFirst(message: WireMessage, timeZone: string): Decoded {
  const said = objectAt(jsonOf(message), 'the event');
  const [, time] = NAME_TIME.exec(textAt(said['image_name']) ?? '') ?? [];
  const read = { ...UNKNOWN_READ, text: plateOf(said) };
  return {
    ...NOTHING_DECODED,
    events: [
      seen({
        capturedAt: instantAt(time, 'image_name', timeZone),
        frame: pictureAt(said['image_binary'], 'image_binary'),
        reads: [read],
        coerced: time === undefined ? [] : ['capture time taken from image_name'],
      }),
    ],
    reported: reportedOf(placeOf(said['location_lat'], said['location_lon'])),
  };
}

/** `{"table":"lpr_detection","data":{…}}`; earlier software names other tables. */
export function decodeTable(message: WireMessage, timeZone: string): Decoded {
  const envelope = objectAt(jsonOf(message), 'body');
  if (textAt(envelope['table']) === null) badField('table', 'is missing');
  const data = objectAt(envelope['data'], 'data');
  const checkpoint = textAt(data['checkpoint_id']);
  // Earlier software says its host name in the place of the checkpoint.
  const host = textAt(data['hostname']) ?? checkpoint;
  const [type, colour] = [textAt(data['vehicle_type']), textAt(data['vehicle_color'])];
  const vehicle = type === null && colour === null ? null : { type, colour, make: null, model: null };
  return {
    ...NOTHING_DECODED,
    deviceRef: host ?? '',
    deviceName: nameOf(host, checkpoint),
    events: [
      seen({
        capturedAt: instantAt(data['timestamp'], 'timestamp', timeZone),
        frame: pictureAt(data['image'], 'image'),
        reads: [{ ...UNKNOWN_READ, text: plateOf(data), vehicle }],
      }),
    ],
    reported: reportedOf({ checkpointId: checkpoint, ...placeOf(data['latitude'], data['longitude']) }),
  };
}

/** Hourly, over Socket.IO, beside the raw WebSocket. */
export function decodeEdgeStatus(message: WireMessage, timeZone: string): Decoded {
  const { hostname, timestamp, ...said } = objectAt(jsonOf(message), 'edge_status');
  const host = textAt(hostname) ?? badField('hostname', 'is missing');
  return {
    ...NOTHING_DECODED,
    deviceRef: host,
    deviceName: host,
    health: {
      isOnline: true,
      facts: factsOf(said),
      camerasDown: isBroken(textAt(said['camera_status'])) ? [''] : [],
      clock: instantAt(timestamp, 'timestamp', timeZone),
    },
  };
}
