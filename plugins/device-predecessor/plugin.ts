/**
 * The edge devices of the predecessor (popwandee/lprserver_v3), all four generations, on the hub's own port and broker. None
 * of them can send a token: they are known by their own id and address.
 */
import {
  badField,
  defineDeviceFormat,
  isObject,
  jsonOf,
  NOTHING_DECODED,
  objectAt,
  textAt,
  type Decoded,
  type WireMessage,
  type WireObject,
} from '../../core/plugins/define.ts';
import { answerEvent, answerFirst, answerRest, answerStatus, answerText, answerTopic, type Kind } from './answers.ts';
import { decodeTopic, settingsMessage } from './broker.ts';
import { decodeEdgeStatus, decodeFirst, decodeTable } from './early.ts';
import { decodeDetection, decodeHealth, decodePing, decodeRegistration } from './sender.ts';

const EVENTS: Readonly<Record<string, Kind>> = {
  lpr_data: 'detection',
  health_status: 'health',
  camera_register: 'registration',
  ping: 'ping',
};
const PATHS: Readonly<Record<string, Kind>> = { register: 'registration', detection: 'detection', health: 'health' };
const TYPES: Readonly<Record<string, Kind>> = { detection_result: 'detection', health_check: 'health', test: 'ping' };

/** `POST /api/statistics` takes everything: there what it is stands in `type`. */
const kindOf = (path: string, said: WireObject): Kind =>
  TYPES[textAt(said['type']) ?? ''] ??
  PATHS[path.split('/').at(-1) ?? ''] ??
  badField('type', 'is none of detection_result, health_check and test');

/** The same, told from what was decoded: bodies carry pictures, and are not read twice. */
function restKind({ path }: WireMessage, decoded: Decoded | null): Kind {
  const byPath = PATHS[path.split('/').at(-1) ?? ''];
  if (byPath !== undefined || decoded === null) return byPath ?? 'detection';
  if (decoded.health !== null) return 'health';
  return decoded.events.length > 0 || decoded.reported !== null ? 'detection' : 'ping';
}

const DECODERS = {
  detection: decodeDetection,
  health: decodeHealth,
  registration: decodeRegistration,
  ping: decodePing,
} as const;

/** What an answer repeats, of a message that may not be decodable. */
function echoed(message: WireMessage): WireObject {
  try {
    const said = jsonOf(message);
    return isObject(said) ? said : {};
  } catch {
    // It is quarantined for that; the answer then repeats nothing.
    return {};
  }
}

const head = (body: Uint8Array): string => Buffer.from(body.subarray(0, 200)).toString('latin1');
const isTable = (body: Uint8Array): boolean => head(body).includes('"table"');
/** Only the later software of generation 1 looks into an answer; it names this table. */
const readsAnswers = (body: Uint8Array): boolean => /"table"\s*:\s*"lpr_detection"/.test(head(body));

export default defineDeviceFormat({
  id: 'predecessor',
  fields: {},
  transports: ['http', 'websocket', 'socketio', 'mqtt'],
  paths: [
    { method: 'GET', path: '/api/statistics' },
    { method: 'POST', path: '/api/statistics' },
    { method: 'GET', path: '/api/test' },
    { method: 'POST', path: '/api/detection' },
    { method: 'POST', path: '/api/health' },
    { method: 'POST', path: '/api/cameras/register' },
  ],
  socketio: [
    { namespace: '/', events: ['lpr_detection', 'edge_status', ...Object.keys(EVENTS)] },
    { namespace: '/lpr', events: ['lpr_detection'] },
  ],
  topics: ['detection', 'health', 'config', 'config/request', 'control/response'].map(
    (subject) => `lprserver/cameras/{device}/${subject}`,
  ),
  ignoredTopics: [
    'lprserver/cameras/{device}/#',
    'lprserver/checkpoints/#',
    'lprserver/system/#',
    'lprserver/blacklist/#',
  ],
  subscriptions: ['detection/ack', 'health/request', 'config', 'config/update', 'control'].map(
    (subject) => `lprserver/cameras/{device}/${subject}`,
  ),
  claims: ({ transport, body }) =>
    (transport === 'websocket' || transport === 'http') &&
    (isTable(body) || Buffer.from(body.buffer, body.byteOffset, body.length).includes('"aicamera_id"')),
  decode(message, { timeZone }) {
    switch (message.transport) {
      case 'mqtt':
        return decodeTopic(message);
      case 'socketio': {
        if (message.path === 'lpr_detection') return decodeFirst(message, timeZone);
        if (message.path === 'edge_status') return decodeEdgeStatus(message, timeZone);
        const kind = EVENTS[message.path] ?? badField('event', 'is none that these devices use');
        // A ping may carry nothing.
        const said = kind === 'ping' ? echoed(message) : objectAt(jsonOf(message), 'the event');
        return DECODERS[kind](said, { timeZone });
      }
      case 'websocket':
      case 'http': {
        if (message.method === 'GET') return NOTHING_DECODED;
        if (isTable(message.body)) return decodeTable(message, timeZone);
        const said = objectAt(jsonOf(message), 'body');
        return DECODERS[kindOf(message.path, said)](said, { timeZone });
      }
    }
  },
  reply(outcome, message, decoded) {
    switch (message.transport) {
      case 'mqtt':
        return answerTopic(outcome, message, textAt(echoed(message)['message_id']));
      case 'websocket':
        return answerText(outcome, readsAnswers(message.body));
      case 'socketio':
        if (message.path === 'lpr_detection') return answerFirst(outcome, decoded);
        if (message.path === 'edge_status') return answerStatus(outcome);
        return answerEvent(outcome, EVENTS[message.path] ?? 'ping', message, echoed(message));
      case 'http':
        return answerRest(outcome, restKind(message, decoded), message, decoded);
    }
  },
  tellSettings: settingsMessage,
});
