import { expect, test } from '@jest/globals';
import { strengthOf } from './password-strength.ts';

test.each([
  ['', 'short'],
  ['Ab1!xyz', 'short'],
  ['aaaaaaaaaaaaaaaa', 'weak'],
  ['abcdefghijklmnop', 'weak'],
  ['passwordpassword', 'weak'],
  ['Administrator1', 'weak'],
  ['correct horse battery', 'strong'],
  ['รถสีแดงสามคันจอด', 'strong'],
  ['mango-sticky-9', 'fair'],
])('%s is %s', (password, strength) => {
  expect(strengthOf(password, 'Administrator')).toBe(strength);
});
