/** Anything that posts reads: JSON, JSON lines, XML or forms, in the hub's own names or in names that an integrator maps. */
import {
  badField,
  confidenceAt,
  countryCodeOf,
  defineDeviceFormat,
  isObject,
  manyOf,
  NOTHING_DECODED,
  numberAt,
  pictureAt,
  textAt,
  UNKNOWN_READ,
  type ConfigOf,
  type DeviceEvent,
  type DeviceHealth,
  type DeviceRead,
  type Outcome,
  type SeenVehicle,
  type WireReply,
} from '../../core/plugins/define.ts';
import { treeOf, valueAt } from './body.ts';
import { fields } from './fields.ts';
import { booleanAt, boxAt, candidatesAt, characterConfidencesAt, directionAt, timeAt } from './values.ts';

type Config = ConfigOf<typeof fields>;
/** Looks in the read first, then in its event, then in the whole message. */
type Look = (setting: PathSetting) => unknown;
type PathSetting = Exclude<
  keyof Config,
  'confidenceWhole' | 'dateOrder' | 'boxLayout' | 'boxUnit' | 'replyStatus' | 'replyBody'
>;

const MOST_EVENTS = 1_000;
const MOST_READS = 50;

const lookIn =
  (config: Config, ...trees: readonly unknown[]): Look =>
  (setting) => {
    for (const tree of trees) {
      const value = valueAt(tree, config[setting]);
      if (value !== undefined) return value;
    }
    return undefined;
  };

function vehicleOf(look: Look): SeenVehicle | null {
  const [type, make, model, colour] = (['vehicleType', 'vehicleMake', 'vehicleModel', 'vehicleColour'] as const).map(
    (setting) => textAt(look(setting)),
  );
  const all = { type: type ?? null, make: make ?? null, model: model ?? null, colour: colour ?? null };
  return Object.values(all).every((value) => value === null) ? null : all;
}

function motionOf(look: Look, config: Config): DeviceRead['motion'] {
  const all = {
    direction: directionAt(look('direction'), config.towardWords, config.awayWords),
    heading: numberAt(look('heading'), 'heading'),
    speed: numberAt(look('speed'), 'speed'),
    lane: textAt(look('lane')),
  };
  return Object.values(all).every((value) => value === null) ? null : all;
}

function readOf(look: Look, config: Config, frame: Uint8Array | null, coerced: string[]): DeviceRead {
  const whole = config.confidenceWhole === '1' ? 1 : 100;
  const text = textAt(look('plateNumber')) ?? '';
  const confidence = look('confidence');
  if (typeof confidence === 'string' && confidence !== '') coerced.push('confidence came as text');
  const country = look('countryCode');
  const countryCode = countryCodeOf(country);
  if (countryCode === null && textAt(country) !== null)
    coerced.push('countryCode is no code of ISO 3166-1 and was left out');
  return {
    ...UNKNOWN_READ,
    text,
    countryCode,
    province: textAt(look('issuingEntity')),
    confidence: text === '' ? null : confidenceAt(confidence, 'confidence', whole),
    characterConfidences: characterConfidencesAt(look('characters'), whole),
    candidates: candidatesAt(look('candidates'), whole),
    box: boxAt(look('box'), frame, { layout: config.boxLayout, unit: config.boxUnit }, coerced),
    patch: pictureAt(look('patch'), 'patch'),
    trackId: textAt(look('trackId')),
    isFinal: booleanAt(look('isFinal'), 'isFinal'),
    vehicle: vehicleOf(look),
    motion: motionOf(look, config),
  };
}

/** The list at a path; the tree itself when there is none. */
const listOr = (found: unknown, tree: unknown): readonly unknown[] => (found === undefined ? [tree] : manyOf(found));

function eventOf(tree: unknown, shared: readonly unknown[], config: Config, timeZone: string): DeviceEvent {
  const coerced: string[] = [];
  const look = lookIn(config, tree, ...shared);
  const frame = pictureAt(look('frame'), 'frame');
  const reads = listOr(valueAt(tree, config.reads), tree);
  if (reads.length > MOST_READS) badField('reads', `must hold at most ${MOST_READS}`);
  const looks = reads.map((read) => lookIn(config, read, tree, ...shared));
  const found = looks.filter((one) => one('plateNumber') !== undefined);
  // A picture without a plate is read by the hub's own engines.
  if (found.length < looks.length && (frame === null || found.length > 0)) {
    badField('plateNumber', `is missing: nothing lies at ${config.plateNumber}`);
  }
  return {
    eventKey: textAt(look('eventKey')),
    cameraRef: textAt(look('cameraRef')) ?? '',
    cameraName: textAt(look('cameraName')),
    capturedAt: timeAt(look('capturedAt'), 'capturedAt', config.dateOrder, timeZone, coerced),
    isLate: booleanAt(look('isLate'), 'isLate'),
    frame,
    pull: null,
    reads: found.map((one) => readOf(one, config, frame, coerced)),
    coerced,
  };
}

/** A message that is no read; flat values of it are told to people. */
const healthOf = (tree: unknown): DeviceHealth => ({
  isOnline: true,
  facts: Object.fromEntries(
    Object.entries(isObject(tree) ? tree : {})
      .filter((entry): entry is [string, string | number | boolean] =>
        /^(string|number|boolean)$/.test(typeof entry[1]),
      )
      .slice(0, 12)
      .map(([key, value]) => [key, typeof value === 'string' ? value.slice(0, 200) : value]),
  ),
  camerasDown: null,
  clock: null,
});

const idOf = (outcome: Outcome): string =>
  outcome.kind === 'stored' ? (outcome.frameIds[0] ?? '') : outcome.kind === 'held' ? outcome.heldId : '';

const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): WireReply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

export default defineDeviceFormat({
  id: 'generic',
  fields,
  transports: ['http'],
  // Bears no marker of its own: it is reached by its address alone.
  claims: () => false,
  decode(message, { config, timeZone }) {
    const root = treeOf(message);
    const deviceRef = textAt(valueAt(root, config.deviceRef)) ?? '';
    const isAlive = valueAt(root, config.heartbeat) !== undefined;
    if (isAlive && valueAt(root, config.plateNumber) === undefined && valueAt(root, config.events) === undefined) {
      return { ...NOTHING_DECODED, deviceRef, health: healthOf(root) };
    }
    const events = Array.isArray(root) ? (root as unknown[]) : listOr(valueAt(root, config.events), root);
    if (events.length === 0) badField('events', 'is an empty list');
    if (events.length > MOST_EVENTS) badField('events', `must hold at most ${MOST_EVENTS}`);
    // What stands beside the list is of all its events; a message that is the list has nothing beside it.
    const shared = Array.isArray(root) ? [] : [root];
    return { ...NOTHING_DECODED, deviceRef, events: events.map((event) => eventOf(event, shared, config, timeZone)) };
  },
  reply(outcome, _message, _decoded, config): WireReply {
    switch (outcome.kind) {
      case 'refused':
        return json(422, { status: 'refused', code: outcome.error.code, message: outcome.error.message });
      case 'later':
        return json(
          503,
          { status: 'later', code: outcome.error.code, message: outcome.error.message },
          { 'retry-after': String(outcome.retryAfterSeconds) },
        );
      default: {
        const status = config?.replyStatus ?? 200;
        const template = config?.replyBody ?? '';
        if (template !== '') {
          const body = template.replaceAll('{outcome}', outcome.kind).replaceAll('{id}', idOf(outcome));
          const type = /^\s*[[{]/.test(body) ? 'application/json' : 'text/plain; charset=utf-8';
          return { status, headers: { 'content-type': type }, body };
        }
        return outcome.kind === 'stored'
          ? json(status, { status: 'stored', frameIds: outcome.frameIds })
          : json(status, { status: 'held', heldId: outcome.heldId });
      }
    }
  },
});
