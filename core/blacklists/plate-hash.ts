/**
 * The hash of a text that changes by a few operations when one character does: asking for hundreds of neighbours of a plate costs
 * little more than asking for the plate. A polynomial modulo 2^32 over UTF-16 units.
 */

/** Longest text in UTF-16 units that is hashed: 20 characters, each with room for a mark. */
export const UNITS_AT_MOST = 64;

const BASE = 0x01000193;
/** BASE has an inverse modulo 2^32, as every odd number has: `x * x` doubles the digits that are right. */
const inverse = (n: number): number => {
  let x = n;
  for (let i = 0; i < 5; i++) x = Math.imul(x, 2 - Math.imul(n, x));
  return x;
};
export const UNBASE = inverse(BASE);
export { BASE };

export const POWERS = new Int32Array(UNITS_AT_MOST + 2);
POWERS[0] = 1;
for (let i = 1; i < POWERS.length; i++) POWERS[i] = Math.imul(POWERS[i - 1] ?? 1, BASE);

/** A unit as a number that looks random. */
export function mixed(unit: number): number {
  let x = Math.imul(unit + 0x9e37, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** Of `length` units of `text` from `from`. */
export function sumOf(text: Uint16Array, from: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum = (sum + Math.imul(mixed(text[from + i] ?? 0), POWERS[i] ?? 0)) | 0;
  return sum;
}

/** The sum of a text as its hash: 32 bits without a sign. */
export function hashOf(sum: number, length: number): number {
  let x = sum ^ Math.imul(length, 0x27d4eb2f);
  x ^= x >>> 15;
  x = Math.imul(x, 0x2c1b3c6d);
  x ^= x >>> 12;
  x = Math.imul(x, 0x297a2d39);
  return (x ^ (x >>> 15)) >>> 0;
}
