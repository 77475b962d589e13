import { describe, expect, test } from '@jest/globals';
import {
  glyphsOf,
  layoutPlate,
  plateColours,
  plateText,
  previewOf,
  splitCharacters,
  type PlateText,
} from './plate-layout.ts';

const car: PlateText = { plateNumber: '1กก1234', series: '1กก', serial: '1234', countryCode: 'TH', plateType: 'RY1' };
const truck: PlateText = { ...car, plateNumber: '701234', series: '70', serial: '1234', plateType: 'LT-truck-hire' };

describe('layout', () => {
  test('writes series and number apart, a lorry with its hyphen', () => {
    expect(plateText(car)).toBe('1กก 1234');
    expect(plateText(truck)).toBe('70-1234');
    expect(layoutPlate(truck).shape).toBe('truck');
    expect(layoutPlate({ ...car, plateType: 'RY12' }).shape).toBe('motorcycle');
  });

  test('keeps a foreign plate in one line, apart only where its country writes it so', () => {
    const plate: PlateText = {
      plateNumber: 'WXY1234',
      series: 'WXY',
      serial: '1234',
      countryCode: 'MY',
      plateType: null,
    };
    expect(layoutPlate(plate).shape).toBe('foreign');
    expect(plateText(plate)).toBe('WXY 1234');
    expect(plateText({ ...plate, series: null, serial: null })).toBe('WXY1234');
  });

  test('does not split where the parts are not the whole', () => {
    expect(plateText({ ...car, series: 'กก' })).toBe('1กก1234');
  });

  test('keeps vowels and tone marks with their letter', () => {
    expect(splitCharacters('ไข่เจียว9')).toEqual(['ไ', 'ข่', 'เ', 'จี', 'ย', 'ว', '9']);
    const plate: PlateText = { ...car, plateNumber: 'สติ99', series: 'สติ', serial: '99' };
    expect(layoutPlate(plate).series.map((glyph) => glyph.text)).toEqual(['ส', 'ติ']);
    expect(plateText(plate)).toBe('สติ 99');
  });
});

describe('doubt', () => {
  const characters = Array.from('1กก1234').map((char, at) => ({
    char,
    confidence: at === 2 ? 0.55 : 0.97,
    alternatives: at === 2 ? [{ char: 'ภ', confidence: 0.4 }] : [],
  }));

  test('falls on the characters that the reader was unsure of', () => {
    const glyphs = glyphsOf({ ...car, characters });
    expect(glyphs.map((glyph) => glyph.doubtful)).toEqual([false, false, true, false, false, false, false]);
    expect(glyphs[2]?.alternatives).toEqual([{ char: 'ภ', confidence: 0.4 }]);
  });

  test('is dropped when the text was corrected since', () => {
    const glyphs = glyphsOf({ plateNumber: '1กภ1234', characters });
    expect(glyphs.some((glyph) => glyph.doubtful || glyph.confidence !== null)).toBe(false);
    expect(glyphsOf({ ...car, characters, status: 'corrected' }).some((glyph) => glyph.doubtful)).toBe(false);
  });
});

describe('what a person types', () => {
  test('is shown as the plate will be', () => {
    expect(previewOf(' 1 กก-1234 ', 'TH')).toMatchObject({ plateNumber: '1กก1234', series: '1กก', serial: '1234' });
    expect(previewOf('70-1234', null)).toMatchObject({ series: '70', serial: '1234', plateType: 'LT-truck-private' });
    expect(previewOf('wxy 1234', 'MY')).toMatchObject({ plateNumber: 'WXY1234', series: null });
    expect(previewOf('', 'TH').plateNumber).toBe('');
  });
});

test('colours follow the class, a picture plate stays pale, an unknown one is black on white', () => {
  const of = (background: string, text: string) => plateColours({ id: 'x', nameTh: '', nameEn: '', background, text });
  expect(of('white', 'green').text).not.toBe(of('white', 'black').text);
  expect(of('picture of the province', 'black').background).toContain('gradient');
  expect(of('varies', 'varies')).toEqual(plateColours(undefined));
});
