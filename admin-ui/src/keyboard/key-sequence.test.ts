import { describe, expect, test } from '@jest/globals';
import { keyName, KeySequence, PAIR_MS, type KeyPress } from './key-sequence.ts';

const press = (key: string, code = '', more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

describe('a key', () => {
  test('keeps its meaning on a Thai layout', () => {
    expect(keyName(press('j', 'KeyJ'))).toBe('j');
    expect(keyName(press('่', 'KeyJ'))).toBe('j');
    expect(keyName(press('ฝ', 'Slash'))).toBe('/');
    expect(keyName(press('ฦ', 'Slash', { shiftKey: true }))).toBe('?');
  });

  test('is a chord with Ctrl or Command, nothing with Alt or alone a modifier', () => {
    expect(keyName(press('k', 'KeyK', { ctrlKey: true }))).toBe('ctrl+k');
    expect(keyName(press('า', 'KeyK', { metaKey: true }))).toBe('ctrl+k');
    expect(keyName(press('k', 'KeyK', { altKey: true }))).toBeNull();
    expect(keyName(press('Shift', 'ShiftLeft', { shiftKey: true }))).toBeNull();
  });
});

describe('a pair', () => {
  const isFirst = (name: string) => name === 'g';

  test('is two keys within a moment', () => {
    const sequence = new KeySequence();
    expect(sequence.press('g', 0, isFirst)).toEqual([]);
    expect(sequence.press('l', 300, isFirst)).toEqual(['g l', 'l']);
    expect(sequence.press('l', 400, isFirst)).toEqual(['l']);
  });

  test('is forgotten when the second key comes late', () => {
    const sequence = new KeySequence();
    sequence.press('g', 0, isFirst);
    expect(sequence.press('l', PAIR_MS + 1, isFirst)).toEqual(['l']);
  });
});
