/**
 * Hikvision cameras that are asked for their reads: the event stream (`/ISAPI/Event/notification/alertStream`), or the list
 * of plates (`/ISAPI/Traffic/channels/<n>/vehicleDetect/plates`) where the stream has no plates. What they say is read by the
 * device format `hikvision`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  choice,
  defineCameraProtocol,
  errorMessage,
  isObject,
  LprError,
  manyOf,
  multipartStream,
  NOTHING_SEEN,
  number,
  partGroups,
  secret,
  text,
  textAt,
  url,
  xmlOf,
  type CameraContext,
  type DeviceEvent,
  type StreamPart,
  type WireObject,
  type WirePart,
} from '../../core/plugins/define.ts';

const fields = {
  address: url({ required: true }),
  username: text(),
  password: secret(),
  channel: number({ default: 1, min: 1, max: 256 }),
  mode: choice(['stream', 'plates'], 'stream'),
  interval: number({ default: 2, min: 1, max: 3_600, unit: 's' }),
  lookBack: number({ default: 60, min: 0, max: 10_080, unit: 'min' }),
};

type Context = CameraContext<typeof fields>;

/** Cameras say something at least every 10 s. */
const STALL_SECONDS = 60;
/** Pictures follow their event at once. */
const QUIET_MS = 1_500;
/** Names of plates that were given already; the camera's list holds far fewer. */
const MOST_NAMES = 5_000;

const at = ({ config }: Context, path: string): string => new URL(path, config.address).href;

const isXml = ({ headers }: StreamPart): boolean => /xml|json/i.test(headers['content-type'] ?? '');

/** Names of the pictures, in the order in which the event lists them: parts themselves are nameless on some firmware. */
const pictureNames = (event: Buffer): readonly string[] =>
  [...event.toString('utf8').matchAll(/<fileName>\s*([^<]+?)\s*<\/fileName>/g)].map(([, name = '']) => name);

function partOf({ headers, bytes }: StreamPart, fallback: string): WirePart {
  const said = /\b(?:file)?name="?([^";]+)/i.exec(headers['content-disposition'] ?? '')?.[1] ?? null;
  return { name: said ?? fallback, fileName: said ?? fallback, mediaType: headers['content-type'] ?? null, bytes };
}

async function* stream(context: Context): AsyncGenerator<DeviceEvent> {
  const { config, decode } = context;
  const parts = multipartStream(context, at(context, '/ISAPI/Event/notification/alertStream'), {
    account: config,
    stallSeconds: STALL_SECONDS,
  });
  for await (const [event, ...pictures] of partGroups(parts, isXml, QUIET_MS)) {
    const names = pictureNames(event.bytes);
    const events = await decode('hikvision', {
      parts: [
        {
          name: 'anpr.xml',
          fileName: 'anpr.xml',
          mediaType: event.headers['content-type'] ?? null,
          bytes: event.bytes,
        },
        ...pictures.map((picture, place) => partOf(picture, names[place] ?? `picture-${place}.jpg`)),
      ],
    });
    if (events.length === 0) yield NOTHING_SEEN;
    else yield* events;
  }
}

/** One plate of the list, in the words of a pushed event. */
function asEvent(plate: WireObject, channel: number): string {
  return JSON.stringify({
    eventType: 'ANPR',
    channelID: channel,
    dateTime: textAt(plate['captureTime']),
    UUID: textAt(plate['picName']),
    ANPR: {
      licensePlate: textAt(plate['plateNumber']),
      country: textAt(plate['country']),
      line: textAt(plate['laneNo']),
      direction: textAt(plate['direction']),
      confidenceLevel: textAt(plate['confidenceLevel']),
      tailandStateID: textAt(plate['tailandStateID']),
    },
  });
}

async function platesAfter(context: Context, cursor: string): Promise<readonly WireObject[]> {
  const { config, fetchBytes } = context;
  const path = `/ISAPI/Traffic/channels/${config.channel}/vehicleDetect/plates`;
  const { status, bytes } = await fetchBytes(at(context, path), {
    method: 'POST',
    account: config,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?><AfterTime version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"><picTime>${cursor}</picTime></AfterTime>`,
  });
  const { host } = new URL(config.address);
  if (status !== 200) {
    const remedy = 'check the channel, and that vehicle detection is on';
    throw new LprError('camera_bad_answer', `${host} answers HTTP ${status} to the question for plates: ${remedy}.`);
  }
  const { Plates: plates } = xmlOf(bytes);
  return manyOf(isObject(plates) ? plates['Plate'] : undefined).filter(isObject);
}

/** `20261126T045903Z`. */
const compact = (instant: Date): string => instant.toISOString().replace(/[-:]|\.\d+/g, '');

/**
 * Asks again and again. The name of the newest picture is the cursor, and each name is given once: some firmware repeats old
 * plates at each question (node-red-contrib-hikvision-ultimate, issue 67). After a restart the hub knows the names as the keys of
 * events that it has.
 */
async function* plates(context: Context): AsyncGenerator<DeviceEvent> {
  const { config, signal, decode, log } = context;
  const since = new Date(Date.now() - config.lookBack * 60_000);
  const given = new Set<string>();
  let cursor = compact(since);
  while (!signal.aborted) {
    const fresh = (await platesAfter(context, cursor)).filter((plate) => {
      const name = textAt(plate['picName']);
      return name !== null && !given.has(name);
    });
    yield NOTHING_SEEN;
    for (const plate of fresh) {
      const name = textAt(plate['picName']) ?? '';
      const body = Buffer.from(asEvent(plate, config.channel));
      const events = await decode('hikvision', { body }).catch((error: unknown): readonly DeviceEvent[] => {
        // The camera would give the same entry for ever: it must not stand before the others.
        log.warn({ picName: name, err: errorMessage(error) }, 'an entry of the list of plates cannot be read');
        return [];
      });
      // What lies before the hub was set up is none of its business.
      yield* events.filter(({ capturedAt }) => capturedAt === null || capturedAt >= since);
      given.add(name);
      if (given.size > MOST_NAMES) given.delete(given.values().next().value ?? '');
      if (name > cursor || !/^\d{17}/.test(cursor)) cursor = name;
    }
    await sleep(config.interval * 1_000, undefined, { signal }).catch(() => undefined);
  }
}

export default defineCameraProtocol({
  id: 'hikvision',
  reader: 'hikvision',
  fields,
  frames: (context) => (context.config.mode === 'plates' ? plates(context) : stream(context)),
  async test(context) {
    const { fetchBytes, config } = context;
    if (config.mode === 'plates') await platesAfter(context, compact(new Date()));
    const picture = `/ISAPI/Streaming/channels/${config.channel}01/picture`;
    const { status, bytes } = await fetchBytes(at(context, picture), { account: config });
    if (status !== 200) return null;
    return { bytes, capturedAt: null, capturedAtSource: 'received', eventKey: null, label: null };
  },
});
