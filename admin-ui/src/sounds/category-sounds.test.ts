import { expect, test } from '@jest/globals';
import { soundOf } from './category-sounds.ts';

const alert = { category: 'stolen', priority: 90, cause: 'live', state: 'open', isOverBudget: false } as const;
const list = { blacklistId: 'b', name: 'L', colour: null, sound: null, isCovert: false } as const;

test('a list sounds as it says, else as its category does', () => {
  expect(soundOf({ ...alert, list: { ...list, sound: 'chime' } })).toBe('chime');
  expect(soundOf({ ...alert, list })).toBe('alarm');
  expect(soundOf({ ...alert, list: { ...list, sound: 'none' } })).toBe('none');
});

test('an alert of no list sounds by its priority', () => {
  expect(soundOf({ ...alert, category: null, priority: 90 })).toBe('alarm');
  expect(soundOf({ ...alert, category: null, priority: 50 })).toBe('bell');
});

test('covert lists, late alerts and what is only listed make no sound', () => {
  expect(soundOf({ ...alert, list: { ...list, sound: 'siren', isCovert: true } })).toBe('none');
  expect(soundOf({ ...alert, cause: 'late' })).toBe('none');
  expect(soundOf({ ...alert, isOverBudget: true })).toBe('none');
  expect(soundOf({ ...alert, state: 'acknowledged' })).toBe('none');
});
