import { describe, expect, test } from '@jest/globals';
import { checkEntry } from '../../../core/blacklists/entry-check.ts';
import { parseListDate } from '../../../core/blacklists/imports/list-dates.ts';
import { anEntry } from '../../../test/blacklists.ts';
import english from '../locales/en-US.json' with { type: 'json' };
import { problemWords } from './problem-words.ts';

const said = (change: Parameters<typeof anEntry>[0]): readonly string[] =>
  checkEntry(anEntry(change)).problems.map(({ problem }) => problem);

const dated = (text: string): readonly string[] => {
  const date = parseListDate(text, 'dmy');
  return typeof date === 'string' ? [date] : [];
};

describe('what the hub says of an entry', () => {
  test.each([
    ['noText', said({ plateNumber: '-' })],
    ['tooLong', said({ plateNumber: '1'.repeat(40) })],
    ['tooWide', said({ plateNumber: '1*' })],
    ['noProvince', said({ issuingEntity: 'TH-99' })],
    ['thaiProvince', said({ issuingEntity: 'TH-10', countryCode: 'MY' })],
    ['noCountry', said({ countryCode: 'thai' })],
    ['noClass', said({ plateType: 'RY99', countryCode: 'TH' })],
    ['noShare', said({ confidence: 2 })],
    ['buddhistYear', said({ validTo: new Date('2569-11-26T00:00:00Z') })],
    ['farYear', said({ reviewAt: new Date('1026-11-26T00:00:00Z') })],
    ['endsFirst', said({ validFrom: new Date('2026-11-26T00:00:00Z'), validTo: new Date('2026-11-25T00:00:00Z') })],
    ['noDay', dated('45/13/2569')],
    ['shortYear', dated('1/1/69')],
    ['noDate', dated('tomorrow')],
  ])('has words for %s', (key, problems) => {
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect({ problem, key: problemWords(problem).key }).toEqual({ problem, key });
    expect(english.blacklist.problem).toHaveProperty(key);
  });

  test('keeps what it quotes and the numbers in it', () => {
    expect(problemWords('is no province that the hub knows: is เชียงใหม่ (TH-50) meant?: "เชียงไหม่"')).toEqual({
      ...{ key: 'provinceMeant', values: { meant: 'เชียงใหม่ (TH-50)' }, quoted: 'เชียงไหม่' },
    });
    expect(problemWords('stands in row 3 again, which counts').values).toEqual({ n: '3' });
  });

  test('that is new stands as it is', () => {
    expect(problemWords('is somehow odd').key).toBeNull();
  });
});
