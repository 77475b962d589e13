import { describe, expect, test } from '@jest/globals';
import { parsePattern } from './name-pattern.ts';

const wall = (text: string): number => Date.parse(`${text}Z`);
const NOTHING = { wall: null, instant: null, camera: null, id: null };

describe('names as cameras give them', () => {
  test.each<[string, string, string, object]>([
    [
      'Hikvision by FTP',
      '{camera}_{*}_{YYYY}{MM}{DD}{hh}{mm}{ss}{SSS}_{*}',
      '192.168.1.64_01_20261126081530250_VEHICLE_DETECTION.jpg',
      { camera: '192.168.1.64', wall: wall('2026-11-26T08:15:30.250') },
    ],
    [
      'Dahua by FTP, in folders',
      '{camera}/{YYYY}-{MM}-{DD}/{*}/jpg/{hh}/{mm}/{ss}{*}',
      'gate/2026-11-26/001/jpg/08/15/30[M][0@0][0].jpg',
      { camera: 'gate', wall: wall('2026-11-26T08:15:30') },
    ],
    ['seconds since 1970', '{id}-{unix}', 'pass-4711-1795680930.jpeg', { id: 'pass-4711', instant: 1_795_680_930_000 }],
    [
      'below a folder, name alone',
      '{YY}{MM}{DD}-{hh}{mm}',
      'a/b/261126-0815.jpg',
      { wall: wall('2026-11-26T08:15:00') },
    ],
    ['Thai, without ending', 'กล้อง{camera}_{*}', 'กล้องหน้า_x', { camera: 'หน้า' }],
  ])('%s', (_name, pattern, path, expected) => {
    expect(parsePattern(pattern).read(path)).toEqual({ ...NOTHING, ...expected });
  });

  test.each([
    ['{YYYY}{MM}{DD}{hh}{mm}', '20260631 0815.jpg'],
    ['{YYYY}{MM}{DD}{hh}{mm}', '202606310815.jpg'],
    ['{YYYY}{MM}{DD}{hh}{mm}', '202611262515.jpg'],
    ['a.b_{unix}', 'aXb_1795680930.jpg'],
    ['{camera}/{*}', 'alone.jpg'],
    ['{camera}_{*}', '../../etc_passwd/x'],
  ])('%s does not fit %s', (pattern, path) => {
    expect(parsePattern(pattern).read(path)).toBeNull();
  });

  test('a name made to be tried in many ways takes no time', () => {
    const from = performance.now();
    parsePattern('{*}_{*}_{*}_{unix}').read(`${'_'.repeat(250)}.jpg`);
    expect(performance.now() - from).toBeLessThan(1_000);
  });
});

test.each([
  ['plain', /no part/],
  ['{YYYY}', /without year/],
  ['{plate}', /unknown part \{plate\}/],
  ['{camera}{camera}', /twice/],
  ['{camera', /brace/],
  ['{*}{*}{*}{*}{*}', /more than/],
])('%s is refused with its reason', (pattern, reason) => {
  expect(() => parsePattern(pattern)).toThrow(reason);
});
