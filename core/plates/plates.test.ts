import { describe, expect, test } from '@jest/globals';
import formats from './facts/formats.json' with { type: 'json' };
import {
  countries,
  findProvince,
  foldConfusables,
  formatPlate,
  likePattern,
  normalisePlate,
  parsePlate,
  plateCharacters,
  plateSimilarity,
  provinces,
} from './plates.ts';

/** A small generator with a seed, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('canonical form', () => {
  test.each([
    ['๑กก ๑๒๓๔', '1กก1234'],
    [' กข-99 ', 'กข99'],
    ['ab\u200b 12.3', 'AB123'],
    ['น\u0E4D\u0E32 1', 'นำ1'],
    ['ไข่เจียว 1', 'ไข่เจียว1'],
    ['\u0E48กข1', 'กข1'],
  ])('%s is %s', (raw, canonical) => {
    expect(normalisePlate(raw)).toBe(canonical);
  });

  test('is the same when taken twice, whatever comes in', () => {
    const next = random(7);
    for (let i = 0; i < 3000; i++) {
      const raw = Array.from({ length: 8 }, () =>
        String.fromCodePoint(next() < 0.5 ? 0x0e01 + Math.floor(next() * 90) : 0x20 + Math.floor(next() * 0x2fff)),
      ).join('');
      const once = normalisePlate(raw);
      expect(normalisePlate(once)).toBe(once);
      expect(once).toMatch(/^[\p{L}\p{M}\p{Nd}]*$/u);
    }
  });

  test('characters keep their marks', () => {
    expect(plateCharacters('ไข่เจียว1')).toEqual(['ไ', 'ข่', 'เ', 'จี', 'ย', 'ว', '1']);
  });
});

describe('formats', () => {
  for (const format of formats) {
    const name = `${format.country} ${format.name}`;
    test(name, () => {
      for (const example of format.examples) {
        expect({ example, formats: parsePlate(example).map((p) => p.format) }).toEqual({
          example,
          formats: expect.arrayContaining([name]),
        });
      }
      for (const bad of format.bad) expect(parsePlate(bad).map((p) => p.format)).not.toContain(name);
    });
  }

  test.each([
    ['1กก1234', '1กก', '1234', 'RY1'],
    ['กข99', 'กข', '99', 'RY1'],
    ['ฮก1234', 'ฮก', '1234', 'RY2'],
    ['บพ1234', 'บพ', '1234', 'RY3'],
    ['ทค1234', 'ทค', '1234', 'RY6'],
    ['701234', '70', '1234', 'LT-truck-hire'],
    ['829999', '82', '9999', 'LT-truck-private'],
    ['กขค123', 'กขค', '123', 'RY12'],
    ['สติ9999', 'สติ', '9999', 'personalised'],
  ])('%s is Thai with series %s and serial %s, class %s', (text, series, serial, plateType) => {
    expect(parsePlate(text)[0]).toMatchObject({ countryCode: 'TH', series, serial, plateType });
  });

  test('colour decides the class where it was seen', () => {
    const colour = { background: 'yellow', text: 'black' };
    expect(parsePlate('1มข9999', { colour })[0]).toMatchObject({ plateType: 'RY6' });
  });

  test('the expected country wins, yet an unlikely truth is still told', () => {
    const [first, ...others] = parsePlate('ABC1234', { countries: ['BR', 'TH'] });
    expect(first?.countryCode).toBe('BR');
    expect(others.map((p) => p.countryCode)).toContain('US');
    expect(parsePlate('1กก1234', { countries: ['MY'] })[0]?.countryCode).toBe('TH');
  });

  test('what is printed reads back as the same plate', () => {
    const next = random(11);
    const letters = 'กขคฆงจฉชฌญฎฐฒณดตถทธนบปผพฟภมยรลวศษสหฬอฮ';
    const letter = (): string => letters.charAt(Math.floor(next() * letters.length));
    for (let i = 0; i < 500; i++) {
      const lead = next() < 0.5 ? String(1 + Math.floor(next() * 9)) : '';
      const text = `${lead}${letter()}${letter()}${1 + Math.floor(next() * 9999)}`;
      const [plate] = parsePlate(text);
      expect(plate?.plateNumber).toBe(text);
      expect(parsePlate(formatPlate(plate!))[0]).toEqual(plate);
    }
    expect(formatPlate(parsePlate('701234')[0]!)).toBe('70-1234');
    expect(formatPlate(parsePlate('1กก1234')[0]!)).toBe('1กก 1234');
  });
});

describe('provinces', () => {
  test('there are 78 names, each found by itself with a lead', () => {
    expect(provinces).toHaveLength(78);
    for (const province of provinces) {
      const match = findProvince(province.nameTh);
      expect(match?.province.code).toBe(province.code);
      expect(match?.margin).toBeGreaterThan(0);
    }
  });

  test.each([
    ['กรุงเทพมหานคว', 'TH-10'],
    ['เชยงใหม', 'TH-50'],
    ['BKK', 'TH-10'],
    ['Chiang Mai', 'TH-50'],
  ])('%s is %s', (text, code) => {
    expect(findProvince(text)?.province.code).toBe(code);
  });

  test('names one letter apart leave a small margin, so that nobody snaps to one', () => {
    expect(findProvince('ระยอง')?.margin).toBeLessThan(0.25);
    expect(findProvince('กรุงเทพมหานคร')?.margin).toBeGreaterThan(0.4);
  });

  test('what is no name is none', () => {
    expect(findProvince('')).toBeNull();
    expect(findProvince('12345')).toBeNull();
  });
});

describe('likeness', () => {
  test('confusable letters are nearer than others, and order does not matter', () => {
    expect(plateSimilarity('กด1234', 'กต1234')).toBeGreaterThan(plateSimilarity('กด1234', 'กม1234'));
    expect(plateSimilarity('8B0', 'B80')).toBeCloseTo(plateSimilarity('B80', '8B0'));
    expect(plateSimilarity('กข1', 'กข1')).toBe(1);
    expect(plateSimilarity('', 'กข1')).toBe(0);
  });

  test('texts that differ only by twins share a folded key', () => {
    expect(foldConfusables('กด1234')).toBe(foldConfusables('กต1234'));
    expect(foldConfusables('กม1234')).not.toBe(foldConfusables('กต1234'));
  });
});

describe('search patterns', () => {
  test.each([
    ['1กก', '%1กก%'],
    ['ก ๑๒', '%ก12%'],
    ['1ก*34', '1ก%34'],
    ['?กก*', '_กก%'],
    ['50%_', '%50%'],
    ['ab-12', '%AB12%'],
  ])('%s becomes %s', (query, pattern) => {
    expect(likePattern(query)).toBe(pattern);
  });
  test('nothing to look for is null', () => {
    expect(likePattern(' *? -')).toBeNull();
  });
});

test('each country of a format has a name', () => {
  const named = new Set(countries.map((country) => country.code));
  expect(formats.map((format) => format.country).filter((code) => !named.has(code))).toEqual([]);
});
