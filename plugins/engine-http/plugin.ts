/** Any recognition service that takes a picture by HTTP and answers JSON: where things lie in its answer is configuration. */
import sharp from 'sharp';
import {
  choice,
  defineOcrEngine,
  flag,
  LprError,
  number,
  secret,
  text,
  url,
  type Corners,
  type EngineRead,
  type Located,
  type Pixels,
} from '../../core/plugins/define.ts';
import { platesOf, type RemotePlate } from './answer.ts';

// The defaults are the form of Plate Recognizer's Snapshot API (guides.platerecognizer.com/docs/snapshot/api-reference).
const fields = {
  url: url({ required: true }),
  authorization: secret(),
  body: choice(['form', 'json', 'bytes'], 'form'),
  pictureField: text({ default: 'upload' }),
  moreFields: text(),
  timeoutSeconds: number({ default: 10, min: 1, max: 60, unit: 's' }),
  locates: flag(true),
  results: text({ default: 'results' }),
  text: text({ default: 'plate' }),
  confidence: text({ default: 'score' }),
  province: text(),
  country: text({ default: 'region.code' }),
  box: text({ default: 'box' }),
  boxForm: choice(['corners', 'size', 'points'], 'corners'),
} as const;

type Config = { readonly [K in keyof typeof fields]: (typeof fields)[K]['default'] };

const encode = ({ data, width, height }: Pixels): Promise<Buffer> =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();

function bodyOf(config: Config, picture: Buffer): { readonly body: BodyInit; readonly type: string | null } {
  const more = new URLSearchParams(config.moreFields);
  switch (config.body) {
    case 'bytes':
      return { body: new Uint8Array(picture), type: 'image/jpeg' };
    case 'json':
      return {
        body: JSON.stringify({ ...Object.fromEntries(more), [config.pictureField]: picture.toString('base64') }),
        type: 'application/json',
      };
    default: {
      const form = new FormData();
      form.set(config.pictureField, new Blob([new Uint8Array(picture)], { type: 'image/jpeg' }), 'picture.jpg');
      for (const [key, value] of more) form.append(key, value);
      return { body: form, type: null };
    }
  }
}

async function ask(config: Config, pixels: Pixels, signal: AbortSignal): Promise<RemotePlate[]> {
  const { body, type } = bodyOf(config, await encode(pixels));
  const { host } = new URL(config.url);
  const headers = {
    ...(type !== null && { 'content-type': type }),
    ...(config.authorization !== '' && { authorization: config.authorization }),
  };
  const timed = AbortSignal.any([signal, AbortSignal.timeout(config.timeoutSeconds * 1000)]);
  const response = await fetch(config.url, { method: 'POST', headers, body, signal: timed, redirect: 'error' }).catch(
    (error: unknown) => {
      const problem =
        timed.aborted && !signal.aborted ? `gave no answer within ${config.timeoutSeconds} s` : 'cannot be reached';
      throw new LprError('engine_failed', `${host} ${problem}: check the address and the network.`, {}, error);
    },
  );
  if (!response.ok) {
    await response.body?.cancel();
    const remedy = response.status === 401 || response.status === 403 ? ': check the key' : '';
    throw new LprError('engine_failed', `${host} answers HTTP ${response.status}${remedy}.`, {
      status: response.status,
    });
  }
  const answer: unknown = await response.json().catch((error: unknown) => {
    throw new LprError('engine_failed', `${host} does not answer JSON.`, {}, error);
  });
  return platesOf(answer, config);
}

export default defineOcrEngine({
  id: 'http',
  fields,
  setup({ config }) {
    const locate = async (frame: Pixels, signal: AbortSignal): Promise<Located[]> =>
      (await ask(config, frame, signal)).flatMap(({ box, confidence }): Located[] => {
        if (box === null) return [];
        const [x, y, w, h] = box;
        const corners: Corners = [
          [x, y],
          [x + w, y],
          [x + w, y + h],
          [x, y + h],
        ];
        return [{ box, corners, confidence }];
      });
    return Promise.resolve({
      ...(config.locates && {
        locate: (frame: Pixels, _options: unknown, signal: AbortSignal) => locate(frame, signal),
      }),
      async read(patch, _options, signal): Promise<EngineRead> {
        const [best, ...others] = (await ask(config, patch, signal)).sort((a, b) => b.confidence - a.confidence);
        if (!best) return { text: '', confidence: 0, characters: [], province: null, alternatives: [] };
        const { confidence, country } = best;
        return {
          text: best.text,
          confidence,
          characters: Array.from(best.text, (char) => ({ char, confidence, alternatives: [] })),
          province: best.province === null ? null : { text: best.province, confidence },
          ...(country !== null && { country: { code: country.slice(0, 2).toUpperCase(), confidence } }),
          alternatives: others.map((one) => ({ text: one.text, confidence: one.confidence })),
        };
      },
    });
  },
});
