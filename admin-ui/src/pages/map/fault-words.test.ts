import { expect, test } from '@jest/globals';
import type { GeofenceShape, Position } from '../../../../core/places/geofences.ts';
import { checkShape } from '../../../../core/places/shape-check.ts';
import { faultText } from './fault-words.ts';

const key = (name: string): string => name;
const saidOf = (shape: GeofenceShape): readonly string[] =>
  checkShape(shape, null).problems.map((fault) => faultText(key, fault));
const ring = (...positions: readonly Position[]): GeofenceShape => ({
  kind: 'polygon',
  polygons: [[positions]],
});

test('what the hub finds wrong with a shape is known here', () => {
  expect([
    ...saidOf(ring([100.5, 13.7], [100.6, 13.8], [100.6, 13.7], [100.5, 13.8])),
    ...saidOf(ring([13.7, 100.5], [13.8, 100.5], [13.8, 100.6])),
    ...saidOf(ring([100.5, 13.7], [100.6, 13.8])),
    ...saidOf({ kind: 'circle', centre: [100.5, 13.7], radius: 0 }),
    ...saidOf({ kind: 'corridor', line: [[100.5, 13.7]], width: 60 }),
    ...saidOf({ kind: 'cameras', cameraIds: [], zoneIds: [], checkpointIds: [] }),
  ]).toEqual(
    ['crosses', 'swapped', 'fewPoints', 'metres', 'fewLinePoints', 'noCamera'].map((one) => `page.map.fault.${one}`),
  );
  expect(faultText(key, { field: 'name', problem: 'is taken' })).toBe('name is taken');
});
