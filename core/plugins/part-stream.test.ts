import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { partGroups, streamParts, type StreamPart } from './part-stream.ts';

async function* chunks(...pieces: readonly (string | Buffer | number)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (typeof piece === 'number') await sleep(piece);
    else yield Buffer.from(piece);
  }
}
const all = async (body: AsyncIterable<Uint8Array>): Promise<string[]> => {
  const found: string[] = [];
  for await (const { headers, bytes } of streamParts(body, 'b'))
    found.push(`${headers['content-type'] ?? '-'}:${bytes.toString('latin1')}`);
  return found;
};

const WHOLE =
  '--b\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello\r\n--b\nContent-Type: x/y\n\nby\r\n\r\nthe delimiter\r\n--b--';

test('parts with a length and parts up to the next delimiter', async () => {
  expect(await all(chunks(WHOLE))).toEqual(['text/plain:hello', 'x/y:by\r\n\r\nthe delimiter']);
});

test('cut into single bytes', async () => {
  expect(await all(chunks(...Array.from(WHOLE)))).toEqual(['text/plain:hello', 'x/y:by\r\n\r\nthe delimiter']);
});

test('a delimiter within bytes of a known length is none', async () => {
  expect(
    await all(chunks('--b\r\nContent-Length: 9\r\n\r\n1\r\n--b\r\n2\r\n--b\r\nContent-Length: 1\r\n\r\n3')),
  ).toEqual(['-:1\r\n--b\r\n2', '-:3']);
});

test('a part with a length is given out before the next one comes', async () => {
  const parts = streamParts(chunks('--b\r\nContent-Length: 2\r\n\r\nhi', 60_000, 'never'), 'b');
  const { value } = (await parts.next()) as { value: StreamPart };
  expect(value.bytes.toString()).toBe('hi');
});

test('a large part in small pieces, and one that is too large', async () => {
  const picture = Buffer.alloc(3_000_000, 7);
  const pieces = Array.from({ length: 300 }, (_, n) => picture.subarray(n * 10_000, (n + 1) * 10_000));
  const [found] = await all(chunks(`--b\r\nContent-Length: ${picture.length}\r\n\r\n`, ...pieces, '\r\n--b\r\n'));
  expect(found?.length).toBe(picture.length + 2);
  await expect(all(chunks('--b\r\nContent-Length: 99999999\r\n\r\n'))).rejects.toMatchObject({
    code: 'camera_bad_answer',
  });
  await expect(all(chunks('--b\r\nx', Buffer.alloc(20_000, 65)))).rejects.toMatchObject({ code: 'camera_bad_answer' });
});

test('groups end with the next head or with silence; what belongs to nothing is passed over', async () => {
  const part = (type: string, text: string): string =>
    `--b\r\nContent-Type: ${type}\r\nContent-Length: ${text.length}\r\n\r\n${text}\r\n`;
  const body = chunks(
    part('p', '0'),
    part('h', '1'),
    part('p', 'a'),
    part('h', '2'),
    300,
    part('p', 'late'),
    part('h', '3'),
    300,
  );
  const groups: string[][] = [];
  for await (const group of partGroups(streamParts(body, 'b'), ({ headers }) => headers['content-type'] === 'h', 100)) {
    groups.push(group.map(({ bytes }) => bytes.toString()));
  }
  expect(groups).toEqual([['1', 'a'], ['2'], ['3']]);
});
