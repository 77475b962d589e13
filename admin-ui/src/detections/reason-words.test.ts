import { expect, test } from '@jest/globals';
import { parsePlate } from '../../../core/plates/plates.ts';
import { mergeWords, reasonWords } from './reason-words.ts';

test('every reason that the hub gives for plates has words', () => {
  const reasons = ['1กก1234', '70-1234', 'ฏฏ 12', 'WXY 1234', 'สติ 99', 'ก-1234'].flatMap((text) =>
    parsePlate(text, { countries: ['TH'], colour: { background: 'white', text: 'green' } }).flatMap((one) => [
      ...one.reasons,
    ]),
  );
  expect(reasons.length).toBeGreaterThan(10);
  expect(reasonWords(reasons).filter((word) => word.key === null)).toEqual([]);
});

test('a reason from elsewhere is shown as it came', () => {
  expect(reasonWords(['format:TH car: new', 'plugin:lucky'])).toEqual([
    { key: 'reason.format', value: 'TH car: new' },
    { key: null, value: 'plugin:lucky' },
  ]);
});

test('why reads are one detection has words and numbers', () => {
  expect(mergeWords(['voted:3/4', 'folded:120', 'track', 'plugin:lucky'])).toEqual([
    { key: 'merged.voted', value: 'voted:3/4', of: '3', all: '4' },
    { key: 'merged.folded', value: 'folded:120', of: '120', all: '' },
    { key: 'merged.track', value: 'track', of: '', all: '' },
    { key: null, value: 'plugin:lucky', of: 'lucky', all: '' },
  ]);
});
