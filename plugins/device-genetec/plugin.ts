/**
 * Genetec SharpV (the HTTP extension of SharpOS) in both of its forms: `Plate` with `Attributes` (parkpow/genetec), and
 * `PlateRead` with `PlateAnalytics`, as JSON or XML (SharpOS Administrator Guide 11.5). Both write UTC.
 */
import {
  badField,
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
  textAt,
  textOf,
  UNKNOWN_READ,
  xmlOf,
  type DeviceEvent,
  type WireMessage,
  type WireObject,
  type WireReply,
} from '../../core/plugins/define.ts';

function bodyOf(message: WireMessage): WireObject {
  const isXml = message.parts.length === 0 && textOf(message.body.subarray(0, 1)) === '<';
  if (!isXml) return objectAt(jsonOf(message, 'json'), 'body');
  return objectAt(xmlOf(message.body)['Plate'], 'Plate');
}

/** What the camera knows beside the plate, by name, from either form. A dash says nothing. */
function analyticsOf(body: WireObject): ReadonlyMap<string, string> {
  const wrapped = isObject(body['PlateAnalytics']) ? body['PlateAnalytics']['PlateAnalytics'] : body['PlateAnalytics'];
  const listed = manyOf(wrapped)
    .filter(isObject)
    .map(({ Key, Value }) => [textAt(Key), textAt(Value)] as const);
  const attributes = isObject(body['Attributes']) ? Object.entries(body['Attributes']) : [];
  const all = [...attributes.map(([key, value]) => [key, textAt(value)] as const), ...listed];
  return new Map(
    all.filter((entry): entry is [string, string] => entry[0] !== null && entry[1] !== null && !/^-*$/.test(entry[1])),
  );
}

/** `dd/MM/yyyy` and `HH:mm:ss`, in UTC. */
function instantOfParts(body: WireObject): Date | null {
  const date = textAt(body['DateUtc']);
  if (date === null) return null;
  const [, day, month, year] =
    /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(date) ?? badField('DateUtc', 'must be a date such as 31/12/2026');
  return instantAt(`${year}-${month}-${day} ${textAt(body['TimeUtc']) ?? ''}`, 'TimeUtc', 'UTC');
}

/** 0..1 of 100; -1 says that it was not measured. */
function confidenceOf(said: unknown): number | null {
  const number = numberAt(said, 'ConfidenceScore');
  return number === null || number < 0 || number > 100 ? null : number / 100;
}

const directionOf = (said: string | undefined): 'toward' | 'away' | null =>
  said === undefined ? null : /away|leav/i.test(said) ? 'away' : /approach|toward|closer/i.test(said) ? 'toward' : null;

const UNREAD = /^(no ?plate|unknown|-+)$/i;

function eventOf(body: WireObject): DeviceEvent {
  const known = analyticsOf(body);
  const said = textAt(body['Plate'] ?? body['PlateRead']) ?? '';
  const text = UNREAD.test(said) ? '' : said;
  const direction = directionOf(known.get('Relative Motion'));
  const vehicle = {
    type: known.get('Vehicle Type') ?? null,
    make: known.get('Vehicle Make') ?? null,
    model: known.get('Vehicle Model') ?? null,
    colour: known.get('Vehicle Color') ?? null,
  };
  return {
    eventKey: textAt(body['Id']),
    cameraRef: textAt(body['LprCameraName'] ?? body['CameraName']) ?? '',
    cameraName: textAt(body['LprCameraName'] ?? body['CameraName']),
    capturedAt: instantOfParts(body) ?? instantAt(body['Timestamp'], 'Timestamp', 'UTC'),
    isLate: false,
    // From the context camera, which looks wider than the one that read: there is no box in it.
    frame: pictureAt(body['ContextImage'], 'ContextImage'),
    pull: null,
    reads: [
      {
        ...UNKNOWN_READ,
        text,
        countryCode: countryCodeOf(known.get('Context')),
        province: textAt(body['State']) ?? known.get('State Name') ?? null,
        confidence: text === '' ? null : confidenceOf(body['ConfidenceScore'] ?? known.get('Confidence Score')),
        patch: pictureAt(body['PlateImage'], 'PlateImage'),
        vehicle: Object.values(vehicle).every((value) => value === null) ? null : vehicle,
        motion: direction === null ? null : { direction, heading: null, speed: null, lane: null },
      },
    ],
    coerced: [],
  };
}

export default defineDeviceFormat({
  id: 'genetec',
  fields: {},
  transports: ['http'],
  claims: ({ body }) => {
    const text = Buffer.from(body.subarray(0, 4_000)).toString('latin1');
    return /"PlateAnalytics"|<PlateAnalytics>|"DateUtc"/.test(text);
  },
  decode(message) {
    const body = bodyOf(message);
    if (body['Plate'] === undefined && body['PlateRead'] === undefined)
      badField('Plate', 'is missing, and so is PlateRead');
    const unit = textAt(body['SourceUrl']);
    return { ...NOTHING_DECODED, deviceRef: unit ?? '', deviceName: unit, events: [eventOf(body)] };
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
