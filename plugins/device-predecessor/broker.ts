/**
 * Generation 3: MQTT topics below `lprserver/cameras/<id>/`. Sources: popwandee/lprserver_v3 `mqtt_config.py`,
 * `test_mqtt_client.py`, `docs/protocols/mqtt-development-guide.md`.
 */
import {
  badField,
  boxAt,
  confidenceAt,
  factsOf,
  instantAt,
  isObject,
  listAt,
  NOTHING_DECODED,
  numberAt,
  objectAt,
  parseJson,
  textAt,
  textOf,
  UNKNOWN_READ,
  type Decoded,
  type DeviceEvent,
  type DeviceRead,
  type SeenVehicle,
  type WireMessage,
  type WireObject,
} from '../../core/plugins/define.ts';
import { isBroken, keyOf, measured, nameOf, reportedOf } from './said.ts';

/** The id in the topic is the one that the broker has checked. */
export const cameraOf = (topic: string): string => topic.split('/')[2] ?? '';
/** What stands behind the camera's id. */
export const subjectOf = (topic: string): string => topic.split('/').slice(3).join('/');

/** Times without zone are UTC here: Python's `utcnow().isoformat()`. */
const timeOf = (value: unknown, field = 'timestamp'): Date | null => instantAt(value, field, 'UTC');

function vehicleOf(said: WireObject): SeenVehicle | null {
  const [make, model, colour] = [textAt(said['brand']), textAt(said['model']), textAt(said['color'])];
  const type = textAt(said['vehicle_type']) ?? textAt(said['vehicle_class']);
  return (type ?? make ?? model ?? colour) === null ? null : { type, make, model, colour };
}

function readsOf(data: WireObject, coerced: Set<string>): readonly DeviceRead[] {
  const vehicles = listAt(data['vehicles'] ?? [], 'detection_data.vehicles').filter(isObject);
  return listAt(data['plates'] ?? [], 'detection_data.plates').map((one, index) => {
    const field = `detection_data.plates.${index}`;
    const plate = objectAt(one, field);
    const owner = numberAt(plate['vehicle_id'], `${field}.vehicle_id`);
    const vehicle = vehicles.find((each) => numberAt(each['vehicle_index'], 'vehicle_index') === owner);
    return {
      ...UNKNOWN_READ,
      text: textAt(plate['plate_number']) ?? '',
      province: textAt(plate['province']),
      countryCode: textAt(plate['country']),
      confidence: measured(confidenceAt(plate['confidence'], `${field}.confidence`, 1), coerced),
      box: boxAt(plate['bbox'], `${field}.bbox`),
      vehicle: vehicle === undefined ? null : vehicleOf(vehicle),
    };
  });
}

function detection(said: WireObject, sent: Date | null): readonly DeviceEvent[] {
  const coerced = new Set<string>();
  const reads = readsOf(objectAt(said['detection_data'], 'detection_data'), coerced);
  // No picture comes this way: without a plate there is nothing to keep.
  if (reads.length === 0) return [];
  const id = textAt(said['message_id']);
  return [
    {
      ...{ eventKey: id === null ? null : `g3:${id}`, cameraRef: '', cameraName: null, capturedAt: sent },
      ...{ isLate: false, frame: null, pull: null, reads, coerced: [...coerced] },
    },
  ];
}

function health(said: WireObject, sent: Date | null, isRetained: boolean): Decoded['health'] {
  const status = textAt(said['health_status']) ?? textAt(said['status']) ?? badField('health_status', 'is missing');
  const details = isObject(said['health_details']) ? said['health_details'] : {};
  const camera = textAt(details['camera_status']) ?? (textAt(said['component']) === 'camera' ? status : null);
  return {
    isOnline: !/^(offline|disconnected)$/i.test(status),
    facts: { status, ...factsOf(details) },
    camerasDown: camera === null ? null : isBroken(camera) ? [''] : [],
    // One that the broker kept was true when it was sent, not now.
    clock: isRetained ? null : sent,
  };
}

export function decodeTopic(message: WireMessage): Decoded {
  const deviceRef = cameraOf(message.path);
  const subject = subjectOf(message.path);
  if (subject === 'config/request') return { ...NOTHING_DECODED, deviceRef, asksForSettings: true };
  const outer = objectAt(parseJson(textOf(message.body)), 'body');
  // The author's own simulator of devices wraps everything once more.
  const said = isObject(outer['data']) ? { ...outer, ...outer['data'] } : outer;
  const sent = timeOf(said['timestamp']);
  const told: Decoded = {
    ...NOTHING_DECODED,
    deviceRef,
    deviceName: nameOf(deviceRef, textAt(said['checkpoint_id'])),
  };
  switch (subject) {
    case 'detection':
      return {
        ...told,
        events: detection(said, sent),
        reported: reportedOf({ checkpointId: textAt(said['checkpoint_id']) }),
      };
    case 'health':
      return { ...told, health: health(said, sent, message.isRetained) };
    case 'config':
      return { ...told, reported: objectAt(said['config_data'], 'config_data') };
    case 'control/response':
      return told;
    default:
      return badField('topic', 'is none that these devices use');
  }
}

/** Retained, so that a device that was away finds them. `config` itself is where the device tells what it has. */
export const settingsMessage = (deviceRef: string, desired: WireObject) => [
  {
    topic: `lprserver/cameras/${deviceRef}/config/update`,
    payload: JSON.stringify({
      message_id: keyOf('config', desired),
      camera_id: deviceRef,
      config_type: 'settings',
      config_data: desired,
    }),
    qos: 2 as const,
    retain: true,
  },
];
