import { expect, test } from '@jest/globals';
import { qualityWords } from './quality-words.ts';

const grades = (quality: Parameters<typeof qualityWords>[0]) =>
  Object.fromEntries(qualityWords(quality).map((word) => [word.key, word.grade]));

test('a crisp near plate is good in every way', () => {
  expect(grades({ plateHeight: 62, sharpness: 0.8, glare: 0, contrast: 0.7, angle: -2, score: 0.9 })).toEqual({
    plateHeight: 'good',
    sharpness: 'good',
    glare: 'good',
    contrast: 'good',
    angle: 'good',
  });
});

test('a far, blurred, blown-out plate on a slope is told by what is wrong with it', () => {
  expect(grades({ plateHeight: 14, sharpness: 0.1, glare: 0.4, contrast: 0.3, angle: -22, score: 0.1 })).toEqual({
    plateHeight: 'poor',
    sharpness: 'poor',
    glare: 'poor',
    contrast: 'fair',
    angle: 'poor',
  });
});
