import { describe, expect, test } from '@jest/globals';
import type { Quality } from '../message.ts';
import type { EngineRead } from '../plugins/define.ts';
import { judgeRead } from './judge.ts';

const clear: Quality = { plateHeight: 60, sharpness: 0.9, glare: 0, contrast: 0.6, angle: 0, score: 1 };
const characters = (text: string, confidence = 0.9): EngineRead['characters'] =>
  Array.from(text, (char) => ({ char, confidence, alternatives: [] }));
const seen = (text: string, more: Partial<EngineRead> = {}): EngineRead => ({
  text,
  confidence: 0.9,
  characters: characters(text),
  province: null,
  alternatives: [],
  ...more,
});
const judge = (read: EngineRead, quality: Quality = clear, countries: string[] = []): ReturnType<typeof judgeRead> =>
  judgeRead(read, { readId: 'r1', engine: 'e', quality, countries });

test('a Thai car with its province', () => {
  const read = judge(seen('1กก 1234', { province: { text: 'กรุงเทพมหานคร', confidence: 0.9 } }));
  expect(read).toMatchObject({
    readId: 'r1',
    engine: 'e',
    plateNumber: '1กก1234',
    series: '1กก',
    serial: '1234',
    countryCode: 'TH',
    issuingEntity: 'TH-10',
  });
  expect(read.confidence).toBeGreaterThan(0.75);
  expect(read.provinceConfidence).toBeGreaterThan(0.75);
  expect(read.reasons.some((reason) => reason.startsWith('format:TH'))).toBe(true);
});

test('a province line with small faults is understood, one between two names is an honest unknown', () => {
  expect(judge(seen('กข1234', { province: { text: 'กรงเทพมหาบคร', confidence: 0.9 } })).issuingEntity).toBe('TH-10');
  // ระยอง and ระนอง differ by one letter, and here just that letter is missing.
  const between = judge(seen('กข1234', { province: { text: 'ระอง', confidence: 0.9 } }));
  expect(between.issuingEntity).toBeNull();
  expect(between.provinceConfidence).toBe(0);
  expect(between.reasons).toContain('province:unsure');
});

test('a clear province makes a plate Thai whose number was misread into a foreign form', () => {
  const read = judge(seen('SNK7711', { province: { text: 'กรุงเทพมหานคร', confidence: 0.9 } }));
  expect(read).toMatchObject({ countryCode: 'TH', issuingEntity: 'TH-10', series: null });
  expect(read.confidence).toBeLessThan(judge(seen('SNK7711')).confidence);
});

describe('confidence falls with each of its causes', () => {
  const best = judge(seen('1กก1234')).confidence;
  test('the engine', () => {
    expect(judge(seen('1กก1234', { confidence: 0.5 })).confidence).toBeLessThan(best);
  });
  test('the format', () => {
    expect(judge(seen('กกกก12345678')).confidence).toBeLessThan(best * 0.6);
  });
  test('the quality', () => {
    expect(judge(seen('1กก1234'), { ...clear, score: 0.1 }).confidence).toBeLessThan(best);
  });
});

test('a slightly less clear text of a known format beats a clear one of none', () => {
  const read = judge(seen('7กษษ6934', { confidence: 0.8, alternatives: [{ text: '7กษ6934', confidence: 0.7 }] }));
  expect(read.plateNumber).toBe('7กษ6934');
  expect(read.candidates.map((c) => c.plateNumber)).toEqual(['7กษ6934', '7กษษ6934']);
  expect(read.characters.map((c) => c.char).join('')).toBe('7กษ6934');
});

test('personalised words keep their marks', () => {
  const read = judge(
    seen('สติ 70', {
      characters: [...characters('ส'), { char: 'ติ', confidence: 0.8, alternatives: [] }, ...characters('70')],
    }),
  );
  expect(read.plateNumber).toBe('สติ70');
  expect(read.characters.map((c) => c.char)).toEqual(['ส', 'ติ', '7', '0']);
  expect(read.characters[1]?.confidence).toBe(0.8);
});

test('a word without digits stays under what is reported of a scene', () => {
  for (const text of ['กรุงเทพมหานคร', 'STOR-IT']) expect(judge(seen(text)).confidence).toBeLessThan(0.3);
});

test('nothing, dirt and a single character are not read', () => {
  for (const text of ['', '·-', '1']) {
    const read = judge(seen(text, { confidence: 0.6 }));
    expect(read).toMatchObject({ plateNumber: '', confidence: 0, countryCode: null, characters: [] });
    expect(read.reasons).toContain('read:too_unsure');
  }
});

test('an expected country is a prior, not a filter', () => {
  expect(judge(seen('1กก1234'), clear, ['MY']).countryCode).toBe('TH');
});

test('values stay within 0..1 and are never NaN', () => {
  for (const confidence of [0, 0.3, 1]) {
    for (const score of [0, 0.5, 1]) {
      const read = judge(seen('กข1234', { confidence }), { ...clear, score });
      for (const value of [read.confidence, read.provinceConfidence, ...read.candidates.map((c) => c.confidence)]) {
        expect(value >= 0 && value <= 1).toBe(true);
      }
    }
  }
});

test('between characters that are drawn alike the form decides, unless the print is clear', () => {
  const slovak = (confidence: number): ReturnType<typeof judge> =>
    judge(seen('BA3020Z', { confidence, isCalibrated: true }), clear, ['SK']);
  expect(slovak(0.7)).toMatchObject({ plateNumber: 'BA302OZ', reasons: expect.arrayContaining(['grammar:chose']) });
  expect(slovak(0.97).plateNumber).toBe('BA3020Z');
  const american = judge(seen('AC0M7V', { confidence: 0.7, isCalibrated: true }), clear, ['US']);
  expect(american.plateNumber).toBe('AC0M7V');
});
