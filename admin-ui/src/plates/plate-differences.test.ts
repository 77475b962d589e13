import { describe, expect, test } from '@jest/globals';
import { comparePlates } from './plate-differences.ts';

const places = (read: string, listed: string) => {
  const { read: a, listed: b, differences } = comparePlates(read, listed);
  return { read: [...a], listed: [...b], words: differences.map((one) => `${one.read}>${one.listed}`) };
};

describe('two plate texts', () => {
  test('that are the same differ nowhere', () => {
    expect(places('1กก1234', '1กก1234')).toEqual({ read: [], listed: [], words: [] });
  });

  test('differ at the place of the exchanged character', () => {
    expect(places('1กก1234', '1ถก1284')).toEqual({ read: [5, 1], listed: [5, 1], words: ['ก>ถ', '3>8'] });
  });

  test('keep their places where one has a character more', () => {
    expect(places('กก11234', 'กก1234')).toMatchObject({ listed: [], words: ['1>'] });
    expect(places('กก234', 'กก1234')).toEqual({ read: [], listed: [2], words: ['>1'] });
  });

  test('are nothing to compare where the list has a pattern', () => {
    expect(places('1กก1234', '1กก*').words).toEqual([]);
  });
});
