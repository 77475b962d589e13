/**
 * Dahua cameras that are asked for their traffic events (`snapManager.cgi?action=attachFileProc`): texts of
 * `Events[0].TrafficCar.PlateNumber=…` with pictures behind them, and `Heartbeat` in between. What they say is read by the
 * device format `dahua`.
 */
import {
  defineCameraProtocol,
  multipartStream,
  NOTHING_SEEN,
  number,
  partGroups,
  pictureSize,
  secret,
  text,
  url,
  type CameraContext,
  type DeviceEvent,
  type StreamPart,
  type WirePart,
} from '../../core/plugins/define.ts';
import { eventsOf } from './event-text.ts';

const fields = {
  address: url({ required: true }),
  username: text(),
  password: secret(),
  channel: number({ default: 0, min: 0, max: 256 }),
  events: text({ default: 'TrafficJunction' }),
};

type Context = CameraContext<typeof fields>;

const HEARTBEAT_SECONDS = 5;
const STALL_SECONDS = 6 * HEARTBEAT_SECONDS;
/** Pictures follow their event at once. */
const QUIET_MS = 1_500;

/** Brackets and commas as they are: some firmware does not understand them in percent. */
function address({ config }: Context): string {
  const channel = config.channel === 0 ? '' : `&channel=${config.channel}`;
  const events = config.events.replace(/[^\w,]/g, '');
  const query = `action=attachFileProc&Flags[0]=Event&Events=[${events}]${channel}&heartbeat=${HEARTBEAT_SECONDS}`;
  return `${new URL('/cgi-bin/snapManager.cgi', config.address).href}?${query}`;
}

const isText = ({ headers }: StreamPart): boolean => /^text\//i.test(headers['content-type'] ?? '');

/** The widest picture is the scene; one that is at most half as wide is the plate's. */
function partsOf(pictures: readonly StreamPart[]): readonly WirePart[] {
  const sized = pictures
    .map(({ bytes }) => ({ bytes, width: pictureSize(bytes)?.width ?? 0 }))
    .sort((a, b) => b.width - a.width);
  const [scene] = sized;
  const plate = sized.findLast(({ width }) => scene !== undefined && width > 0 && width <= scene.width / 2);
  const part = (name: string, bytes: Uint8Array): WirePart => ({
    ...{ name, fileName: `${name}.jpg`, mediaType: 'image/jpeg' },
    bytes,
  });
  return [...(scene ? [part('scene', scene.bytes)] : []), ...(plate ? [part('plate', plate.bytes)] : [])];
}

export default defineCameraProtocol({
  id: 'dahua',
  reader: 'dahua',
  fields,
  async *frames(context): AsyncGenerator<DeviceEvent> {
    const { config, decode } = context;
    const parts = multipartStream(context, address(context), { account: config, stallSeconds: STALL_SECONDS });
    for await (const [head, ...pictures] of partGroups(parts, isText, QUIET_MS)) {
      const events = eventsOf(head.bytes.toString('utf8'));
      if (events.length === 0) {
        yield NOTHING_SEEN;
        continue;
      }
      const json = Buffer.from(JSON.stringify({ Events: events }));
      yield* await decode('dahua', {
        parts: [{ name: 'json', fileName: null, mediaType: 'application/json', bytes: json }, ...partsOf(pictures)],
      });
    }
  },
  async test({ config, fetchBytes }) {
    const { href } = new URL(`/cgi-bin/snapshot.cgi?channel=${Math.max(1, config.channel)}`, config.address);
    const { status, bytes } = await fetchBytes(href, { account: config });
    if (status !== 200) return null;
    return { bytes, capturedAt: null, capturedAtSource: 'received', eventKey: null, label: null };
  },
});
