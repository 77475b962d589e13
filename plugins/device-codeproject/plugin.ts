/**
 * Blue Iris with CodeProject.AI, as it posts alerts to ALPR-Database: `POST /api/plate-reads`, the token in `x-api-key`. What
 * the recogniser saw comes as its own JSON in `ai_dump`, as JSON or as JSON within a text.
 */
import {
  badField,
  boxOfCorners,
  confidenceAt,
  defineDeviceFormat,
  instantAt,
  isObject,
  jsonOf,
  listAt,
  manyOf,
  NOTHING_DECODED,
  numberAt,
  objectAt,
  pictureAt,
  pictureSize,
  textAt,
  UNKNOWN_READ,
  type Box,
  type DeviceRead,
  type WireObject,
  type WireReply,
} from '../../core/plugins/define.ts';

function boxOf(prediction: WireObject, field: string, frame: Uint8Array | null, coerced: string[]): Box | null {
  const [x1, y1, x2, y2] = ['x_min', 'y_min', 'x_max', 'y_max'].map((key) =>
    numberAt(prediction[key], `${field}.${key}`),
  );
  const size = frame === null ? null : pictureSize(frame);
  if (x1 == null || y1 == null || x2 == null || y2 == null || size === null) return null;
  if (x2 > size.width || y2 > size.height) {
    coerced.push('a place was left out: it lies outside of the picture that was sent');
    return null;
  }
  return boxOfCorners(x1, y1, x2, y2);
}

function readsOf(body: WireObject, frame: Uint8Array | null, coerced: string[]): readonly DeviceRead[] {
  const dump = body['ai_dump'];
  // Blue Iris fills in nothing where the AI said nothing.
  const entries = dump === undefined || dump === null || dump === '' ? [] : listAt(dump, 'ai_dump');
  const predictions = entries.flatMap((entry, place) => {
    if (!isObject(entry) || (entry['api'] !== undefined && entry['api'] !== 'alpr')) return [];
    const found = isObject(entry['found']) ? entry['found'] : entry;
    return manyOf(found['predictions']).map((one, at) => [one, `ai_dump.${place}.predictions.${at}`] as const);
  });
  const reads = predictions.flatMap(([one, field]) => {
    const prediction = objectAt(one, field);
    const text = textAt(prediction['plate']);
    if (text === null) return [];
    return [
      {
        ...UNKNOWN_READ,
        text,
        confidence: confidenceAt(prediction['confidence'], `${field}.confidence`, 1),
        box: boxOf(prediction, field, frame, coerced),
      },
    ];
  });
  // An older form of the same post, with the plates as text.
  const named = textAt(body['plate_number']);
  return reads.length > 0 || named === null ? reads : named.split(/[,\s]+/).map((text) => ({ ...UNKNOWN_READ, text }));
}

export default defineDeviceFormat({
  id: 'codeproject',
  fields: {},
  transports: ['http'],
  paths: [{ method: 'POST', path: '/api/plate-reads' }],
  claims: ({ path, body }) => path === '/api/plate-reads' || Buffer.from(body.subarray(0, 400)).includes('"ai_dump"'),
  decode(message, { timeZone }) {
    const body = objectAt(jsonOf(message), 'body');
    const coerced: string[] = [];
    const frame = pictureAt(body['Image'], 'Image');
    const reads = readsOf(body, frame, coerced);
    if (body['ai_dump'] === undefined && reads.length === 0) badField('ai_dump', 'is missing');
    // An alert without a plate (a person, a cat) is nothing to keep.
    if (reads.length === 0) return NOTHING_DECODED;
    return {
      ...NOTHING_DECODED,
      events: [
        {
          // One alert is posted several times while it lasts, each time with other predictions: the content is the key.
          eventKey: null,
          cameraRef: textAt(body['camera']) ?? '',
          cameraName: textAt(body['camera']),
          capturedAt: instantAt(body['timestamp'], 'timestamp', timeZone),
          isLate: false,
          frame,
          pull: null,
          reads,
          coerced,
        },
      ],
    };
  },
  reply(outcome): WireReply {
    const headers = { 'content-type': 'application/json' };
    const answer = (status: number, message: string, more = {}): WireReply => ({
      status,
      headers: { ...headers, ...more },
      body: JSON.stringify({ message }),
    });
    switch (outcome.kind) {
      case 'stored':
        return answer(201, 'stored');
      case 'held':
        return answer(202, 'held');
      case 'refused':
        return answer(422, outcome.error.message);
      default:
        return answer(503, outcome.error.message, { 'retry-after': String(outcome.retryAfterSeconds) });
    }
  },
});
