import { expect, test } from '@jest/globals';
import { isInside } from './outgoing-http.ts';

test('no way of writing an address of the own machine or network gets past', () => {
  const inside = [
    ...[
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '127.9.9.9',
      '169.254.169.254',
      '172.31.0.1',
      '192.168.0.1',
      '255.255.255.255',
    ],
    ...[
      '::',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:a00:1',
      '::127.0.0.1',
      'fc00::1',
      'fd12::1',
      'fe80::1',
      'fec0::1',
      'ff02::1',
    ],
    ...['64:ff9b::7f00:1', '64:ff9b:1::a00:1', '2002:7f00:1::'],
  ];
  expect(inside.filter((address) => !isInside(address))).toEqual([]);
  expect(['1.1.1.1', '172.32.0.1', '2606:4700:4700::1111', '::ffff:1.1.1.1'].filter(isInside)).toEqual([]);
});
