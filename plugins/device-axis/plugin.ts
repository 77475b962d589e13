/**
 * AXIS License Plate Verifier and its kin (FF Group) pushing events over HTTP: a form of `event` (JSON in which all numbers
 * are texts) and `image`, or JSON with pictures inside. After the event of a real camera (parkpow/axis-lpr) and the maker's
 * list of fields. A vehicle is told as `new`, then `update`s, then `lost` some seconds after it was last seen.
 */
import {
  at,
  boxOfCorners,
  countryCodeOf,
  defineDeviceFormat,
  instantAt,
  isObject,
  jsonOf,
  manyOf,
  NOTHING_DECODED,
  numberAt,
  objectAt,
  pictureAt,
  pictureOf,
  pictureSize,
  secret,
  text,
  textAt,
  UNKNOWN_READ,
  url,
  type Box,
  type DeviceEvent,
  type FormatContext,
  type WireMessage,
  type WireObject,
  type WireReply,
} from '../../core/plugins/define.ts';

/** Where pictures are asked for that did not come along. */
const fields = { address: url(), username: text(), password: secret() };

/** Counted in ms, in some versions in µs or ns. */
function instantOfCount(said: unknown): Date | null {
  const digits = textAt(said);
  if (digits === null || !/^\d{13,19}$/.test(digits)) return null;
  return new Date(Number(digits.slice(0, 13)));
}

/** `20210611 130538252`, with the zone behind it in newer versions. */
function instantOfClock(said: unknown, timeZone: string): Date | null {
  const match = /^(\d{8}) (\d{6})(\d{3})\s*([+-]\d{4})?$/.exec(textAt(said) ?? '');
  if (match === null) return instantAt(said, 'datetime', timeZone);
  const [, day, clock, ms, zone = ''] = match;
  return instantAt(`${day}_${clock}.${ms}${zone}`, 'datetime', timeZone);
}

interface Pictures {
  readonly frame: Uint8Array | null;
  readonly patch: Uint8Array | null;
}

const KINDS: Readonly<Record<string, keyof Pictures>> = {
  plate: 'patch',
  frame: 'frame',
  vehicle: 'frame',
  mmrcrop: 'frame',
};

/** An image that is about as large as the plate is the plate's. */
function isOfPlate(image: Uint8Array, [, , width, height]: readonly number[]): boolean {
  const size = pictureSize(image);
  return (
    size !== null && width !== undefined && height !== undefined && size.width <= 2 * width && size.height <= 3 * height
  );
}

function picturesOf(event: WireObject, message: WireMessage, coordinates: readonly number[]): Pictures {
  const inside = manyOf(event['ImageArray']).filter(isObject);
  const found: { frame: Uint8Array | null; patch: Uint8Array | null } = { frame: null, patch: null };
  for (const [place, one] of inside.entries()) {
    const kind = KINDS[(textAt(one['ImageType']) ?? '').toLowerCase()] ?? 'frame';
    found[kind] ??= pictureAt(one['BinaryImage'], `ImageArray.${place}.BinaryImage`);
  }
  const image = pictureOf(message, 'image', 'image.jpg');
  if (image !== null) {
    const said = KINDS[(textAt(event['imageType']) ?? '').toLowerCase()];
    found[said ?? (isOfPlate(image, coordinates) ? 'patch' : 'frame')] ??= image;
  }
  return found;
}

/** Left, top, width, height in pixels of the camera's frame. */
function boxOf([x, y, width, height]: readonly number[], frame: Uint8Array | null, coerced: string[]): Box | null {
  const size = frame === null ? null : pictureSize(frame);
  if (x === undefined || y === undefined || width === undefined || height === undefined || size === null) return null;
  if (x + width > size.width || y + height > size.height) {
    coerced.push('plateCoordinates left out: they lie outside of the picture that was sent');
    return null;
  }
  return boxOfCorners(x, y, x + width, y + height);
}

/** 0..1; one of 100 is understood. */
function confidenceOf(said: unknown, coerced: string[]): number | null {
  const number = numberAt(said, 'plateConfidence');
  if (number === null || number < 0 || number > 100) return null;
  if (number <= 1) return number;
  coerced.push('plateConfidence came as one of 100');
  return number / 100;
}

const DIRECTIONS: Readonly<Record<string, 'toward' | 'away'>> = { in: 'toward', out: 'away' };
const known = (said: unknown): string | null => {
  const text = textAt(said);
  return text === null || /^unk/i.test(text) ? null : text;
};

function eventOf(
  event: WireObject,
  message: WireMessage,
  { config, timeZone }: FormatContext<typeof fields>,
): DeviceEvent {
  const coerced: string[] = [];
  const coordinates = manyOf(event['plateCoordinates']).map(
    (one, place) => numberAt(one, `plateCoordinates.${place}`) ?? NaN,
  );
  const { frame, patch } = picturesOf(event, message, coordinates);
  const plate = textAt(event['plateUTF8'] ?? event['plateUnicode'] ?? event['plateText'] ?? event['plateASCII']) ?? '';
  const capturedAt = instantOfCount(event['capture_timestamp']) ?? instantOfClock(event['datetime'], timeZone);
  const carId = textAt(event['carID']);
  const state = (textAt(event['carState']) ?? '').toLowerCase();
  const [image] = manyOf(event['imagesURI']).map(textAt);
  const vehicle = isObject(event['vehicle_info']) ? event['vehicle_info'] : {};
  return {
    // Counters begin anew with the camera; with the time they do not come again.
    eventKey:
      carId === null || capturedAt === null
        ? null
        : `${carId}.${state}.${textAt(event['packetCounter']) ?? ''}@${capturedAt.getTime()}`,
    cameraRef: '',
    cameraName: null,
    capturedAt,
    isLate: false,
    frame,
    // Not asked for where nobody said where to ask.
    pull:
      frame === null && config.address !== '' && typeof image === 'string' && image.startsWith('/')
        ? { path: image, afterMs: 0 }
        : null,
    reads: [
      {
        ...UNKNOWN_READ,
        text: plate,
        countryCode: countryCodeOf(event['plateCountry']),
        confidence: plate === '' ? null : confidenceOf(event['plateConfidence'], coerced),
        box: boxOf(coordinates, frame, coerced),
        patch,
        trackId: carId,
        isFinal: state === 'lost',
        vehicle: {
          type: known(vehicle['type']),
          make: known(vehicle['make'] ?? vehicle['brand']),
          model: known(vehicle['model']),
          colour: known(vehicle['color']),
        },
        motion: {
          direction: DIRECTIONS[(textAt(event['carMoveDirection']) ?? '').toLowerCase()] ?? null,
          ...{ heading: null, speed: null },
          lane: textAt(event['roiID']),
        },
      },
    ],
    coerced,
  };
}

const MARKERS = ['plateUTF8', 'plateText', 'plateASCII', 'plateUnicode'];

export default defineDeviceFormat({
  id: 'axis',
  fields,
  transports: ['http'],
  claims: ({ parts, body }) => {
    const event = parts.find(({ name }) => name === 'event')?.bytes ?? body;
    const text = Buffer.from(event.subarray(0, 4_000)).toString('latin1');
    return text.includes('"carState"') && MARKERS.some((marker) => text.includes(`"${marker}"`));
  },
  decode(message, context) {
    const event = objectAt(jsonOf(message, 'event'), 'event');
    const device = {
      deviceRef: textAt(at(event, 'camera_info.SerialNumber')) ?? textAt(at(event, 'camera_info.MACAddress')) ?? '',
      deviceName: textAt(at(event, 'camera_info.ProdShortName')),
    };
    if (MARKERS.some((marker) => event[marker] !== undefined)) {
      return { ...NOTHING_DECODED, ...device, events: [eventOf(event, message, context)] };
    }
    // The heartbeat service: whatever it tells, the camera lives.
    return { ...NOTHING_DECODED, ...device, health: { isOnline: true, facts: {}, camerasDown: null, clock: null } };
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
