/**
 * Hikvision cameras that read plates and push them (ISAPI "HTTP listening"): XML alone, or a form of `anpr.xml` and
 * pictures. After messages of real cameras as published (parkpow/hikvision_lpr, and one camera in Thailand), and the
 * Device Network SDK (Traffic) developer guide, XML_EventNotificationAlert_ANPR.
 */
import {
  at,
  badField,
  choice,
  confidenceAt,
  defineDeviceFormat,
  instantAt,
  isObject,
  manyOf,
  NOTHING_DECODED,
  numberAt,
  objectAt,
  parseJson,
  pictureOf,
  pictureSize,
  textAt,
  textOf,
  UNKNOWN_READ,
  xmlOf,
  type Box,
  type Decoded,
  type DeviceEvent,
  type DeviceRead,
  type Outcome,
  type WireMessage,
  type WireObject,
  type WireReply,
} from '../../core/plugins/define.ts';
import { countryOfIndex, provinceOfState } from './codes.ts';

const fields = {
  /** Thousandths of the picture is what ISAPI says and what the published messages hold; some firmware gives pixels. */
  plateRect: choice(['auto', 'thousandths', 'pixels'], 'auto'),
};

type RectUnit = 'auto' | 'thousandths' | 'pixels';

/** What cameras write for a plate that they could not read. */
const UNREAD = /^(unknown|no ?plate|unlicensed|无车牌)$/i;

function documentOf(message: WireMessage): WireObject | null {
  const part = message.parts.find(
    ({ name, fileName, mediaType }) =>
      /\.xml$/i.test(fileName ?? name) || /\b(xml|json)\b/i.test(mediaType ?? '') || /^anpr$/i.test(name),
  );
  if (message.parts.length > 0 && part === undefined) badField('anpr.xml', 'is missing from the form');
  const [bytes, field] = part === undefined ? [message.body, 'body'] : [part.bytes, 'anpr.xml'];
  if (bytes.length === 0) return null;
  // Newer firmware can be set to JSON: the same names.
  const isJson = textOf(bytes.subarray(0, 1), field) === '{';
  const root = isJson ? objectAt(parseJson(textOf(bytes, field), field), field) : xmlOf(bytes, field);
  const alert = root['EventNotificationAlert'] ?? (isJson ? root : undefined);
  return objectAt(alert, 'EventNotificationAlert');
}

/** `dateTime` counts in seconds; the pictures' own time has the milliseconds of the same second. */
function capturedAtOf(alert: WireObject, pictures: readonly WireObject[], timeZone: string): Date | null {
  const time = instantAt(alert['dateTime'], 'dateTime', timeZone);
  if (time === null || time.getMilliseconds() !== 0) return time;
  const clock = /T(\d{2}):(\d{2}):(\d{2})/
    .exec(textAt(alert['dateTime']) ?? '')
    ?.slice(1)
    .join('');
  const exact = pictures
    .map((picture) => /^\d{8}(\d{6})(\d{3})$/.exec(textAt(picture['absTime']) ?? ''))
    .find((match) => match !== null && match[1] === clock);
  return exact ? new Date(time.getTime() + Number(exact[2])) : time;
}

interface Scene {
  readonly frame: Uint8Array | null;
  readonly info: WireObject | null;
}

/** The widest picture that came, with what the message says of it. A vehicle's own cut-out is better than none. */
function sceneOf(message: WireMessage, pictures: readonly WireObject[]): Scene {
  for (const kind of ['detectionPicture', 'vehiclePicture', 'compositePicture']) {
    const frame = pictureOf(message, `${kind}.jpg`, kind);
    const info = pictures.find((one) => one['type'] === kind || one['fileName'] === `${kind}.jpg`) ?? null;
    if (frame !== null) return { frame, info };
  }
  return { frame: null, info: null };
}

function boxOf(alert: WireObject, { frame, info }: Scene, unit: RectUnit, coerced: string[]): Box | null {
  const rect = info?.['plateRect'];
  if (!isObject(rect) || frame === null) return null;
  const numbers = ['X', 'Y', 'width', 'height'].map((key) =>
    numberAt(rect[key] ?? rect[key.toLowerCase()], `plateRect.${key}`),
  );
  const [x, y, width, height] = numbers;
  if (x == null || y == null || width == null || height == null || width <= 0 || height <= 0) return null;
  const size = pictureSize(frame);
  if (size === null) return null;
  const isThousandths = unit === 'thousandths' || (unit === 'auto' && x + width <= 1000 && y + height <= 1000);
  const whole = isThousandths
    ? { width: 1000, height: 1000 }
    : {
        width: numberAt(
          at(alert, 'detectionBackgroundImageResolution.width'),
          'detectionBackgroundImageResolution.width',
        ),
        height: numberAt(
          at(alert, 'detectionBackgroundImageResolution.height'),
          'detectionBackgroundImageResolution.height',
        ),
      };
  if (!whole.width || !whole.height) {
    coerced.push('plateRect left out: it is in pixels and detectionBackgroundImageResolution does not say of what');
    return null;
  }
  const [across, down] = [size.width / whole.width, size.height / whole.height];
  return [x * across, y * down, width * across, height * down].map(
    (value) => Math.round(value * 10) / 10,
  ) as unknown as Box;
}

/** Confidence of each character; only where there are as many as characters. */
function characterConfidencesOf(anpr: WireObject, text: string, coerced: string[]): readonly number[] {
  const said = textAt(anpr['plateCharBelieve']);
  if (said === null || text === '') return [];
  const values = said.split(',').map((one) => confidenceAt(one, 'plateCharBelieve', 100) ?? 0);
  if (values.length === Array.from(text).length) return values;
  coerced.push(`plateCharBelieve left out: ${values.length} values for ${Array.from(text).length} characters`);
  return [];
}

function placeOf(anpr: WireObject, coerced: string[]): Pick<DeviceRead, 'countryCode' | 'province'> {
  // Both hold the index of the country; 0 and the region codes of old firmware say nothing.
  const index = numberAt(anpr['CRIndex'] ?? anpr['country'], 'country') ?? 0;
  const countryCode = index === 0 ? null : countryOfIndex(index);
  if (index !== 0 && countryCode === null) coerced.push(`country ${index} is not in the table`);
  const state = numberAt(anpr['tailandStateID'] ?? anpr['thailandStateID'], 'tailandStateID') ?? 0;
  const province = state === 0 ? null : provinceOfState(state);
  if (state !== 0 && province === null) coerced.push(`tailandStateID ${state} is not in the table`);
  return { countryCode: countryCode ?? (province === null ? null : 'TH'), province };
}

const known = (value: unknown): string | null => {
  const text = textAt(value);
  return text === null || /^(unknown|other|0)$/i.test(text) ? null : text;
};

/** A camera that looks at the rear calls nearly every vehicle `reverse` (76,321 of 76,333 passings at a site in Thailand). */
const DIRECTIONS: Readonly<Record<string, 'toward' | 'away'>> = { forward: 'toward', reverse: 'away' };

function readOf(
  alert: WireObject,
  anpr: WireObject,
  message: WireMessage,
  scene: Scene,
  unit: RectUnit,
  coerced: string[],
): DeviceRead {
  const said = textAt(anpr['licensePlate']) ?? '';
  const text = UNREAD.test(said) ? '' : said;
  const speed = numberAt(at(anpr, 'vehicleInfo.speed') ?? anpr['speed'], 'speed');
  return {
    ...UNKNOWN_READ,
    text,
    ...placeOf(anpr, coerced),
    confidence: text === '' ? null : confidenceAt(anpr['confidenceLevel'], 'confidenceLevel', 100),
    characterConfidences: characterConfidencesOf(anpr, text, coerced),
    box: boxOf(alert, scene, unit, coerced),
    patch: pictureOf(message, 'licensePlatePicture.jpg', 'licensePlatePicture'),
    vehicle: {
      type: known(anpr['vehicleType']),
      // vehicleLogoRecog is a number whose table is not published.
      ...{ make: null, model: null },
      colour: known(at(anpr, 'vehicleInfo.color')),
    },
    motion: {
      direction: DIRECTIONS[textAt(anpr['direction']) ?? ''] ?? null,
      heading: null,
      speed: speed === 0 ? null : speed,
      lane: textAt(anpr['line'] ?? anpr['laneNo']),
    },
  };
}

const channelOf = (alert: WireObject): string => textAt(alert['channelID'] ?? alert['dynChannelID']) ?? '';

function eventOf(
  alert: WireObject,
  anpr: WireObject,
  message: WireMessage,
  unit: RectUnit,
  timeZone: string,
): DeviceEvent {
  const pictures = manyOf(at(anpr, 'pictureInfoList.pictureInfo') ?? anpr['pictureInfoList']).filter(isObject);
  const scene = sceneOf(message, pictures);
  const coerced: string[] = [];
  const read = readOf(alert, anpr, message, scene, unit, coerced);
  return {
    eventKey: textAt(alert['UUID']),
    cameraRef: channelOf(alert),
    cameraName: textAt(alert['channelName']),
    capturedAt: capturedAtOf(alert, pictures, timeZone),
    isLate: /^true$/i.test(String(alert['isDataRetransmission'])),
    frame: scene.frame,
    pull: null,
    reads: [read],
    coerced,
  };
}

/** Signs of life and other events. `videoloss` that is inactive is what cameras send as heartbeat. */
function healthOf(alert: WireObject, timeZone: string): Decoded['health'] {
  const type = textAt(alert['eventType']);
  const state = textAt(alert['eventState']);
  return {
    isOnline: true,
    facts: { event: type, state, channel: textAt(alert['channelName']), address: textAt(alert['ipAddress']) },
    camerasDown: type === 'videoloss' ? (state === 'active' ? [channelOf(alert)] : []) : null,
    clock: instantAt(alert['dateTime'], 'dateTime', timeZone),
  };
}

export default defineDeviceFormat({
  id: 'hikvision',
  fields,
  transports: ['http'],
  claims: ({ parts, body }) =>
    parts.some(({ name, fileName }) => name === 'anpr.xml' || fileName === 'anpr.xml') ||
    Buffer.from(body.subarray(0, 400)).includes('<EventNotificationAlert'),
  decode(message, { config, timeZone }) {
    const alert = documentOf(message);
    // The camera's own button "Test" sends nothing but the request.
    if (alert === null)
      return { ...NOTHING_DECODED, health: { isOnline: true, facts: {}, camerasDown: null, clock: null } };
    const device = {
      deviceRef: textAt(alert['macAddress'])?.toLowerCase() ?? textAt(alert['deviceUUID']) ?? '',
      deviceName: textAt(alert['deviceUUID']) ?? textAt(alert['channelName']),
    };
    const anpr = alert['ANPR'];
    return isObject(anpr)
      ? { ...NOTHING_DECODED, ...device, events: [eventOf(alert, anpr, message, config.plateRect, timeZone)] }
      : textAt(alert['eventType']) === 'ANPR'
        ? badField('ANPR', 'is missing')
        : { ...NOTHING_DECODED, ...device, health: healthOf(alert, timeZone) };
  },
  reply(outcome: Outcome): WireReply {
    // Any 2xx is taken as "arrived"; with automatic replenishment on, anything else is sent again.
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    if (outcome.kind !== 'later') return { status: 200, headers, body: 'OK' };
    return {
      status: 503,
      headers: { ...headers, 'retry-after': String(outcome.retryAfterSeconds) },
      body: outcome.error.message,
    };
  },
});
