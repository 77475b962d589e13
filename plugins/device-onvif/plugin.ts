/**
 * ONVIF events `tns1:RuleEngine/Recognition/LicensePlate` (onvif/specs, Analytics) as WS-BaseNotification: pushed by HTTP,
 * and what a pull point answers. Several notifications may come in one message.
 */
import {
  at,
  badField,
  countryCodeOf,
  defineDeviceFormat,
  instantAt,
  isObject,
  manyOf,
  NOTHING_DECODED,
  numberAt,
  pictureAt,
  pictureSize,
  secret,
  text,
  textAt,
  UNKNOWN_READ,
  url,
  xmlOf,
  type Box,
  type DeviceEvent,
  type DeviceRead,
  type WireObject,
  type WireReply,
} from '../../core/plugins/define.ts';

const TOPIC = /RuleEngine\/Recognition\/LicensePlate$/;

/** Text of an element that may bear attributes. */
const textOfElement = (element: unknown): string | null => textAt(isObject(element) ? element['#text'] : element);

interface Notification {
  readonly topic: string;
  readonly producer: string;
  readonly message: WireObject;
  readonly source: ReadonlyMap<string, unknown>;
  readonly data: ReadonlyMap<string, unknown>;
}

/** Items by name: values of simple ones, the content of the others. */
function itemsOf(part: unknown): ReadonlyMap<string, unknown> {
  const items = new Map<string, unknown>();
  const list = (kind: string): readonly WireObject[] =>
    manyOf(isObject(part) ? part[kind] : undefined).filter(isObject);
  for (const item of list('SimpleItem')) items.set(textAt(item['@Name']) ?? '', item['@Value']);
  for (const item of list('ElementItem')) items.set(textAt(item['@Name']) ?? '', item);
  return items;
}

function notificationsOf(root: WireObject): readonly Notification[] {
  const bodies = [
    at(root, 'Envelope.Body.Notify'),
    at(root, 'Envelope.Body.PullMessagesResponse'),
    at(root, 'MetadataStream.Event'),
    root['Notify'],
  ];
  const list = bodies.flatMap((body) => manyOf(at(body, 'NotificationMessage'))).filter(isObject);
  if (list.length === 0 && bodies.every((body) => body === undefined)) {
    badField('Envelope.Body', 'has neither Notify nor PullMessagesResponse');
  }
  return list.map((one) => {
    const message = at(one, 'Message.Message');
    return {
      topic: textOfElement(one['Topic']) ?? '',
      producer: textOfElement(at(one, 'ProducerReference.Address')) ?? '',
      message: isObject(message) ? message : {},
      source: itemsOf(at(message, 'Source')),
      data: itemsOf(at(message, 'Data')),
    };
  });
}

/** An element item holds its value in an element of the same name, or in itself. */
function elementOf(data: ReadonlyMap<string, unknown>, name: string): WireObject {
  const item = data.get(name);
  const inner = isObject(item) ? item[name] : undefined;
  return isObject(inner) ? inner : isObject(item) ? item : {};
}

const likelihood = (said: unknown, field: string): number | null => {
  const number = numberAt(said, field);
  return number === null || number < 0 || number > 1 ? null : number;
};

/** ONVIF measures from -1 (left, bottom) to 1 (right, top). */
function boxOf(data: ReadonlyMap<string, unknown>, scene: Uint8Array | null): Box | null {
  const said = elementOf(data, 'BoundingBox');
  const size = scene === null ? null : pictureSize(scene);
  const [left, top, right, bottom] = ['left', 'top', 'right', 'bottom'].map((edge) =>
    numberAt(said[`@${edge}`], `BoundingBox.${edge}`),
  );
  if (left == null || top == null || right == null || bottom == null || size === null) return null;
  const tenths = (value: number): number => Math.round(value * 10) / 10;
  return [
    tenths(((left + 1) / 2) * size.width),
    tenths(((1 - top) / 2) * size.height),
    tenths(((right - left) / 2) * size.width),
    tenths(((top - bottom) / 2) * size.height),
  ];
}

/** Narrower than any scene worth keeping. */
const PLATE_WIDTH = 400;

/** The specification leaves open whether `Image` is the plate or the scene: its size tells. */
function picturesOf(data: ReadonlyMap<string, unknown>): {
  scene: Uint8Array | null;
  patch: Uint8Array | null;
  vehicle: Uint8Array | null;
} {
  const image = pictureAt(data.get('Image'), 'Image');
  const vehicle = pictureAt(data.get('VehicleImage'), 'VehicleImage');
  const width = image === null ? null : (pictureSize(image)?.width ?? null);
  const isPlate = width !== null && width < PLATE_WIDTH;
  return { scene: isPlate ? null : image, patch: isPlate ? image : null, vehicle };
}

function vehicleOf(data: ReadonlyMap<string, unknown>): DeviceRead['vehicle'] {
  const said = elementOf(data, 'VehicleInfo');
  const [type, make, model, colour] = ['Type', 'Brand', 'Model', 'Color'].map((name) => textOfElement(said[name]));
  return type || make || model || colour
    ? { type: type ?? null, make: make ?? null, model: model ?? null, colour: colour ?? null }
    : null;
}

function eventOf({ message, source, data }: Notification, timeZone: string, isAsked: boolean): DeviceEvent | null {
  const info = elementOf(data, 'LicensePlateInfo');
  const plate = info['PlateNumber'];
  // Mandatory by the specification; an event without it tells of no plate.
  if (plate === undefined) return null;
  const capturedAt = instantAt(message['@UtcTime'], 'Message.UtcTime', timeZone);
  const { scene, patch, vehicle } = picturesOf(data);
  const [rule, object] = [textAt(source.get('Rule')), textAt(data.get('ObjectId'))];
  const number = textOfElement(plate) ?? '';
  const said = isObject(plate) ? plate['@Likelihood'] : undefined;
  const speed = numberAt(data.get('Speed'), 'Speed');
  const imageUri = textAt(data.get('VehicleImageURI')) ?? textAt(data.get('ImageURI'));
  const frame = scene ?? vehicle;
  const path =
    imageUri !== null && URL.canParse(imageUri) ? pathOf(imageUri) : imageUri?.startsWith('/') ? imageUri : null;
  return {
    eventKey: object === null || capturedAt === null ? null : `${rule ?? ''}.${object}@${capturedAt.getTime()}`,
    cameraRef: textAt(source.get('VideoSource') ?? source.get('VideoSourceConfigurationToken')) ?? '',
    cameraName: null,
    capturedAt,
    isLate: false,
    frame,
    // Not asked for where nobody said where to ask; cameras that are asked anyway are known.
    pull: frame === null && path !== null && isAsked ? { path, afterMs: 0 } : null,
    reads: [
      {
        ...UNKNOWN_READ,
        text: number,
        countryCode: countryCodeOf(textOfElement(info['CountryCode'])),
        province: textOfElement(info['IssuingEntity']),
        confidence: number === '' ? null : likelihood(said ?? data.get('Likelihood'), 'PlateNumber.Likelihood'),
        box: boxOf(data, scene),
        patch,
        trackId: object,
        isFinal: message['@PropertyOperation'] === 'Deleted',
        vehicle: vehicleOf(data),
        // Metres a second. Which way `Direction` counts is left to the maker: it is not taken.
        motion:
          speed === null ? null : { direction: null, heading: null, speed: Math.round(speed * 36) / 10, lane: null },
      },
    ],
    coerced: [],
  };
}

/** Pictures are asked of the device's own address: of a whole address only what stands behind the host. */
function pathOf(address: string): string {
  const { pathname, search } = new URL(address);
  return pathname + search;
}

/** What a pull point tells anew at each subscription is no event of now. */
const isNow = ({ message }: Notification): boolean => message['@PropertyOperation'] !== 'Initialized';

export default defineDeviceFormat({
  id: 'onvif',
  // Where pictures are asked for that came as addresses alone.
  fields: { address: url(), username: text(), password: secret() },
  transports: ['http'],
  claims: ({ body }) => Buffer.from(body.subarray(0, 4_000)).includes('RuleEngine/Recognition/LicensePlate'),
  decode(message, { config, timeZone }) {
    const all = notificationsOf(xmlOf(message.body));
    const events = all
      .filter((one) => TOPIC.test(one.topic) && isNow(one))
      .flatMap((one) => eventOf(one, timeZone, config.address !== '' || message.method !== 'POST') ?? []);
    const [first] = all;
    const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(first?.producer ?? '')?.[0];
    const device = { deviceRef: uuid?.toLowerCase() ?? '', deviceName: null };
    if (events.length > 0 || first === undefined) return { ...NOTHING_DECODED, ...device, events };
    return {
      ...NOTHING_DECODED,
      ...device,
      health: {
        isOnline: true,
        facts: { topic: first.topic },
        camerasDown: null,
        clock: instantAt(first.message['@UtcTime'], 'Message.UtcTime', timeZone),
      },
    };
  },
  reply(outcome): WireReply {
    // Notify is one-way (WS-BaseNotification 1.3, 3.2): a status and nothing else.
    if (outcome.kind !== 'later') return { status: 202, body: '' };
    return { status: 503, headers: { 'retry-after': String(outcome.retryAfterSeconds) }, body: '' };
  },
});
