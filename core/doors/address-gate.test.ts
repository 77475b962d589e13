import { expect, test } from '@jest/globals';
import { createAddressGate } from './address-gate.ts';

const limits = { perAddress: 3, perSecond: 1, inAll: 5 };

test('one address holds so many at once, others are unharmed, and leaving makes room', () => {
  let at = 0;
  const gate = createAddressGate(limits, () => at);
  const held = [1, 2, 3].map(() => gate.enter('192.0.2.1'));
  expect(held.every(({ ok }) => ok)).toBe(true);
  expect(gate.enter('192.0.2.1')).toMatchObject({ ok: false, reason: expect.stringContaining('3 connections') });
  expect(gate.enter('192.0.2.2').ok).toBe(true);
  const [first] = held;
  if (first?.ok !== true) throw new Error('was refused');
  first.leave();
  first.leave();
  expect(gate.standing).toBe(3);
  expect(gate.enter('192.0.2.1')).toMatchObject({ ok: false, reason: expect.stringContaining('a second') });
  at = 1_000;
  expect(gate.enter('192.0.2.1').ok).toBe(true);
  expect(gate.refused).toBe(2);
});

test('everybody together holds so many', () => {
  const gate = createAddressGate(limits);
  for (let i = 0; i < 5; i++) expect(gate.enter(`192.0.2.${i}`).ok).toBe(true);
  expect(gate.enter('192.0.2.9')).toMatchObject({ ok: false, reason: expect.stringContaining('holds 5') });
});

test('a network of one site counts as one address', () => {
  const gate = createAddressGate(limits);
  for (const address of ['2001:db8::1', '2001:db8:0:0:1::', '2001:db8::ffff'])
    expect(gate.enter(address).ok).toBe(true);
  expect(gate.enter('2001:db8:0:0:9::9').ok).toBe(false);
  expect(gate.enter('2001:db8:1::9').ok).toBe(true);
});
