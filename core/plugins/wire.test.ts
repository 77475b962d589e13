import { describe, expect, test } from '@jest/globals';
import { windows874, wireMessage } from '../../test/device-samples.ts';
import { LprError } from '../errors.ts';
import {
  at,
  boxAt,
  confidenceAt,
  factsOf,
  instantAt,
  jsonOf,
  listAt,
  manyOf,
  numberAt,
  parseJson,
  pictureAt,
  pictureOf,
  refusalStatus,
  textAt,
  textOf,
  xmlOf,
} from './wire.ts';

const refusal = (field: string) =>
  expect.objectContaining({ code: 'invalid_input', details: { problems: [expect.objectContaining({ field })] } });
const BANGKOK = 'Asia/Bangkok';

describe('text', () => {
  test.each<[string, Buffer]>([
    ['UTF-8', Buffer.from('กข 1')],
    ['UTF-8 with a mark', Buffer.from('\ufeffกข 1')],
    ['UTF-16, little end first', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('กข 1', 'utf16le')])],
    ['UTF-16, big end first', Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from('กข 1', 'utf16le').swap16()])],
    ['windows-874', windows874('กข 1')],
  ])('%s', (_name, bytes) => {
    expect(textOf(bytes)).toBe('กข 1');
  });

  test('garbage is none', () => {
    expect(() => textOf(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x80]), 'body')).toThrow(refusal('body'));
    expect(() => textOf(Buffer.from([0x80, 0x81, 0x82]))).toThrow(refusal('body'));
  });
});

describe('JSON', () => {
  test('as deep as devices nest, no deeper', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(parseJson(nested(40))).toBeInstanceOf(Array);
    expect(() => parseJson(nested(41))).toThrow(refusal('body'));
    expect(parseJson(`"${'['.repeat(90)}\\"["`)).toContain('"[');
  });

  test('of a body, a part or an event', () => {
    const part = { name: 'json', fileName: null, mediaType: null, bytes: Buffer.from('{"a":1}') };
    expect(jsonOf(wireMessage({ body: Buffer.from('{"a":1}') }))).toEqual({ a: 1 });
    expect(jsonOf(wireMessage({ parts: [part] }), 'json')).toEqual({ a: 1 });
    expect(() => jsonOf(wireMessage({ parts: [part] }), 'other')).toThrow(refusal('other'));
    expect(jsonOf(wireMessage({ transport: 'socketio', args: ['{"a":1}'] }))).toEqual({ a: 1 });
    expect(jsonOf(wireMessage({ transport: 'socketio', args: [{ a: 1 }] }))).toEqual({ a: 1 });
    expect(() => jsonOf(wireMessage({ body: Buffer.from('{') }))).toThrow(refusal('body'));
  });

  test('lists within a text', () => {
    expect(listAt('[1,2]', 'list')).toEqual([1, 2]);
    expect(() => listAt('{}', 'list')).toThrow(refusal('list'));
  });

  test('places in it', () => {
    const value = { a: [{ b: 1 }, { b: 2 }], c: { d: null } };
    expect([at(value, 'a.b'), at(value, 'a.1.b'), at(value, 'c.d'), at(value, 'c.e.f'), at(value, 'toString')]).toEqual(
      [1, 2, null, undefined, undefined],
    );
  });
});

test('numbers, texts and confidences', () => {
  expect([numberAt(' 100.50 ', 'n'), numberAt('', 'n'), numberAt(null, 'n'), numberAt(0, 'n')]).toEqual([
    100.5,
    null,
    null,
    0,
  ]);
  expect(() => numberAt('12 km', 'speed')).toThrow(refusal('speed'));
  expect(() => numberAt(Infinity, 'speed')).toThrow(refusal('speed'));
  expect([textAt('  '), textAt(7), textAt({}), textAt(' ก ')]).toEqual([null, '7', null, 'ก']);
  expect([confidenceAt('93.5', 'c', 100), confidenceAt(undefined, 'c', 1)]).toEqual([0.935, null]);
  expect(() => confidenceAt(93, 'c', 1)).toThrow(refusal('c'));
  expect([manyOf(undefined), manyOf(''), manyOf('a'), manyOf(['a'])]).toEqual([[], [], ['a'], ['a']]);
});

describe('pictures', () => {
  test('in base64', () => {
    expect(pictureAt('data:image/jpeg;base64,/9j/\n4A==', 'p')).toEqual(Buffer.from([0xff, 0xd8, 0xff, 0xe0]));
    expect([pictureAt('', 'p'), pictureAt(null, 'p'), pictureAt(Buffer.alloc(0), 'p')]).toEqual([null, null, null]);
    expect(() => pictureAt('<svg onload=alert(1)>', 'p')).toThrow(refusal('p'));
    expect(() => pictureAt(7, 'p')).toThrow(refusal('p'));
  });

  test('of a part, by its own name or its file’s, never by a path', () => {
    const part = (name: string, fileName: string | null, size = 1) => ({
      ...{ name, fileName, mediaType: null, bytes: Buffer.alloc(size) },
    });
    const message = wireMessage({
      parts: [part('empty', null, 0), part('x', '..\\..\\plate.jpg'), part('upload', null)],
    });
    expect(pictureOf(message, 'plate.jpg')).toBe(message.parts[1]?.bytes);
    expect(pictureOf(message, 'empty')).toBeNull();
    expect(pictureOf(message, 'empty', 'upload')).toBe(message.parts[2]?.bytes);
  });
});

describe('times', () => {
  test.each<[unknown, string]>([
    ['2025-06-11T08:15:30Z', '2025-06-11T08:15:30.000Z'],
    ['2025-06-11T08:15:30.1234567+07:00', '2025-06-11T01:15:30.123Z'],
    ['2025-06-11 08:15:30', '2025-06-11T01:15:30.000Z'],
    ['20250611_081530', '2025-06-11T01:15:30.000Z'],
    ['2025-06-11 08:15:30.5', '2025-06-11T01:15:30.500Z'],
    [1490574589596, '2017-03-27T00:29:49.596Z'],
    ['1490574589596', '2017-03-27T00:29:49.596Z'],
    [1607123958.748393, '2020-12-04T23:19:18.748Z'],
  ])('%s', (value, expected) => {
    expect(instantAt(value, 'time', BANGKOK)?.toISOString()).toBe(expected);
  });

  test('none, and what is none', () => {
    expect([instantAt('', 't', BANGKOK), instantAt(undefined, 't', BANGKOK)]).toEqual([null, null]);
    expect(() => instantAt('tomorrow', 't', BANGKOK)).toThrow(refusal('t'));
    expect(() => instantAt({}, 't', BANGKOK)).toThrow(refusal('t'));
  });

  test('when the clocks go forward and back', () => {
    const berlin = (text: string): string | undefined => instantAt(text, 't', 'Europe/Berlin')?.toISOString();
    expect(berlin('2025-03-30 01:30:00')).toBe('2025-03-30T00:30:00.000Z');
    expect(berlin('2025-03-30 03:30:00')).toBe('2025-03-30T01:30:00.000Z');
    expect(berlin('2025-10-26 12:00:00')).toBe('2025-10-26T11:00:00.000Z');
  });
});

describe('XML', () => {
  test('without namespaces, all texts', () => {
    const xml = '<?xml version="1.0"?><a:Event xmlns:a="x" id="7"><plate>01</plate><!-- > --></a:Event>';
    expect(at(xmlOf(Buffer.from(xml)), 'Event')).toMatchObject({ '@id': '7', plate: '01' });
  });

  test.each<[string, string]>([
    ['a bomb', '<!DOCTYPE l [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><l>&b;</l>'],
    ['a file', '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>'],
    ['too deep', '<a>'.repeat(50) + '</a>'.repeat(50)],
    ['not closed', '<a><b></a>'],
    ['no XML', 'plate=1'],
  ])('%s is refused', (_name, xml) => {
    expect(() => xmlOf(Buffer.from(xml))).toThrow(refusal('body'));
  });
});

describe('boxes', () => {
  test.each<[unknown, unknown]>([
    [
      [917, 487, 1029, 529],
      [917, 487, 112, 42],
    ],
    [
      ['10', '40', '30', '20'],
      [10, 20, 20, 20],
    ],
    [{ xmin: 1, ymin: 2, xmax: 4, ymax: 8 }, [1, 2, 3, 6]],
    [{ x1: 1, y1: 2, x2: 4, y2: 8 }, [1, 2, 3, 6]],
    [{ x: 1, y: 2, width: 3, height: 4 }, [1, 2, 3, 4]],
    [[], null],
    [{}, null],
    [null, null],
    [[5, 5, 5, 9], null],
  ])('%j', (value, box) => {
    expect(boxAt(value, 'box')).toEqual(box);
  });

  test.each([[[1, 2, 3]], [['a', 1, 2, 3]], ['1,2,3,4'], [{ x: 1, y: 2 }]])('%j is none', (value) => {
    expect(() => boxAt(value, 'box')).toThrow(refusal('box'));
  });
});

test('facts are flat, short and few', () => {
  expect(factsOf({ cpu: 1, disk: { free: '12 ', deep: { a: 1 } }, list: [1], none: null }, 'x.')).toEqual({
    'x.cpu': 1,
    'x.disk.free': '12',
    'x.none': null,
  });
  const many = Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`f${index}`, 'x'.repeat(900)]));
  expect(Object.values(factsOf(many))).toEqual(Array.from({ length: 24 }, () => 'x'.repeat(200)));
});

test('a refusal is one that no client takes for a passing trouble', () => {
  const status = (code: ConstructorParameters<typeof LprError>[0]): number => refusalStatus(new LprError(code, ''));
  expect([status('body_too_large'), status('too_many_attempts'), status('internal'), status('forbidden')]).toEqual([
    413, 400, 400, 403,
  ]);
});
