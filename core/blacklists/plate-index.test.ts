import { describe, expect, test } from '@jest/globals';
import { confusableWith } from '../plates/plates.ts';
import { inventPlate } from '../simulator/invent-plate.ts';
import { createRandom } from '../simulator/random.ts';
import { hashOf, sumOf } from './plate-hash.ts';
import { PlateIndex, type IndexedEntry } from './plate-index.ts';
import { eachNeighbour } from './plate-neighbours.ts';

const kind = { list: 0, issuingEntity: null, countryCode: null, plateType: null };
const entry = (entryNo: number, plateNumber: string, more: Partial<IndexedEntry> = {}): IndexedEntry => ({
  ...{ ...kind, entryNo, plateNumber, validFrom: null, validTo: null, ...more },
});
const unitsOf = (text: string): Uint16Array => Uint16Array.from(text, (char) => char.charCodeAt(0));

function found(
  index: PlateIndex,
  text: string,
  edits: 0 | 1 | 2 = 0,
  how: 'confusable' | 'any' = 'confusable',
): readonly string[] {
  const plates = new Set<string>();
  eachNeighbour(index, text, { edits, kind: how }, (slot) =>
    plates.add(`${index.entryNoOf(slot)} ${index.plateOf(slot)}`),
  );
  return [...plates].sort();
}

describe('entries', () => {
  test('are added, changed and removed in place, whatever came before: as a plain map would have it', () => {
    const random = createRandom(7);
    const index = new PlateIndex();
    const plain = new Map<number, string>();
    for (let step = 0; step < 30_000; step++) {
      const entryNo = random.whole(1, 6_000);
      if (random.chance(0.3)) {
        index.remove(entryNo);
        plain.delete(entryNo);
      } else {
        // Few plates, so that many entries have the same one.
        const plateNumber = random.chance(0.5) ? `1กก${random.whole(1, 400)}` : inventPlate(random).plateNumber;
        index.put(entry(entryNo, plateNumber));
        plain.set(entryNo, plateNumber);
      }
    }
    expect(index.size).toBe(plain.size);
    const byPlate = Map.groupBy(plain, ([, plate]) => plate);
    for (const [plate, entries] of byPlate) {
      expect(found(index, plate)).toEqual(entries.map(([entryNo]) => `${entryNo} ${plate}`).sort());
    }
    expect(found(index, 'ฮฮ9')).toEqual([]);
  });

  test('of a list that was read again: what was not seen again goes, of this list alone', () => {
    const index = new PlateIndex();
    index.put(entry(1, 'กก1'));
    index.put(entry(2, 'กก2'));
    index.put(entry(3, 'กก3', { list: 1 }));
    index.renew(0);
    index.put(entry(2, 'กก2'));
    expect(index.dropStale(0, 0, 2)).toBe(2);
    expect(index.dropStale(0, 2, 10)).toBeNull();
    expect(['กก1', 'กก2', 'กก3'].map((plate) => found(index, plate).length)).toEqual([0, 1, 1]);
  });

  test('say when they hold, to the minute', () => {
    const index = new PlateIndex();
    index.put(entry(1, 'กก1', { validFrom: 100, validTo: 200 }));
    const hold: boolean[] = [];
    eachNeighbour(index, 'กก1', { edits: 0, kind: 'any' }, (slot) =>
      hold.push(...[99, 100, 200, 201].map((minute) => index.isValid(slot, minute))),
    );
    expect(hold).toEqual([false, true, true, false]);
  });

  test('a quarter of a million takes less than 64 bytes each', () => {
    const index = new PlateIndex();
    index.reserve(250_000);
    for (let i = 0; i < 250_000; i++) index.put(entry(i + 1, `${i % 9}กก${i}`.slice(0, 7)));
    expect(index.bytes / index.size).toBeLessThan(64);
    expect(found(index, '1กก1000')).not.toEqual([]);
  });
});

describe('neighbours', () => {
  const index = new PlateIndex();
  ['1กก1234', '1กถ1234', '1กก1284', '1กก234', '1กก12345', '9ขข5678', 'กก12', 'WXY1234'].forEach((plate, i) =>
    index.put(entry(i + 1, plate)),
  );

  test('confusable ones exchange characters that readers mix up, as often as allowed', () => {
    expect(found(index, '1กก1234', 0)).toEqual(['1 1กก1234']);
    // 8 and 3 look alike, ก and ถ do; 3 and 5 do not.
    expect(found(index, '1กก1234', 1)).toEqual(['1 1กก1234', '2 1กถ1234', '3 1กก1284']);
    expect(found(index, '1กถ1284', 1)).toEqual(['2 1กถ1234', '3 1กก1284']);
    expect(found(index, '1กถ1284', 2)).toEqual(['1 1กก1234', '2 1กถ1234', '3 1กก1284']);
  });

  test('any one is another character, one less or one more', () => {
    expect(found(index, '1กก1234', 1, 'any')).toEqual([
      '1 1กก1234',
      '2 1กถ1234',
      '3 1กก1284',
      '4 1กก234',
      '5 1กก12345',
    ]);
    expect(found(index, '9ขขX678', 1, 'any')).toEqual(['6 9ขข5678']);
    expect(found(index, 'ขข5678', 1, 'any')).toEqual(['6 9ขข5678']);
    // By itself: where two edits are allowed both have to be likenesses.
    expect(found(index, '9ขชX678', 2, 'any')).toEqual([]);
    expect(found(index, '9ชช5678', 2, 'any')).toEqual(['6 9ขข5678']);
  });

  test('each edit is found wherever in the plate it is', () => {
    const plate = 'WXY1234';
    for (let place = 0; place < plate.length; place++) {
      const less = plate.slice(0, place) + plate.slice(place + 1);
      const more = `${plate.slice(0, place)}ก${plate.slice(place)}`;
      expect(found(index, less, 1, 'any')).toContain('8 WXY1234');
      expect(found(index, more, 1, 'any')).toContain('8 WXY1234');
      for (const { char } of confusableWith(plate.charAt(place))) {
        expect(found(index, plate.slice(0, place) + char + plate.slice(place + 1), 1)).toContain('8 WXY1234');
      }
    }
  });

  test('hashes follow from the sum of the units, and lengths part them', () => {
    const hash = (text: string): number => hashOf(sumOf(unitsOf(text), 0, text.length), text.length);
    expect(new Set(['1', '11', '111', '1กก', 'กก1', '1กก1234', '1กก1243'].map(hash)).size).toBe(7);
  });
});
