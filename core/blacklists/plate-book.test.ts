import { describe, expect, test } from '@jest/globals';
import { EXACT_POLICY, type MatchPolicy } from './match-policy.ts';
import { PlateBook, reachOf, type PlateMatch } from './plate-book.ts';
import { comparePlates } from './plate-differences.ts';
import type { PlateQuestion } from './plate-question.ts';
import { matchesPattern } from './wildcards.ts';

const AT = new Date('2026-11-26T08:00:00Z');
const LIKE: MatchPolicy = { ...EXACT_POLICY, edits: 'confusable' };
const ANY: MatchPolicy = { ...EXACT_POLICY, edits: 'any' };

const bookOf = (
  ...plates: (readonly [plateNumber: string, issuingEntity?: string | null, plateType?: string])[]
): PlateBook => {
  const book = new PlateBook();
  plates.forEach(([plateNumber, issuingEntity = 'TH-10', plateType], i) =>
    book.put({
      ...{ entryNo: i + 1, list: 0, plateNumber, issuingEntity, countryCode: 'TH', plateType: plateType ?? null },
      ...{ validFrom: null, validTo: null },
    }),
  );
  return book;
};

const asked = (plateNumber: string, more: Partial<PlateQuestion> = {}): PlateQuestion => ({
  ...{ status: 'confirmed', plateNumber, issuingEntity: 'TH-10', countryCode: 'TH', plateType: 'RY1', confidence: 0.8 },
  ...{ read: null, ...more },
});
const find = (book: PlateBook, question: PlateQuestion, policy: MatchPolicy): readonly PlateMatch[] =>
  book.find(question, AT, reachOf([policy]), () => policy);
const matched = (...args: Parameters<typeof find>): readonly string[] =>
  find(...args)
    .map(({ plateNumber, matchedBy }) => `${plateNumber} ${matchedBy}`)
    .sort();

describe('by policy', () => {
  const book = bookOf(['1กก1234'], ['กก12'], ['กก1'], ['3กก12345']);

  test.each<[string, string, MatchPolicy, string[]]>([
    ['exact', '1กก1234', EXACT_POLICY, ['1กก1234 exact']],
    ['a likeness means nothing to it', '1กถ1234', EXACT_POLICY, []],
    ['five to seven characters allow one likeness', '1กถ1234', LIKE, ['1กก1234 confusable']],
    ['and no two', '1กถ1284', LIKE, []],
    ['up to four characters allow none', 'กถ12', LIKE, []],
    ['eight and more allow two', '8กถ12345', LIKE, ['3กก12345 confusable']],
    ['three are too many for all', '8กถ12365', LIKE, []],
    ['what nobody mixes up is no likeness', '1กก1ฮ34', LIKE, []],
    ['but any edit', '1กก1ฮ34', ANY, ['1กก1234 confusable']],
    ['as is a missing one', '1กก123', ANY, ['1กก1234 confusable']],
    ['the shorter of both texts says how many', 'กก123', ANY, []],
  ])('%s', (_what, text, policy, expected) => {
    expect(matched(book, asked(text), policy)).toEqual(expected);
  });

  test('a text that a person typed is what it is', () => {
    expect(matched(book, asked('1กถ1234', { status: 'corrected' }), LIKE)).toEqual([]);
    expect(matched(book, asked('1กก1234', { status: 'rejected' }), LIKE)).toEqual([]);
  });

  test('other texts that the engine held possible count where the list says so', () => {
    const read = { characters: [], candidates: [{ plateNumber: '1กก1234', issuingEntity: null, confidence: 0.3 }] };
    const question = asked('1ฮฮ1234', { read });
    expect(matched(book, question, EXACT_POLICY)).toEqual([]);
    const [hit, ...more] = find(book, question, { ...EXACT_POLICY, candidates: true });
    expect([hit?.matchedBy, hit?.sureness, more]).toEqual(['candidate', 0.3, []]);
  });
});

describe('province, country and class', () => {
  const book = bookOf(['1กก1234', 'TH-10', 'RY1'], ['2ขข2222', null]);

  test.each<[string, PlateQuestion, string[]]>([
    ['a read without province is no identity', asked('1กก1234', { issuingEntity: null }), ['1กก1234 without_province']],
    ['nor is an entry without one', asked('2ขข2222'), ['2ขข2222 without_province']],
    ['another province is another vehicle', asked('1กก1234', { issuingEntity: 'TH-20' }), []],
    ['another class too, where both know it', asked('1กก1234', { plateType: 'RY3' }), []],
    ['and counts where one does not', asked('1กก1234', { plateType: null }), ['1กก1234 exact']],
  ])('%s', (_what, question, expected) => {
    expect(matched(book, question, EXACT_POLICY)).toEqual(expected);
  });

  test('without a province it is half as sure, and a list may want none of it', () => {
    const without = asked('1กก1234', { issuingEntity: null });
    expect(find(book, without, EXACT_POLICY)[0]?.sureness).toBeCloseTo(0.4);
    expect(find(book, without, { ...EXACT_POLICY, withoutProvince: false })).toEqual([]);
  });
});

describe('how sure', () => {
  const book = bookOf(['1กก1234']);
  const sureness = (question: PlateQuestion): number => find(book, question, ANY)[0]?.sureness ?? NaN;
  const characters = (text: string, unsure: number, alternatives: { char: string; confidence: number }[] = []) =>
    Array.from(text, (char, i) => ({
      char,
      confidence: i === 2 ? unsure : 0.99,
      alternatives: i === 2 ? alternatives : [],
    }));

  test('as the read where nothing differs', () => {
    expect(sureness(asked('1กก1234'))).toBeCloseTo(0.8);
  });

  test('less the surer the reader was of the other character', () => {
    const of = (unsure: number): number =>
      sureness(asked('1กถ1234', { read: { characters: characters('1กถ1234', unsure), candidates: [] } }));
    expect(of(0.5)).toBeGreaterThan(of(0.9) * 3);
    expect(of(0.5)).toBeLessThan(0.8);
  });

  test('what the reader held possible weighs as it said', () => {
    const said = characters('1กถ1234', 0.5, [{ char: 'ก', confidence: 0.45 }]);
    expect(sureness(asked('1กถ1234', { read: { characters: said, candidates: [] } }))).toBeCloseTo(0.8 * 0.9);
  });

  test('an edit that no likeness explains is the least sure', () => {
    expect(sureness(asked('1กฮ1234'))).toBeLessThan(sureness(asked('1กถ1234')));
    expect(sureness(asked('1กก123'))).toBeGreaterThan(0);
  });

  test('which character was taken for which is told', () => {
    expect(find(book, asked('1กถ1234'), LIKE)[0]?.differences).toEqual([{ place: 2, read: 'ถ', listed: 'ก' }]);
    expect(comparePlates('1กก123', '1กก1234').differences).toEqual([{ place: 6, read: '', listed: '4' }]);
    expect(comparePlates('X1กก1234', '1กก1234').differences).toEqual([{ place: 0, read: 'X', listed: '' }]);
    expect(comparePlates('1กก1234', '1กก1234').differences).toEqual([]);
  });
});

describe('wildcards', () => {
  test.each<[string, string, boolean]>([
    ['1กก*', '1กก1234', true],
    ['1กก*', '1กก', true],
    ['1กก????', '1กก1234', true],
    ['1กก????', '1กก123', false],
    ['*1234', '1กก1234', true],
    ['*12*4', '1กก12124', true],
    ['*12*4', '1กก1212', false],
    ['?กก1234', '1กก1234', true],
    ['?กก1234', 'กก1234', false],
    ['ก?งกร*', 'กังงกร1', false],
    ['มั?กร*', 'มังกร1', true],
  ])('%s and %s', (pattern, plate, expected) => {
    expect(matchesPattern(pattern, plate)).toBe(expected);
    const book = bookOf([pattern]);
    expect(matched(book, asked(plate), EXACT_POLICY)).toEqual(expected ? [`${pattern} wildcard`] : []);
  });

  test('an entry that becomes a plate is a pattern no more, and the other way round', () => {
    const book = bookOf(['1กก*']);
    const to = (plateNumber: string): void => {
      book.put({
        ...{ entryNo: 1, list: 0, plateNumber, issuingEntity: null, countryCode: null, plateType: null },
        ...{ validFrom: null, validTo: null },
      });
    };
    to('1กก1234');
    expect(matched(book, asked('1กก1111'), EXACT_POLICY)).toEqual([]);
    to('*11');
    expect([matched(book, asked('1กก1111'), EXACT_POLICY), book.size]).toEqual([['*11 wildcard'], 1]);
  });
});
