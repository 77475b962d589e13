/**
 * Plate Recognizer Stream and Snapshot webhooks, and what is sent to ParkPow: flat results and the newer nested ones, as JSON
 * or as a form with `json` and `upload`. Sources: guides.platerecognizer.com (Stream and Snapshot results), parkpow repository.
 */
import {
  at,
  badField,
  boxAt,
  confidenceAt,
  defineDeviceFormat,
  factsOf,
  instantAt,
  isObject,
  jsonOf,
  jsonReply,
  listAt,
  manyOf,
  NOTHING_DECODED,
  objectAt,
  pictureAt,
  pictureOf,
  refusalStatus,
  textAt,
  UNKNOWN_READ,
  type Decoded,
  type DeviceEvent,
  type DeviceRead,
  type SeenVehicle,
  type WireMessage,
  type WireObject,
} from '../../core/plugins/define.ts';

const READS = ['recognition', 'image.done'];

/** `us-ca`, `th`; empty when it does not know. */
function regionOf(code: unknown): Pick<DeviceRead, 'countryCode' | 'province'> {
  const [country = '', part = ''] = (textAt(code)?.toUpperCase() ?? '').split('-');
  return {
    countryCode: country === '' ? null : country,
    province: part === '' ? null : `${country}-${part}`,
  };
}

/** The first of a list: guesses come surest first. In the nested form a guess has `value` where the flat one names it. */
const first = (list: unknown, ...keys: readonly string[]): string | null => {
  const [guess] = manyOf(list);
  for (const key of keys) {
    const found = textAt(at(guess, key));
    if (found !== null) return found;
  }
  return null;
};

function vehicleOf(result: WireObject): SeenVehicle | null {
  const said = isObject(result['vehicle']) ? result['vehicle'] : {};
  const props = isObject(said['props']) ? said['props'] : result;
  const models = props['make_model'] ?? result['model_make'];
  const vehicle = {
    type: textAt(said['type']),
    make: first(models, 'make'),
    model: first(models, 'model'),
    colour: first(props['color'], 'value', 'color'),
  };
  return Object.values(vehicle).every((value) => value === null) ? null : vehicle;
}

/** The guesses at the text: `candidates` of the flat form, `plate.props.plate` of the nested one. */
function textsOf(result: WireObject, field: string): DeviceRead['candidates'] {
  const isFlat = typeof result['plate'] === 'string' || result['plate'] === undefined;
  const listed = isFlat ? result['candidates'] : at(result, 'plate.props.plate');
  const guesses = listAt(listed ?? [], `${field}.candidates`).flatMap((one) => {
    const text = textAt(at(one, 'plate')) ?? textAt(at(one, 'value'));
    return text === null ? [] : [{ text, confidence: confidenceAt(at(one, 'score'), `${field}.score`, 1) }];
  });
  const said = textAt(result['plate']);
  if (said === null) return guesses;
  const confidence = confidenceAt(result['score'], `${field}.score`, 1);
  return [{ text: said, confidence }, ...guesses.filter(({ text }) => text !== said)];
}

function readOf(value: unknown, field: string): DeviceRead {
  const result = objectAt(value, field);
  const candidates = textsOf(result, field);
  const [best] = candidates;
  const isNested = isObject(result['plate']);
  return {
    ...UNKNOWN_READ,
    text: best?.text ?? '',
    ...regionOf(isNested ? first(at(result, 'plate.props.region'), 'value') : at(result, 'region.code')),
    confidence: best?.confidence ?? null,
    candidates,
    // A vehicle without a plate has `plate: null`, and its own box is not the plate's.
    box: boxAt(
      isNested ? at(result, 'plate.box') : typeof result['plate'] === 'string' ? result['box'] : null,
      `${field}.box`,
    ),
    vehicle: vehicleOf(result),
    // `direction` is an angle within the picture, none of the compass.
    motion: null,
  };
}

function eventOf(data: WireObject, message: WireMessage): DeviceEvent | null {
  const reads = listAt(data['results'] ?? badField('results', 'is missing'), 'results').map((one, index) =>
    readOf(one, `results.${index}`),
  );
  // What goes to ParkPow has the picture within the JSON.
  const frame = pictureOf(message, 'upload') ?? pictureAt(data['image'], 'image');
  if (reads.length === 0 && frame === null) return null;
  return {
    // No webhook names its event, and `filename` may be that of any picture: the content is the key.
    eventKey: null,
    cameraRef: textAt(data['camera_id']) ?? textAt(data['camera']) ?? '',
    cameraName: null,
    // Snapshot writes UTC without saying so.
    capturedAt: instantAt(data['timestamp'] ?? data['timestamp_local'] ?? data['time'], 'timestamp', 'UTC'),
    ...{ isLate: false, frame, pull: null, reads, coerced: [] },
  };
}

/** Heartbeats and the like: that they came is the news. Their values are shown but for those that may hold a plate. */
function signOf(event: string, data: WireObject): Decoded['health'] {
  const plain = Object.entries(data).filter(([key, value]) => !/plate|result|file/i.test(key) && !isObject(value));
  return {
    isOnline: true,
    facts: { 'last event': event, ...(event.includes('heartbeat') ? factsOf(Object.fromEntries(plain)) : {}) },
    camerasDown: null,
    clock: null,
  };
}

export default defineDeviceFormat({
  id: 'plate-recognizer',
  fields: {},
  transports: ['http'],
  claims: ({ body, parts }) =>
    parts.some(({ name }) => name === 'json') ||
    (body.length > 0 &&
      ['"hook"', '"results"'].every((mark) => Buffer.from(body.buffer, body.byteOffset, body.length).includes(mark))),
  decode(message) {
    const said = objectAt(jsonOf(message, 'json'), 'body');
    const event = textAt(at(said, 'hook.event'));
    // Without the wrapping: results as Snapshot gives them to its caller, and as ParkPow takes them.
    const data = isObject(said['data']) ? said['data'] : said;
    if (event !== null && !READS.includes(event)) return { ...NOTHING_DECODED, health: signOf(event, data) };
    const found = eventOf(data, message);
    return { ...NOTHING_DECODED, events: found === null ? [] : [found] };
  },
  reply(outcome) {
    switch (outcome.kind) {
      case 'stored':
      case 'held':
        return jsonReply(200, { success: true });
      case 'refused':
        return jsonReply(refusalStatus(outcome.error), { success: false, message: outcome.error.message });
      case 'later':
        return jsonReply(
          503,
          { success: false, message: outcome.error.message },
          { 'retry-after': String(outcome.retryAfterSeconds) },
        );
    }
  },
});
