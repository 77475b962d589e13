/**
 * Milesight LPR cameras posting JSON (their article 69000880498; the parking body as a published receiver reads it). One
 * address gets several kinds of bodies, told apart by their fields: plates and violations carry a plate, counting and parking
 * do not. Names are written in several ways (`Vehicle Brand`, `vehicle_color`).
 */
import {
  boxOfCorners,
  countryCodeOf,
  defineDeviceFormat,
  instantAt,
  jsonOf,
  NOTHING_DECODED,
  numberAt,
  objectAt,
  pictureAt,
  pictureSize,
  textAt,
  UNKNOWN_READ,
  type Box,
  type DeviceEvent,
  type DeviceHealth,
  type WireMessage,
  type WireObject,
  type WireReply,
} from '../../core/plugins/define.ts';

/** By names without blanks, dashes, underscores and capitals. */
const named = (body: WireObject): WireObject =>
  Object.fromEntries(Object.entries(body).map(([key, value]) => [key.toLowerCase().replace(/[ _-]/g, ''), value]));

/** Null for the words and dashes that say nothing. */
const known = (said: unknown): string | null => {
  const text = textAt(said);
  return text === null || /^(unknown|none|n\/a|-+)$/i.test(text) ? null : text;
};
const numberOf = (said: unknown, field: string): number | null =>
  known(said) === null ? null : numberAt(known(said), field);

/** 0..1; one of 100 is understood. */
function confidenceOf(said: unknown, coerced: string[]): number | null {
  const number = numberOf(said, 'confidence');
  if (number === null || number < 0 || number > 100) return null;
  if (number <= 1) return number;
  coerced.push('confidence came as one of 100');
  return number / 100;
}

/** Corners in pixels of `resolution_width` x `resolution_height`. */
function boxOf(body: WireObject, frame: Uint8Array | null, coerced: string[]): Box | null {
  const [x1, y1, x2, y2] = ['x1', 'y1', 'x2', 'y2'].map((key) =>
    numberOf(body[`coordinate${key}`], `coordinate_${key}`),
  );
  const size = frame === null ? null : pictureSize(frame);
  if (x1 == null || y1 == null || x2 == null || y2 == null || size === null || x1 === x2 || y1 === y2) return null;
  const width = numberOf(body['resolutionwidth'], 'resolution_width');
  const height = numberOf(body['resolutionheight'], 'resolution_height');
  if (!width || !height) {
    coerced.push('coordinates left out: the message does not say of what resolution');
    return null;
  }
  const [across, down] = [size.width / width, size.height / height];
  return boxOfCorners(x1 * across, y1 * down, x2 * across, y2 * down);
}

const DIRECTIONS: Readonly<Record<string, 'toward' | 'away'>> = { approach: 'toward', away: 'away' };
const UNREAD = /^no plates?$/i;

function eventOf(body: WireObject, timeZone: string): DeviceEvent {
  const coerced: string[] = [];
  const said = textAt(body['plate'] ?? body['licenseplate']) ?? '';
  const text = UNREAD.test(said) ? '' : said;
  const frame =
    pictureAt(body['fullimage'], 'full_image') ??
    pictureAt(body['evidenceimage0'], 'evidence_image0') ??
    pictureAt(body['evidenceimage1'], 'evidence_image1');
  const region = known(body['region']);
  const countryCode = countryCodeOf(region);
  if (region !== null && countryCode === null) coerced.push('region is no country code and was left out');
  const time = known(body['timemsec']) === null ? (['time', 'time'] as const) : (['timemsec', 'time_msec'] as const);
  return {
    eventKey: null,
    cameraRef: '',
    cameraName: null,
    capturedAt: instantAt(body[time[0]], time[1], timeZone),
    isLate: false,
    frame,
    pull: null,
    reads: [
      {
        ...UNKNOWN_READ,
        text,
        countryCode,
        confidence: text === '' ? null : confidenceOf(body['confidence'], coerced),
        box: boxOf(body, frame, coerced),
        patch: pictureAt(body['plateimage'], 'plate_image'),
        vehicle: {
          type: known(body['vehicletype']),
          make: known(body['vehiclebrand']),
          model: known(body['vehiclemodel']),
          colour: known(body['vehiclecolor'] ?? body['vehiclecolour']),
        },
        motion: {
          direction: DIRECTIONS[(textAt(body['direction']) ?? '').toLowerCase()] ?? null,
          heading: null,
          // Without radar cameras write 0.
          speed: numberOf(body['speed'], 'speed') || null,
          lane: known(body['detectionregion'] ?? body['lane']),
        },
      },
    ],
    coerced,
  };
}

/** Counting, parking and tests: what is short enough for people. */
const healthOf = (body: WireObject): DeviceHealth => ({
  isOnline: true,
  facts: Object.fromEntries(
    Object.entries(body)
      .map(([key, value]) => [key, textAt(value)] as const)
      .filter(([key, value]) => value !== null && value.length <= 60 && !/image|snapshot|coordinate|frame/i.test(key))
      .slice(0, 12),
  ),
  camerasDown: null,
  clock: null,
});

/** Names that cameras have when nobody gave them one: not an identity. */
const DEFAULT_NAME = /^(network camera|ip ?camera|lpr( camera)?|milesight)$/i;

const bodyOf = (message: WireMessage): WireObject =>
  // It can be set to GET: the same names in the address.
  message.body.length === 0 && message.parts.length === 0 ? message.query : objectAt(jsonOf(message, 'json'), 'body');

export default defineDeviceFormat({
  id: 'milesight',
  fields: {},
  transports: ['http'],
  claims: ({ body }) => {
    const text = Buffer.from(body.subarray(0, 2_000)).toString('latin1');
    return (
      text.includes('"detection_region"') || (text.includes('"resolution_width"') && text.includes('"coordinate_x1"'))
    );
  },
  decode(message, { timeZone }) {
    const said = bodyOf(message);
    const body = named(said);
    const name = textAt(body['device'] ?? body['devicename']);
    const device = {
      deviceRef: textAt(body['mac'] ?? body['sn']) ?? (name === null || DEFAULT_NAME.test(name) ? '' : name),
      deviceName: name,
    };
    return body['plate'] !== undefined || body['licenseplate'] !== undefined
      ? { ...NOTHING_DECODED, ...device, events: [eventOf(body, timeZone)] }
      : { ...NOTHING_DECODED, ...device, health: healthOf(said) };
  },
  reply(outcome): WireReply {
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    if (outcome.kind !== 'later') return { status: 200, headers, body: 'OK' };
    return {
      status: 503,
      headers: { ...headers, 'retry-after': String(outcome.retryAfterSeconds) },
      body: outcome.error.message,
    };
  },
});
