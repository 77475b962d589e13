import { expect, test } from '@jest/globals';
import { createFenceBook, type Site } from './fence-book.ts';
import { DEFAULT_RULES } from './geofences.ts';
import type { StoredGeofence, Vehicle } from './geofence-store.ts';

const vehicle: Vehicle = { plateNumber: '1กก1234', issuingEntity: 'TH-10', countryCode: 'TH' };
const PORT: StoredGeofence = {
  ...{ geofenceId: 'port', name: 'Port', colour: '#0e6a6a', notes: '', enabled: true, rules: DEFAULT_RULES },
  ...{ shape: { kind: 'circle', centre: [100.5, 13.7], radius: 200 }, createdAt: new Date(0), updatedAt: new Date(0) },
};
const gate = { cameraId: 'gate', name: 'Gate', checkpointId: null, lanes: [], heading: null, isBuiltIn: false };

test('who is inside may be read twice at once, and what came and went meanwhile is kept', async () => {
  type Row = Vehicle & { readonly geofenceId: string };
  let stored: readonly Row[] = [];
  const reads: (() => void)[] = [];
  const presence = (): Promise<readonly Row[]> => {
    const rows = stored;
    return new Promise((resolve) => {
      reads.push(() => {
        resolve(rows);
      });
    });
  };
  const nothing = Promise.resolve({ cameras: [], zones: [], checkpoints: [] });
  const book = createFenceBook({ fences: () => Promise.resolve([]), presence }, () => nothing);
  const loading = [book.reloadPresence(), book.reloadPresence()];
  const turn = (): Promise<void> => new Promise(setImmediate);
  while (reads.length === 0) await turn();
  stored = [{ ...vehicle, geofenceId: 'port' }];
  book.setPresence(vehicle, 'port', true);
  for (let answered = 0; answered < loading.length; await turn())
    if (reads[answered] !== undefined) reads[answered++]?.();
  await Promise.all(loading);
  expect([...book.presentIn(vehicle)]).toEqual(['port']);
});

test('as long as nothing stands elsewhere the index stays; a camera that moved is found where it is', async () => {
  let site: Site = { cameras: [{ ...gate, position: [100.5, 13.7] }], zones: [], checkpoints: [] };
  const store = { fences: () => Promise.resolve([PORT]), presence: () => Promise.resolve([]) };
  const book = createFenceBook(
    { ...store, fences: (ids) => (ids?.length === 0 ? Promise.resolve([]) : store.fences()) },
    () => Promise.resolve(structuredClone(site)),
  );
  await book.reload(null);
  const [index, where] = [book.index(), book.site()];
  // A camera's health changed: the site is as it was.
  await book.reload([]);
  expect([book.index() === index, book.site() === where]).toEqual([true, true]);
  site = { ...site, cameras: [{ ...gate, position: [101, 13.7] }] };
  expect(book.relation('gate', 'port')).toBe('inside');
  await book.reload([]);
  expect([book.relation('gate', 'port'), book.all()[0]?.cameraIds]).toEqual(['outside', []]);
});
