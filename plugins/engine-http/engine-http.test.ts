import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../core/fields.ts';
import type { OcrEngine, Pixels } from '../../core/plugins/define.ts';
import { platesOf } from './answer.ts';
import plugin from './plugin.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

interface Heard {
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Stands in for a service that costs money; its answers are constructed after the documented form. */
async function service(answer: (heard: Heard, res: ServerResponse) => void): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', () => {
      const one = { headers: req.headers, body: Buffer.concat(parts) };
      heard.push(one);
      answer(one, res);
    });
  });
  servers.push(server);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/plate-reader/`, heard };
}

const SNAPSHOT = {
  processing_time: 42.1,
  results: [
    { plate: '1กก1234', score: 0.91, box: { xmin: 10, ymin: 20, xmax: 110, ymax: 64 }, region: { code: 'th' } },
    { plate: '1กก1284', score: 0.31, box: { xmin: 12, ymin: 20, xmax: 110, ymax: 64 }, region: { code: 'th' } },
  ],
};
const json =
  (body: unknown, status = 200) =>
  (_heard: Heard, res: ServerResponse): void => {
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

const pixels: Pixels = { data: new Uint8Array(32 * 16 * 3).fill(90), width: 32, height: 16 };
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const { signal } = new AbortController();
const compute = { size: 1, run: () => Promise.reject(new Error('not needed')) };
const start = (config: Record<string, unknown>): Promise<OcrEngine> =>
  plugin.setup({ config: parseConfig(plugin.fields, config), log, signal, compute });

test('asks in the form that it is told, with the key, and finds text, country and box', async () => {
  const { url, heard } = await service(json(SNAPSHOT));
  const engine = await start({ url, authorization: 'Token abc', moreFields: 'regions=th' });
  const [located] = await engine.locate!(pixels, { minPlateHeight: 10, maxPlates: 4 }, signal);
  expect(located).toMatchObject({ box: [10, 20, 100, 44], confidence: 0.91 });
  const read = await engine.read!(pixels, { countries: [] }, signal);
  expect(read).toMatchObject({ text: '1กก1234', confidence: 0.91, country: { code: 'TH' } });
  expect(read.alternatives).toEqual([{ text: '1กก1284', confidence: 0.31 }]);
  const { headers, body } = heard[0]!;
  expect(headers['authorization']).toBe('Token abc');
  expect(headers['content-type']).toMatch(/^multipart\/form-data/);
  expect(body.toString('latin1')).toMatch(/name="upload"; filename="picture.jpg"[^]*name="regions"\r\n\r\nth/);
});

test('JSON with base64 and the bytes alone', async () => {
  const { url, heard } = await service(json({ results: [] }));
  const read = async (config: Record<string, unknown>): Promise<void> => {
    await (
      await start({ url, ...config })
    ).read!(pixels, { countries: [] }, signal);
  };
  await read({ body: 'json', pictureField: 'image', moreFields: 'country=th' });
  await read({ body: 'bytes' });
  const first = JSON.parse(heard[0]!.body.toString()) as { image: string; country: string };
  expect(first.country).toBe('th');
  expect([...Buffer.from(first.image, 'base64').subarray(0, 2)]).toEqual([0xff, 0xd8]);
  expect(heard[1]!.headers['content-type']).toBe('image/jpeg');
  expect([...heard[1]!.body.subarray(0, 2)]).toEqual([0xff, 0xd8]);
});

test('a service that only reads does not locate', async () => {
  expect(await start({ url: 'http://127.0.0.1:1/', locates: false })).not.toHaveProperty('locate');
});

describe('what goes wrong has a code and a remedy', () => {
  const told = async (answer: Parameters<typeof service>[0], config = {}): Promise<unknown> => {
    const { url } = await service(answer);
    const engine = await start({ url, ...config });
    return engine.read!(pixels, { countries: [] }, signal).catch((error: unknown) => error);
  };
  test('a wrong key', async () => {
    expect(await told(json({}, 403))).toMatchObject({
      code: 'engine_failed',
      message: expect.stringMatching(/403.*key/),
    });
  });
  test('no JSON', async () => {
    expect(await told((_heard, res) => res.end('<html>'))).toMatchObject({ message: expect.stringMatching(/JSON/) });
  });
  test('a path that leads nowhere', async () => {
    expect(await told(json({ plates: [] }))).toMatchObject({ message: expect.stringMatching(/"results"/) });
  });
  test('no answer in time', async () => {
    const silent = await told(() => undefined, { timeoutSeconds: 1 });
    expect(silent).toMatchObject({ code: 'engine_failed', message: expect.stringMatching(/within 1 s/) });
  });
  test('nobody there', async () => {
    const engine = await start({ url: 'http://127.0.0.1:1/' });
    await expect(engine.read!(pixels, { countries: [] }, signal)).rejects.toMatchObject({ code: 'engine_failed' });
  });
});

test('other forms of answer, by their paths', () => {
  const places = { results: '', text: 'a.0.t', confidence: 'c', province: 'p', country: '', box: 'b', boxForm: 'size' };
  const one = { a: [{ t: 'กข1' }], c: 87, p: 'ชลบุรี', b: [1, 2, 30, 10] };
  expect(platesOf(one, places)).toEqual([
    { text: 'กข1', confidence: 0.87, province: 'ชลบุรี', country: null, box: [1, 2, 30, 10] },
  ]);
  const points = [
    { x: 1, y: 5 },
    { x: 40, y: 4 },
    { x: 41, y: 20 },
    { x: 2, y: 21 },
  ];
  expect(platesOf([{ ...one, b: points }], { ...places, boxForm: 'points' })[0]?.box).toEqual([1, 4, 40, 17]);
  expect(platesOf([{ ...one, b: [5, 5, 1, 1] }], { ...places, boxForm: 'corners' })[0]?.box).toBeNull();
});
