/**
 * Frigate's plates over MQTT: `frigate/events` and `frigate/tracked_object_update`. Source: frigate docs, integrations/mqtt
 * (July 2026). Its prefix may be changed: with `topic_prefix: frigate/<name>` several Frigates share one broker, each with a
 * name of its own; any other prefix is not listened to.
 *
 * Boxes are not taken over. They are corners in pixels of the detect stream at the time of the message, while the snapshot is
 * Frigate's best picture of the pass, perhaps cropped and drawn upon: a patch cut by that box could show anything.
 */
import {
  badField,
  choice,
  confidenceAt,
  defineDeviceFormat,
  instantAt,
  isObject,
  jsonOf,
  NOTHING_DECODED,
  numberAt,
  objectAt,
  textAt,
  textOf,
  UNKNOWN_READ,
  url,
  type Decoded,
  type DeviceEvent,
  type DeviceRead,
  type PicturePull,
  type WireObject,
} from '../../core/plugins/define.ts';

const KINDS = ['events', 'tracked_object_update', 'available'] as const;
/** A snapshot is there while the object is seen, and written anew when it ends. */
const SNAPSHOT_MS = { seen: 1_000, ended: 3_000 } as const;
const KMH_OF_MPH = 1.609344;

interface Settings {
  readonly address: string;
  readonly speedUnit: 'kmh' | 'mph';
}

/** A text, or text and score in a list, by version. */
function plateOf(plate: unknown, score: unknown): Pick<DeviceRead, 'text' | 'confidence'> | null {
  const [said, own] = Array.isArray(plate) ? (plate as unknown[]) : [plate];
  const text = textAt(said);
  return text === null ? null : { text, confidence: confidenceAt(own ?? score, 'recognized_license_plate_score', 1) };
}

const pullOf = (id: string, { address }: Settings, afterMs: number): PicturePull | null =>
  address === '' ? null : { path: `/api/events/${encodeURIComponent(id)}/snapshot.jpg`, afterMs };

function eventOf(
  said: WireObject,
  read: Pick<DeviceRead, 'text' | 'confidence'> & Partial<DeviceRead>,
  more: Pick<DeviceEvent, 'eventKey' | 'capturedAt' | 'pull'>,
): DeviceEvent {
  return {
    ...more,
    cameraRef: textAt(said['camera']) ?? badField('camera', 'is missing'),
    ...{ cameraName: null, isLate: false, frame: null, coerced: [] },
    reads: [{ ...UNKNOWN_READ, trackId: textAt(said['id']), ...read }],
  };
}

/** Each time the plate of an object was read better. */
function decodeUpdate(said: WireObject, settings: Settings): readonly DeviceEvent[] {
  const plate = textAt(said['type']) === 'lpr' ? plateOf(said['plate'], said['score']) : null;
  if (plate === null) return [];
  const id = textAt(said['id']) ?? badField('id', 'is missing');
  const capturedAt = instantAt(said['timestamp'], 'timestamp', 'UTC');
  const eventKey = capturedAt === null ? null : `lpr:${id}:${capturedAt.getTime()}`;
  return [eventOf(said, plate, { eventKey, capturedAt, pull: pullOf(id, settings, SNAPSHOT_MS.seen) })];
}

function motionOf(after: WireObject, { speedUnit }: Settings): DeviceRead['motion'] {
  const speed = numberAt(after['average_estimated_speed'], 'average_estimated_speed') ?? 0;
  // 0 where no zone measures speed. `velocity_angle` is an angle within the picture, none of the compass.
  if (speed <= 0) return null;
  const kmh = speedUnit === 'mph' ? speed * KMH_OF_MPH : speed;
  return { direction: null, heading: null, speed: Math.round(kmh * 10) / 10, lane: null };
}

/** Objects are told of again and again: of those with a plate, when it changed, and when they are gone. */
function decodeChange(said: WireObject, settings: Settings): readonly DeviceEvent[] {
  const after = objectAt(said['after'], 'after');
  const before = isObject(said['before']) ? said['before'] : {};
  const read = (state: WireObject): Pick<DeviceRead, 'text' | 'confidence'> | null =>
    plateOf(state['recognized_license_plate'], state['recognized_license_plate_score']);
  const plate = read(after);
  const earlier = read(before);
  const isEnd = textAt(said['type']) === 'end';
  const isNews = earlier?.text !== plate?.text || earlier?.confidence !== plate?.confidence;
  if (plate === null || after['false_positive'] === true || !(isEnd || isNews)) return [];
  const id = textAt(after['id']) ?? badField('after.id', 'is missing');
  const capturedAt = instantAt(after['frame_time'] ?? after['start_time'], 'after.frame_time', 'UTC');
  const type = textAt(after['label']);
  return [
    eventOf(
      after,
      {
        ...plate,
        isFinal: isEnd,
        vehicle: type === null ? null : { type, make: null, model: null, colour: null },
        motion: motionOf(after, settings),
      },
      {
        eventKey: isEnd ? `end:${id}` : capturedAt === null ? null : `update:${id}:${capturedAt.getTime()}`,
        capturedAt,
        pull:
          after['has_snapshot'] === false ? null : pullOf(id, settings, isEnd ? SNAPSHOT_MS.ended : SNAPSHOT_MS.seen),
      },
    ),
  ];
}

const healthOf = (isOnline: boolean): Decoded['health'] => ({ isOnline, facts: {}, camerasDown: null, clock: null });

export default defineDeviceFormat({
  id: 'frigate',
  fields: { address: url(), speedUnit: choice(['kmh', 'mph'], 'kmh') },
  transports: ['mqtt'],
  topics: KINDS.flatMap((kind) => [`frigate/${kind}`, `frigate/{device}/${kind}`]),
  // Counts, states and pictures of every camera go out by the same connection.
  ignoredTopics: ['frigate/#'],
  // It subscribes to all of its own; the hub publishes nothing there.
  subscriptions: ['frigate/#'],
  claims: ({ transport, path }) => transport === 'mqtt' && path.startsWith('frigate/'),
  decode(message, { config }) {
    const levels = message.path.split('/');
    const told: Decoded = { ...NOTHING_DECODED, deviceRef: levels.length > 2 ? (levels[1] ?? '') : '' };
    switch (levels.at(-1)) {
      case 'events':
        return { ...told, events: decodeChange(objectAt(jsonOf(message), 'body'), config) };
      case 'tracked_object_update':
        return { ...told, events: decodeUpdate(objectAt(jsonOf(message), 'body'), config) };
      case 'available': {
        // Frigate's last will says `offline`.
        const said = textOf(message.body).trim();
        return /^(online|offline)$/.test(said)
          ? { ...told, health: healthOf(said === 'online') }
          : badField('available', 'is neither online nor offline');
      }
      default:
        return badField('topic', `is none of ${KINDS.join(', ')}`);
    }
  },
  // Frigate waits for nothing but the broker's acknowledgement.
  reply: () => ({}),
});
