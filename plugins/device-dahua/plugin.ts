/**
 * Dahua cameras that push over ITSAPI to fixed paths, and the traffic events of their event stream (as JSON). After two
 * published receivers of ITSAPI, and an event of a camera in Thailand (YutthapoomSa/dahua-api, 2024-01-30). A camera sends
 * again what was not answered with `"result":"true"`.
 */
import {
  at,
  badField,
  choice,
  defineDeviceFormat,
  isObject,
  jsonOf,
  manyOf,
  NOTHING_DECODED,
  objectAt,
  textAt,
  type DeviceHealth,
  type Outcome,
  type WireMessage,
  type WireReply,
} from '../../core/plugins/define.ts';
import { junctionEvent } from './junction.ts';
import { tollgateEvent } from './tollgate.ts';

export const fields = {
  /** The event interface counts in 8192 parts of the picture; whether ITSAPI does is not documented, and firmware differs. */
  boxUnit: choice(['auto', 'grid', 'pixels'], 'auto'),
  confidenceWhole: choice(['100', '255'], '100'),
};

const PATHS = ['TollgateInfo', 'KeepAlive', 'DeviceInfo'].map((name) => `/NotificationInfo/${name}`);

function healthOf(body: unknown): DeviceHealth {
  const info = isObject(body) ? (isObject(body['DeviceInfo']) ? body['DeviceInfo'] : body) : {};
  const words = ['Active', 'DeviceName', 'DeviceType', 'DeviceModel', 'Manufacturer', 'IPAddress', 'SoftwareVersion'];
  return {
    isOnline: true,
    facts: Object.fromEntries(
      words.map((key) => [key, textAt(info[key])] as const).filter(([, value]) => value !== null),
    ),
    camerasDown: null,
    clock: null,
  };
}

const idOf = (body: unknown): string =>
  textAt(at(body, 'DeviceID')) ??
  textAt(at(body, 'DeviceInfo.DeviceID')) ??
  textAt(at(body, 'Picture.SnapInfo.DeviceID')) ??
  '';

/** Traffic events in one of the wrappings that carry them. */
const eventsIn = (body: unknown): readonly unknown[] =>
  manyOf(at(body, 'Events') ?? at(body, 'params.eventList') ?? (isObject(body) && 'Code' in body ? body : undefined));

const hasBody = ({ body, parts }: WireMessage): boolean => body.length > 0 || parts.length > 0;

export default defineDeviceFormat({
  id: 'dahua',
  fields,
  transports: ['http'],
  paths: [
    ...PATHS.map((path) => ({ method: 'POST' as const, path })),
    // Some firmware asks with GET whether anybody is there.
    { method: 'GET', path: '/NotificationInfo/KeepAlive' },
  ],
  claims: ({ path, body }) =>
    path.startsWith('/NotificationInfo/') || Buffer.from(body.subarray(0, 200)).includes('"TollgateInfo"'),
  decode(message, { config, timeZone }) {
    const body = hasBody(message) ? objectAt(jsonOf(message, 'json'), 'body') : {};
    const device = { deviceRef: idOf(body), deviceName: textAt(body['DeviceName']) };
    const options = { boxUnit: config.boxUnit, whole: config.confidenceWhole === '255' ? 255 : 100, timeZone } as const;
    if (isObject(body['Picture'])) {
      return { ...NOTHING_DECODED, ...device, events: [tollgateEvent(body['Picture'], options)] };
    }
    const events = eventsIn(body);
    if (events.length > 0) {
      const read = events.flatMap((event, place) => junctionEvent(event, `Events.${place}`, message, options) ?? []);
      const [machine] = events.map((event) =>
        textAt(at(event, 'Data.TrafficCar.MachineName') ?? at(event, 'TrafficCar.MachineName')),
      );
      return { ...NOTHING_DECODED, ...device, deviceRef: device.deviceRef || (machine ?? ''), events: read };
    }
    if (message.path.endsWith('/TollgateInfo')) badField('Picture', 'is missing');
    return { ...NOTHING_DECODED, ...device, health: healthOf(body) };
  },
  reply(outcome: Outcome): WireReply {
    const headers = { 'content-type': 'application/json' };
    // Published receivers write the word in either way; a camera of either kind finds its own.
    if (outcome.kind !== 'later') return { status: 200, headers, body: '{"result":"true","Result":true}' };
    return {
      status: 503,
      headers: { ...headers, 'retry-after': String(outcome.retryAfterSeconds) },
      body: JSON.stringify({ result: 'false', Result: false, Message: outcome.error.message }),
    };
  },
});
