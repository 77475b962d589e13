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
import { answerChallenge, parseChallenge, type Challenge } from './digest.ts';

const fields = {
  url: url({ required: true }),
  username: text(),
  password: secret(),
  interval: number({ default: 2, min: 0.2, max: 86_400, unit: 's' }),
};

type Context = CameraContext<typeof fields>;

/** Remembers how the camera wants to be signed in to. */
function createSnapshot({ config, fetchBytes }: Context): () => Promise<Uint8Array> {
  let challenge: Challenge | null = null;
  let count = 0;
  const { host, pathname, search } = new URL(config.url);
  const authorization = (): Record<string, string> => {
    if (config.username === '') return {};
    if (challenge !== null) {
      count++;
      return { authorization: answerChallenge(challenge, config, pathname + search, count) };
    }
    const basic = Buffer.from(`${config.username}:${config.password}`).toString('base64');
    return { authorization: `Basic ${basic}` };
  };
  return async () => {
    let answer = await fetchBytes(config.url, { headers: authorization() });
    const wanted = parseChallenge(answer.headers.get('www-authenticate'));
    if (answer.status === 401 && wanted !== null && config.username !== '') {
      // Also when the nonce has grown old.
      challenge = wanted;
      count = 0;
      answer = await fetchBytes(config.url, { headers: authorization() });
    }
    if (answer.status === 401) {
      const what =
        config.username === ''
          ? 'asks for a user name and password: enter them'
          : 'refuses the user name or the password';
      throw new LprError('camera_bad_answer', `${host} ${what} (HTTP 401).`);
    }
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
  };
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
  fields,
  async *frames(context) {
    const { config, signal } = context;
    const snapshot = createSnapshot(context);
    let last = '';
    while (!signal.aborted) {
      const bytes = await snapshot();
      const hash = createHash('sha256').update(bytes).digest('base64');
      // A camera that has nothing new gives the same picture again.
      if (hash !== last) yield frameOf(bytes);
      last = hash;
      await sleep(config.interval * 1_000, undefined, { signal }).catch(() => undefined);
    }
  },
  test: async (context) => frameOf(await createSnapshot(context)()),
});
