/** A camera that answers an address with its newest picture. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  defineCameraProtocol,
  LprError,
  number,
  secret,
  text,
  url,
  type CameraContext,
  type CapturedFrame,
} from '../../core/plugins/define.ts';

const fields = {
  url: url({ required: true }),
  username: text(),
  password: secret(),
  interval: number({ default: 2, min: 0.2, max: 86_400, unit: 's' }),
};

type Context = CameraContext<typeof fields>;

async function snapshot({ config, fetchBytes }: Context): Promise<Uint8Array> {
  const { host } = new URL(config.url);
  const answer = await fetchBytes(config.url, { account: config });
  if (answer.status !== 200) {
    throw new LprError(
      'camera_bad_answer',
      `${host} answers HTTP ${answer.status}: check the address behind the host name.`,
    );
  }
  const type = answer.headers.get('content-type') ?? '';
  if (/^(text|application\/json)/i.test(type)) {
    throw new LprError(
      'camera_bad_answer',
      `${host} answers a page (${type}), not a picture: enter its snapshot address.`,
    );
  }
  return answer.bytes;
}

const frameOf = (bytes: Uint8Array): CapturedFrame => ({
  bytes,
  capturedAt: new Date(),
  capturedAtSource: 'received',
  eventKey: null,
  label: null,
});

export default defineCameraProtocol({
  id: 'snapshot',
  isLive: true,
  fields,
  async *frames(context) {
    const { config, signal } = context;
    let last = '';
    while (!signal.aborted) {
      const bytes = await snapshot(context);
      const hash = createHash('sha256').update(bytes).digest('base64');
      // A camera that has nothing new gives the same picture again.
      if (hash !== last) yield frameOf(bytes);
      last = hash;
      await sleep(config.interval * 1_000, undefined, { signal }).catch(() => undefined);
    }
  },
  test: async (context) => frameOf(await snapshot(context)),
});
