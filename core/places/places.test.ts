import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createTravelStore } from '../db/stores/travel-store.ts';
import { simulateTraffic } from '../simulator/traffic.ts';
import { createPlaces } from './create-places.ts';
import { districtAt, knownPlaces } from './districts.ts';
import type { Site } from './fence-book.ts';
import type { SiteCamera } from './fence-index.ts';
import type { Position } from './geofences.ts';
import type { Places, TravelStore } from './places.ts';

const camera = (position: Position | null, more: Partial<SiteCamera> = {}): SiteCamera => ({
  ...{ cameraId: randomUUID(), name: 'Gate', position, checkpointId: null, lanes: [], heading: null, isBuiltIn: false },
  ...more,
});
const placesOf = (site: Site, store: TravelStore = {} as TravelStore, now = new Date()): Places =>
  createPlaces({ store, site: () => site, geofencesOf: () => [], now: () => now });
const NOTHING: Site = { cameras: [], zones: [], checkpoints: [] };

describe('the hierarchy', () => {
  const places = placesOf(NOTHING);

  test('has 77 provinces and 928 districts, each with a Thai and an English name, below what they belong to', () => {
    const [country] = places.children(null);
    expect(country).toMatchObject({ placeId: 'TH', nameTh: 'ประเทศไทย', childCount: 77 });
    const provinces = places.children('TH');
    const districts = provinces.flatMap(({ placeId }) => places.children(placeId));
    expect([provinces.length, districts.length]).toEqual([77, 928]);
    for (const { nameTh, nameEn } of [...provinces, ...districts]) {
      expect(nameTh).toMatch(/^[\u0E00-\u0E7F .()-]+$/);
      expect(nameEn).toMatch(/^[A-Z][A-Za-z .'()-]+$/);
    }
  });

  test.each<[string, Position, string[]]>([
    ['the Grand Palace', [100.4913, 13.75], ['TH', 'TH-10', 'TH-1001']],
    ['Chiang Mai', [98.9853, 18.7883], ['TH', 'TH-50', 'TH-5001']],
    ['Betong', [101.0725, 5.7745], ['TH', 'TH-95', 'TH-9502']],
    ['Vientiane', [102.6, 17.98], []],
    ['the sea', [100.5, 10], []],
  ])('a point lies in its district: %s', (_what, position, expected) => {
    expect(places.at(position).map(({ placeId }) => placeId)).toEqual(expected);
  });

  test('nearly every district lies where its point is', () => {
    const districts = knownPlaces.filter(({ level }) => level === 'district');
    const astray = districts.filter(
      ({ placeId, longitude, latitude }) => districtAt([longitude, latitude]) !== placeId,
    );
    expect(astray.length).toBeLessThan(districts.length / 50);
  });

  test.each([
    ['ชลบุรี', 'TH-20'],
    ['จังหวัดชลบุรี', 'TH-20'],
    ['chonburi', 'TH-20'],
    ['Chon Buri', 'TH-20'],
    ['โคราช', 'TH-30'],
    ['กทม.', 'TH-10'],
    ['bangkok', 'TH-10'],
    ['อำเภอเบตง', 'TH-9502'],
    ['bang lamung', 'TH-2004'],
  ])('%s is found', (name, placeId) => {
    expect(places.search(name, null, 5)[0]?.placeId).toBe(placeId);
  });

  test('sara am may come in two parts, a tone mark in between: as texts copied from a PDF have it', () => {
    const named = (name: string): readonly string[] => places.search(name, 'province', 5).map(({ placeId }) => placeId);
    expect([named('กําแพงเพชร'), named('ลําปาง')]).toEqual([['TH-62'], ['TH-52']]);
    expect(places.search('นํ้าพอง', 'district', 5)).toEqual(places.search('น้ำพอง', 'district', 5));
    expect(places.search('น้ําพอง', 'district', 5)).toHaveLength(1);
  });

  test('a name that several have gives them all, one level alone when asked', () => {
    expect(places.search('เฉลิมพระเกียรติ', 'district', 20)).toHaveLength(5);
    expect(places.search('เมือง', 'province', 20)).toEqual([]);
    expect(places.search('ไม่มีที่นี่', null, 20)).toEqual([]);
  });

  test('checkpoints and lanes hang where they stand, and cameras are counted all the way up', () => {
    const checkpoint = { checkpointId: randomUUID(), name: 'ด่านบางละมุง', position: [100.9, 12.95] as const };
    const lost = { checkpointId: randomUUID(), name: 'Nowhere', position: null };
    const lanes = [{ number: 1, name: '', direction: 'toward' as const }];
    const there = camera([100.9, 12.95], { checkpointId: checkpoint.checkpointId, lanes, name: 'North' });
    const alone = camera([100.4982, 13.7559]);
    const site = { cameras: [there, alone, camera(null)], zones: [], checkpoints: [checkpoint, lost] };
    const here = placesOf(site);
    expect(here.get(checkpoint.checkpointId)).toMatchObject({ parentId: 'TH-2004', childCount: 1, cameraCount: 1 });
    expect(here.children(checkpoint.checkpointId)).toMatchObject([
      { level: 'lane', nameEn: 'North · 1', cameraId: there.cameraId },
    ]);
    expect([here.get('TH')?.cameraCount, here.get('TH-20')?.cameraCount, here.get('TH-1001')?.cameraCount]).toEqual([
      2, 1, 1,
    ]);
    expect(
      here
        .children(null)
        .map(({ nameEn }) => nameEn)
        .sort(),
    ).toEqual(['Nowhere', 'Thailand']);
    expect(here.search('บางละมุง', 'checkpoint', 5)).toHaveLength(1);
    expect(here.cameras()).toMatchObject([
      { cameraId: there.cameraId, provinceId: 'TH-20', districtId: 'TH-2004', checkpointId: checkpoint.checkpointId },
      { provinceId: 'TH-10', districtId: 'TH-1001' },
      { latitude: null, provinceId: null },
    ]);
  });
});

describe('travel times', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());
  beforeEach(() => database.pool.query('truncate travel_times, travel_progress, detections, cameras cascade'));

  const addCamera = (cameraId: string, builtIn: string | null = null): Promise<unknown> =>
    database.pool.query(
      `insert into cameras (camera_id, name, name_key, protocol, built_in) values ($1::uuid, $1::text, $1::text, 'push', $2)`,
      [cameraId, builtIn],
    );
  interface Pass {
    readonly cameraId: string;
    readonly at: Date;
    readonly plateNumber?: string;
    readonly issuingEntity?: string | null;
    readonly leftAt?: Date | null;
    readonly confidence?: number;
    readonly status?: string;
  }
  const addPasses = (passes: readonly Pass[]): Promise<unknown> =>
    database.pool.query(
      `insert into detections (detection_id, captured_at, captured_at_source, received_at, camera_id, status, plate_number,
              issuing_entity, country_code, confidence, best_read_id, read_count, best_read, last_seen_at)
       select id, at, 'device', at, camera, status, plate, entity, 'TH', confidence, id::text, 1, '{}', left_at
         from jsonb_to_recordset($1) p(id uuid, at timestamptz, camera uuid, status text, plate text, entity text,
                                       confidence real, left_at timestamptz)`,
      [
        JSON.stringify(
          passes.map(
            ({
              cameraId,
              at,
              plateNumber = '1กก1234',
              issuingEntity = 'TH-10',
              leftAt = null,
              confidence = 0.95,
              status = 'confirmed',
            }) => ({
              ...{ id: uuidv7(), at, camera: cameraId, status, plate: plateNumber, entity: issuingEntity, confidence },
              left_at: leftAt,
            }),
          ),
        ),
      ],
    );
  const minutes = (n: number): Date => new Date(Date.parse('2026-11-23T08:00:00Z') + n * 60_000);
  const { signal } = new AbortController();

  test('are learned from traffic: no vehicle is quicker than the road allows, most take the usual time', async () => {
    const { graph, passings } = simulateTraffic({
      seed: 3,
      cameras: 8,
      vehicles: 400,
      minutes: 180,
      reports: 'pass',
      clonesPerThousand: 0,
    });
    const ids = new Map(graph.cameras.map((one) => [one.cameraId, randomUUID()]));
    const cameras = graph.cameras.map(({ cameraId, latitude, longitude }) =>
      camera([longitude, latitude], { cameraId: ids.get(cameraId) ?? '' }),
    );
    for (const { cameraId } of cameras) await addCamera(cameraId);
    await addPasses(
      passings.map(({ cameraId, at, leftAt, plate }) => ({
        ...{
          cameraId: ids.get(cameraId) ?? '',
          at,
          leftAt,
          plateNumber: plate.plateNumber,
          issuingEntity: plate.issuingEntity,
        },
      })),
    );
    const first = passings[0]?.at ?? new Date();
    const site = { cameras, zones: [], checkpoints: [] };
    const now = new Date(first.getTime() + 5 * 3_600_000);
    const places = placesOf(site, createTravelStore(database), now);
    await places.learn(signal);
    const learned = await places.travelTimes({ from: null, to: null });

    // The truth, from the same passings by hand.
    const truth = new Map<string, number[]>();
    const byPlate = Map.groupBy(passings, ({ plate }) => `${plate.plateNumber} ${plate.issuingEntity ?? ''}`);
    for (const trips of byPlate.values()) {
      if (trips[0]?.plate.issuingEntity == null) continue;
      for (const [i, b] of trips.entries()) {
        const last = new Map(trips.slice(0, i).map((a) => [a.cameraId, a]));
        for (const a of last.values()) {
          const seconds = (b.at.getTime() - a.leftAt.getTime()) / 1000;
          if (a.cameraId === b.cameraId || seconds <= 0 || seconds > 4 * 3600) continue;
          const key = `${ids.get(a.cameraId)} ${ids.get(b.cameraId)}`;
          truth.set(key, [...(truth.get(key) ?? []), seconds]);
        }
      }
    }
    expect(learned.length).toBeGreaterThan(10);
    for (const { fromCameraId, toCameraId, count, floorSeconds, medianSeconds, metres } of learned) {
      const seconds = (truth.get(`${fromCameraId} ${toCameraId}`) ?? []).sort((a, b) => a - b);
      expect(count).toBe(seconds.length);
      expect(floorSeconds).toBeGreaterThanOrEqual((seconds[0] ?? 0) - 1);
      expect(medianSeconds).toBeGreaterThanOrEqual(floorSeconds ?? 0);
      expect((metres ?? 0) / (floorSeconds ?? 1)).toBeLessThan(70);
    }
    // The same again teaches nothing twice.
    await places.learn(signal);
    expect(await places.travelTimes({ from: null, to: null })).toEqual(learned);
  });

  test('are learned of sure plates with a province alone, within a bound, and never from the demo', async () => {
    const [a, b] = [camera([100.5, 13.7]), camera([100.6, 13.7])];
    const demo = randomUUID();
    await addCamera(a.cameraId);
    await addCamera(b.cameraId);
    await addCamera(demo, 'demo');
    await addPasses([
      { cameraId: a.cameraId, at: minutes(0), leftAt: minutes(1) },
      { cameraId: b.cameraId, at: minutes(21) },
      { cameraId: demo, at: minutes(30) },
      { cameraId: b.cameraId, at: minutes(500) },
      // none of these
      { cameraId: a.cameraId, at: minutes(0), plateNumber: '2ขข2', issuingEntity: null },
      { cameraId: b.cameraId, at: minutes(10), plateNumber: '2ขข2', issuingEntity: null },
      { cameraId: a.cameraId, at: minutes(0), plateNumber: '3คค3', confidence: 0.6 },
      { cameraId: b.cameraId, at: minutes(10), plateNumber: '3คค3' },
      { cameraId: a.cameraId, at: minutes(0), plateNumber: '4งง4', status: 'rejected' },
      { cameraId: b.cameraId, at: minutes(10), plateNumber: '4งง4' },
      // ten kilometres in a second: two vehicles with one plate
      { cameraId: a.cameraId, at: minutes(0), plateNumber: '5จจ5' },
      { cameraId: b.cameraId, at: minutes(1 / 60), plateNumber: '5จจ5' },
    ]);
    const places = placesOf({ cameras: [a, b], zones: [], checkpoints: [] }, createTravelStore(database), minutes(600));
    await places.learn(signal);
    expect(await places.travelTimes({ from: null, to: null })).toMatchObject([
      {
        fromCameraId: a.cameraId,
        toCameraId: b.cameraId,
        count: 1,
        floorSeconds: 1_200,
        medianSeconds: 1_200,
        metres: 10_803,
      },
    ]);
  });

  test('what came since is added; a camera shows its way to all others, learned or not', async () => {
    const [a, b, c] = [camera([100.5, 13.7]), camera([100.6, 13.7]), camera([100.55, 13.7])];
    for (const { cameraId } of [a, b, c]) await addCamera(cameraId);
    const site = { cameras: [a, b, c, camera(null)], zones: [], checkpoints: [] };
    await addPasses([
      { cameraId: a.cameraId, at: minutes(0) },
      { cameraId: b.cameraId, at: minutes(10) },
    ]);
    await placesOf(site, createTravelStore(database), minutes(60)).learn(signal);
    await addPasses([
      { cameraId: a.cameraId, at: minutes(70), plateNumber: '2ขข2' },
      { cameraId: b.cameraId, at: minutes(90), plateNumber: '2ขข2' },
    ]);
    const places = placesOf(site, createTravelStore(database), minutes(120));
    await Promise.all([places.learn(signal), places.learn(signal)]);
    expect(await places.travelTimes({ from: a.cameraId, to: null })).toMatchObject([
      { toCameraId: c.cameraId, count: 0, floorSeconds: null, metres: 5_402 },
      { toCameraId: b.cameraId, count: 2, medianSeconds: 900 },
    ]);
    expect(await places.travelTimes({ from: null, to: b.cameraId })).toMatchObject([
      { fromCameraId: c.cameraId, count: 0 },
      { fromCameraId: a.cameraId, count: 2 },
    ]);
  });
});
