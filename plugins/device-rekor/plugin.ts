/**
 * OpenALPR / Rekor Scout agent: what it posts to `upload_address`. Source: openalpr/doc, `source/app_integration.include`
 * (March 2021); forms of alerts after OpenAlprWebhookProcessor. Confidences are of 100.
 */
import {
  at,
  badField,
  confidenceAt,
  defineDeviceFormat,
  factsOf,
  instantAt,
  isObject,
  jsonOf,
  jsonReply,
  listAt,
  NOTHING_DECODED,
  numberAt,
  objectAt,
  pictureAt,
  refusalStatus,
  textAt,
  UNKNOWN_READ,
  url,
  type Box,
  type Decoded,
  type DeviceEvent,
  type DeviceRead,
  type PicturePull,
  type SeenVehicle,
  type WireObject,
} from '../../core/plugins/define.ts';

/** `us-mo`, `th-10`, `gb`; `eu-de` names the set of plates before the country. Very old agents give `mo` beside `country: us`. */
function regionOf(region: unknown, country: unknown): Pick<DeviceRead, 'countryCode' | 'province'> {
  const said = textAt(region)?.toUpperCase() ?? '';
  const own = textAt(country)?.toUpperCase() ?? '';
  const parts = said.split('-').filter((part) => part !== '' && part !== 'EU');
  const [first = '', second = ''] = parts;
  if (second !== '') return { countryCode: first, province: `${first}-${second}` };
  const isCountry = /^[A-Z]{2}$/.test(own) && own !== 'EU';
  if (first !== '' && isCountry && first !== own) return { countryCode: own, province: `${own}-${first}` };
  return { countryCode: first === '' ? (isCountry ? own : null) : first, province: null };
}

/** Around the four corners of the plate. */
function boxOf(coordinates: unknown, field: string): Box | null {
  if (coordinates === undefined || coordinates === null) return null;
  const points = listAt(coordinates, field).map((point) => objectAt(point, field));
  const along = (axis: string): readonly number[] =>
    points.map((point) => numberAt(point[axis], `${field}.${axis}`) ?? badField(field, 'must have x and y'));
  const [xs, ys] = [along('x'), along('y')];
  if (xs.length < 2) return null;
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - x, Math.max(...ys) - y];
  return width > 0 && height > 0 ? [x, y, width, height] : null;
}

function candidatesOf(list: unknown, field: string): DeviceRead['candidates'] {
  return listAt(list ?? [], field).map((one) => ({
    text: textAt(at(one, 'plate')) ?? badField(field, 'must name a plate'),
    confidence: confidenceAt(at(one, 'confidence'), field, 100),
  }));
}

/** The surest of several guesses. */
function bestName(guesses: unknown): string | null {
  if (!Array.isArray(guesses)) return null;
  const sure = (guess: unknown): number => Number(at(guess, 'confidence') ?? 0);
  const [best] = (guesses as unknown[]).filter(isObject).sort((a, b) => sure(b) - sure(a));
  return textAt(best?.['name']);
}

function vehicleOf(value: unknown): SeenVehicle | null {
  if (!isObject(value)) return null;
  const [type, make, colour] = [value['body_type'], value['make'], value['color']].map(bestName);
  const model = bestName(value['make_model']);
  // `toyota_camry` beside `toyota`.
  const own = make && model?.startsWith(`${make}_`) ? model.slice(make.length + 1) : model;
  return (type ?? make ?? colour ?? own ?? null) === null
    ? null
    : { type: type ?? null, make: make ?? null, model: own, colour: colour ?? null };
}

/** The whole scene lies at the agent (`web_server_enabled = 1`) under the name of the frame. */
const pullOf = (uuid: string | null, address: string): PicturePull | null =>
  uuid === null || address === '' ? null : { path: `/img/${encodeURIComponent(uuid)}.jpg`, afterMs: 0 };

/** The name of a frame ends in its time: `<agent>-<camera>-<ms>`. Of a group it tells when the best picture was taken. */
function timeOfGroup(group: WireObject): Date | null {
  const begin = instantAt(group['epoch_start'], 'epoch_start', 'UTC');
  const end = instantAt(group['epoch_end'], 'epoch_end', 'UTC');
  const named = Number(/-(\d{13})$/.exec(textAt(group['best_uuid']) ?? '')?.[1] ?? NaN);
  const isWithin = begin !== null && end !== null && named >= begin.getTime() && named <= end.getTime();
  return isWithin ? new Date(named) : (end ?? begin);
}

function decodeGroup(group: WireObject, address: string, cameraName: string | null): DeviceEvent {
  const uuid = textAt(group['best_uuid']);
  const pull = pullOf(uuid, address);
  const best = isObject(group['best_plate']) ? group['best_plate'] : {};
  const isPreview = group['is_preview'] === true;
  const crop = pull === null ? pictureAt(group['vehicle_crop_jpeg'], 'vehicle_crop_jpeg') : null;
  const [first = uuid] = listAt(group['uuids'] ?? [], 'uuids').map(textAt);
  const text = textAt(group['best_plate_number']) ?? badField('best_plate_number', 'is missing');
  return {
    // Previews of a group are told anew as it grows, with the uuid of the frame that is best so far.
    eventKey: uuid === null ? null : `${isPreview ? 'preview' : 'group'}:${uuid}`,
    cameraRef: textAt(group['camera_id']) ?? '',
    cameraName,
    capturedAt: timeOfGroup(group),
    isLate: false,
    frame: crop,
    pull,
    reads: [
      {
        ...UNKNOWN_READ,
        text,
        ...regionOf(group['best_region'], group['country']),
        confidence: confidenceAt(group['best_confidence'], 'best_confidence', 100),
        candidates: candidatesOf(group['candidates'], 'candidates'),
        // Of the whole scene: the cut-out of the vehicle has other pixels.
        box: pull === null ? null : boxOf(best['coordinates'], 'best_plate.coordinates'),
        patch: pictureAt(best['plate_crop_jpeg'], 'best_plate.plate_crop_jpeg'),
        // A group grows at its end: its first frame names it.
        trackId: first,
        isFinal: !isPreview,
        vehicle: vehicleOf(group['vehicle']),
        // `travel_direction` is an angle within the picture, none of the compass.
        motion: null,
      },
    ],
    coerced: crop === null ? [] : ['the picture is the cut-out of the vehicle'],
  };
}

/** Every frame with plates in it, if the agent is told to upload them. */
function decodeResults(said: WireObject, address: string): readonly DeviceEvent[] {
  const reads = listAt(said['results'], 'results').map((one, index): DeviceRead => {
    const field = `results.${index}`;
    const result = objectAt(one, field);
    return {
      ...UNKNOWN_READ,
      text: textAt(result['plate']) ?? badField(`${field}.plate`, 'is missing'),
      ...regionOf(result['region'], said['country']),
      confidence: confidenceAt(result['confidence'], `${field}.confidence`, 100),
      candidates: candidatesOf(result['candidates'], `${field}.candidates`),
      box: boxOf(result['coordinates'], `${field}.coordinates`),
      patch: pictureAt(result['plate_crop_jpeg'], `${field}.plate_crop_jpeg`),
    };
  });
  if (reads.length === 0) return [];
  const uuid = textAt(said['uuid']);
  return [
    {
      eventKey: uuid === null ? null : `result:${uuid}`,
      cameraRef: textAt(said['camera_id']) ?? '',
      cameraName: null,
      capturedAt: instantAt(said['epoch_time'], 'epoch_time', 'UTC'),
      ...{ isLate: false, frame: null, pull: pullOf(uuid, address), reads, coerced: [] },
    },
  ];
}

/** Neither the licence key nor the addresses of cameras, which carry passwords. */
const FACTS = [
  ...['agent_version', 'openalpr_version', 'os', 'license_valid', 'beanstalk_queue_size', 'daemon_uptime_seconds'],
  ...['cpu_cores', 'cpu_usage_percent', 'cpu_usage', 'memory_consumed_bytes', 'memory_total_bytes'],
  ...['disk_quota_consumed_bytes', 'disk_quota_total_bytes', 'processing_threads_active'],
];

function healthOf(said: WireObject): Decoded['health'] {
  const streams = listAt(said['video_streams'] ?? [], 'video_streams').filter(isObject);
  const known = Object.fromEntries(FACTS.filter((key) => key in said).map((key) => [key, said[key]]));
  const fps = streams.map((stream): [string, number | null] => {
    const name = textAt(stream['camera_name']) ?? textAt(stream['camera_id']) ?? '';
    return [`fps ${name}`, numberAt(stream['fps'], 'video_streams.fps')];
  });
  return {
    isOnline: true,
    facts: factsOf({ ...known, ...Object.fromEntries(fps) }),
    camerasDown: streams.filter((one) => one['is_streaming'] === false).map((one) => textAt(one['camera_id']) ?? ''),
    clock: instantAt(said['timestamp'], 'timestamp', 'UTC'),
  };
}

export default defineDeviceFormat({
  id: 'rekor',
  fields: { address: url() },
  transports: ['http'],
  claims: ({ body }) => Buffer.from(body.buffer, body.byteOffset, body.length).includes('"data_type"'),
  decode(message, { config: { address } }) {
    const said = objectAt(jsonOf(message), 'body');
    const told: Decoded = {
      ...NOTHING_DECODED,
      deviceRef: textAt(said['agent_uid']) ?? textAt(at(said, 'group.agent_uid')) ?? '',
      deviceName: textAt(said['agent_hostname']) ?? textAt(said['site_name']),
    };
    const type = textAt(said['data_type']);
    switch (type) {
      case 'alpr_group':
        return { ...told, events: [decodeGroup(said, address, null)] };
      case 'alpr_results':
        return { ...told, events: decodeResults(said, address) };
      case 'alpr_alert':
        // It repeats the group that set it off: the same uuid, so the same event if both are told.
        return {
          ...told,
          events: [decodeGroup(objectAt(said['group'], 'group'), address, textAt(said['camera_name']))],
        };
      case 'heartbeat':
        return { ...told, health: healthOf(said) };
      case 'vehicle':
        // A vehicle without a plate: the hub keeps plates.
        return told;
      default:
        return badField('data_type', 'is none of alpr_group, alpr_results, alpr_alert, heartbeat and vehicle');
    }
  },
  reply(outcome) {
    switch (outcome.kind) {
      case 'stored':
      case 'held':
        return jsonReply(200, { success: true });
      case 'refused':
        return jsonReply(refusalStatus(outcome.error), { success: false, message: outcome.error.message });
      case 'later':
        // The agent keeps a message in its queue and tries again after 500; what it does at 503 is nowhere written.
        return jsonReply(
          500,
          { success: false, message: outcome.error.message },
          { 'retry-after': String(outcome.retryAfterSeconds) },
        );
    }
  },
});
