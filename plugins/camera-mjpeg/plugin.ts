/** A camera that sends one picture after the other over one HTTP answer (motion JPEG). */
import {
  defineCameraProtocol,
  LprError,
  number,
  secret,
  text,
  url,
  type CameraContext,
} from '../../core/plugins/define.ts';
import { boundaryOf, pictures } from './multipart.ts';

const fields = {
  url: url({ required: true }),
  username: text(),
  password: secret(),
  fps: number({ default: 5, min: 0.1, max: 30, unit: '/s' }),
  stallSeconds: number({ default: 15, min: 2, max: 600, unit: 's' }),
};

type Context = CameraContext<typeof fields>;

/** Fires when no picture was seen for so long. */
function createStallWatch(host: string, seconds: number): { signal: AbortSignal; seen(): void; end(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    const message = `${host} has sent no picture for ${seconds} s: is its stream still running?`;
    controller.abort(new LprError('camera_timeout', message));
  }, seconds * 1_000);
  return {
    signal: controller.signal,
    seen: () => void timer.refresh(),
    end: () => {
      clearTimeout(timer);
      // Closes the connection also when its body was not looked at.
      controller.abort();
    },
  };
}

async function* stream({ config, openStream }: Context): AsyncGenerator<Uint8Array> {
  const { host } = new URL(config.url);
  const stall = createStallWatch(host, config.stallSeconds);
  try {
    const { status, headers, body } = await openStream(config.url, { account: config, signal: stall.signal });
    const type = headers.get('content-type') ?? '';
    const boundary = boundaryOf(type);
    if (status !== 200 || boundary === null) {
      const what =
        status !== 200
          ? `answers HTTP ${status}: check the address behind the host name`
          : /^image\//i.test(type)
            ? 'answers a single picture: choose the protocol HTTP snapshot for this address'
            : `answers no motion JPEG (${type === '' ? 'no content type' : type}): enter the address of its MJPEG stream`;
      throw new LprError('camera_bad_answer', `${host} ${what}.`);
    }
    for await (const bytes of pictures(body, boundary)) {
      stall.seen();
      yield bytes;
    }
    throw new LprError('camera_unreachable', `${host} ended its stream: it is opened again.`);
  } finally {
    stall.end();
  }
}

export default defineCameraProtocol({
  id: 'mjpeg',
  isLive: true,
  fields,
  async *frames(context) {
    const interval = 1_000 / context.config.fps;
    let due = 0;
    for await (const bytes of stream(context)) {
      const at = performance.now();
      if (at < due) continue;
      // Counts on from the time that was due, so that 10 a second out of 25 are 10 and not 8; after a pause it begins anew.
      due = (at - due < interval ? due : at) + interval;
      yield { bytes, capturedAt: null, capturedAtSource: 'received', eventKey: null, label: null };
    }
  },
});
