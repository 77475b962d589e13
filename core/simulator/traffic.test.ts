import { describe, expect, test } from '@jest/globals';
import { createLedger, DEFAULT_MISREADS, metresBetween, simulateTraffic, truthLines, type Traffic } from './traffic.ts';

const OPTIONS = { seed: 3, cameras: 8, vehicles: 900, minutes: 60, clonesPerThousand: 6 };
const traffic = simulateTraffic(OPTIONS);
const passingOf = new Map(traffic.passings.map((passing) => [passing.passingId, passing]));
const cameraOf = new Map(traffic.graph.cameras.map((camera) => [camera.cameraId, camera]));
const firsts = traffic.events.filter(({ attempt }) => attempt === 1);
const share = (part: readonly unknown[], whole: readonly unknown[]): number => part.length / whole.length;

describe('the truth', () => {
  test('is the same for the same seed, and another for another', () => {
    const lines = (one: Traffic): string[] => [...truthLines(one)];
    expect(lines(simulateTraffic(OPTIONS))).toEqual(lines(traffic));
    expect(simulateTraffic(OPTIONS).events).toEqual(traffic.events);
    expect(lines(simulateTraffic({ ...OPTIONS, seed: 4 }))).not.toEqual(lines(traffic));
  });

  test('stays as it is when only the devices get worse', () => {
    const worse = simulateTraffic({ ...OPTIONS, devices: { misreads: { text: 0.5 }, retried: 0.4 } });
    expect(worse.passings).toEqual(traffic.passings);
  });

  test('nobody passes inside of another vehicle, and the passings are in the order of time', () => {
    const last = new Map<string, number>();
    let before = 0;
    for (const { at, cameraId, lane, speedKmh } of traffic.passings) {
      expect(at.getTime()).toBeGreaterThanOrEqual(before);
      before = at.getTime();
      if (speedKmh === 0) continue;
      const key = `${cameraId} ${lane}`;
      expect(at.getTime() - (last.get(key) ?? 0)).toBeGreaterThanOrEqual(1200);
      last.set(key, at.getTime());
      expect(lane).toBeLessThanOrEqual(cameraOf.get(cameraId)!.lanes);
    }
  });

  test('between two cameras nobody but a cloned plate is faster than a vehicle can be', () => {
    const cloned = new Set(traffic.anomalies.flatMap((one) => (one.kind === 'cloned_plate' ? [one.plateNumber] : [])));
    const last = new Map<string, (typeof traffic.passings)[number]>();
    for (const passing of traffic.passings) {
      const { plateNumber, issuingEntity } = passing.plate;
      const key = `${plateNumber} ${issuingEntity ?? ''}`;
      const before = last.get(key);
      last.set(key, passing);
      if (before === undefined || before.cameraId === passing.cameraId || cloned.has(plateNumber)) continue;
      const metres = metresBetween(cameraOf.get(before.cameraId)!, cameraOf.get(passing.cameraId)!);
      const hours = (passing.at.getTime() - before.at.getTime()) / 3_600_000;
      expect(metres / 1000 / hours).toBeLessThan(200);
    }
  });

  test('cloned plates are seen at two places with too little time between them', () => {
    const clones = traffic.anomalies.filter((one) => one.kind === 'cloned_plate');
    expect(clones.length).toBeGreaterThan(1);
    for (const { passingIds, vehicleIds, plateNumber } of clones) {
      const [a, b] = passingIds.map((id) => passingOf.get(id)!);
      expect([a!.plate.plateNumber, b!.plate.plateNumber]).toEqual([plateNumber, plateNumber]);
      expect(new Set([a!.vehicleId, b!.vehicleId])).toEqual(new Set(vehicleIds));
      const hours = Math.abs(a!.at.getTime() - b!.at.getTime()) / 3_600_000;
      expect(metresBetween(cameraOf.get(a!.cameraId)!, cameraOf.get(b!.cameraId)!) / 1000 / hours).toBeGreaterThan(250);
    }
  });

  test('a convoy passes each of its cameras within seconds', () => {
    const convoys = traffic.anomalies.filter((one) => one.kind === 'convoy');
    expect(convoys.length).toBeGreaterThan(1);
    for (const { passingIds } of convoys) {
      const groups = Map.groupBy(
        passingIds.map((id) => passingOf.get(id)!),
        ({ cameraId }) => cameraId,
      );
      for (const members of groups.values()) {
        const times = members.map(({ at }) => at.getTime());
        expect(Math.max(...times) - Math.min(...times)).toBeLessThan(30_000);
      }
    }
  });

  test('is exported as lines of JSON: cameras, passings, anomalies', () => {
    const lines = [...truthLines(traffic)].map((line) => JSON.parse(line) as Record<string, unknown>);
    const count = (record: string): number => lines.filter((line) => line['record'] === record).length;
    expect(count('camera')).toBe(8);
    expect(count('passing')).toBe(traffic.passings.length);
    expect(count('anomaly')).toBe(traffic.anomalies.length);
    expect(lines.find((line) => line['record'] === 'passing')).toMatchObject({
      passingId: 'P000001',
      plateNumber: traffic.passings[0]!.plate.plateNumber,
      at: traffic.passings[0]!.at.toISOString(),
    });
  });
});

describe('the devices', () => {
  test('misread about as often as the documented rates say', () => {
    const read = firsts.filter(({ plateNumber }) => plateNumber !== '');
    const wrong = read.filter((one) => one.plateNumber !== passingOf.get(one.passingId)!.plate.plateNumber);
    expect(share(wrong, read)).toBeGreaterThan(DEFAULT_MISREADS.text / 2);
    expect(share(wrong, read)).toBeLessThan(DEFAULT_MISREADS.text * 2);
    const mean = (of: typeof read): number => of.reduce((sum, { confidence }) => sum + confidence, 0) / of.length;
    expect(mean(read.filter((one) => !wrong.includes(one)))).toBeGreaterThan(mean(wrong) + 0.15);
    // No threshold tells right from wrong.
    expect(Math.max(...wrong.map(({ confidence }) => confidence))).toBeGreaterThan(0.8);
  });

  test('can be told to be perfect', () => {
    const misreads = { text: 0, provinceMissing: 0, provinceWrong: 0, unread: 0 };
    const { events, passings } = simulateTraffic({
      ...{ ...OPTIONS, vehicles: 100, parkedPerCameraHour: 0 },
      devices: {
        misreads,
        missed: 0,
        retried: 0,
        outagesPerHour: 0,
        outOfOrder: 0,
        clockConstant: 0,
        clockDrifting: 0,
      },
    });
    const truth = new Map(passings.map((passing) => [passing.passingId, passing.plate]));
    expect(new Set(events.map(({ passingId }) => passingId)).size).toBe(passings.length);
    for (const { plateNumber, issuingEntity, passingId, at, deviceAt } of events) {
      expect({ plateNumber, issuingEntity }).toMatchObject({
        plateNumber: truth.get(passingId)!.plateNumber,
        issuingEntity: truth.get(passingId)!.issuingEntity,
      });
      expect(Math.abs(deviceAt.getTime() - at.getTime())).toBeLessThan(400);
    }
  });

  test('send everything of an outage after it, marked as late', () => {
    const { events, devices } = simulateTraffic({ ...OPTIONS, devices: { outagesPerHour: 3 } });
    const late = events.filter(({ isLate }) => isLate);
    expect(late.length).toBeGreaterThan(20);
    for (const { camera, sendAt } of events.filter(({ attempt }) => attempt === 1)) {
      const { outages } = devices.find((device) => device.camera.cameraId === camera.cameraId)!;
      for (const { from, to } of outages) expect(sendAt < from || sendAt >= to).toBe(true);
    }
  });

  test('send in the order of sending, some again with the same id, some overtaken', () => {
    const times = traffic.events.map(({ sendAt }) => sendAt.getTime());
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const again = traffic.events.filter(({ attempt }) => attempt === 2);
    const ids = new Set(firsts.map(({ eventId }) => eventId));
    expect(ids.size).toBe(firsts.length);
    expect(again.length).toBeGreaterThan(0);
    expect(again.every(({ eventId }) => ids.has(eventId))).toBe(true);
    expect(firsts.some((one, index) => one.at < (firsts[index - 1]?.at ?? one.at))).toBe(true);
  });

  test('read a car that stands every few seconds, and once a minute when they tell of passes', () => {
    const parked = traffic.anomalies.find((one) => one.kind === 'parked')!;
    const passing = passingOf.get(parked.passingIds[0]!)!;
    const minutes = (passing.leftAt.getTime() - passing.at.getTime()) / 60_000;
    const looks = firsts.filter(({ passingId }) => passingId === passing.passingId);
    expect(looks.length).toBeGreaterThan(minutes * 7);
    const { events } = simulateTraffic({ ...OPTIONS, reports: 'pass' });
    const told = events.filter((one) => one.attempt === 1 && one.passingId === passing.passingId);
    expect(told.length).toBeLessThanOrEqual(Math.ceil(minutes) + 1);
    const others = events.filter((one) => one.attempt === 1 && passingOf.get(one.passingId)!.speedKmh > 0);
    expect(new Set(others.map(({ passingId }) => passingId)).size).toBe(others.length);
  });
});

test('the ledger keeps an acknowledged event acknowledged', () => {
  const ledger = createLedger();
  const [event] = firsts;
  const { eventId } = event!;
  ledger.sent(event!);
  ledger.unanswered(eventId, 'connection reset');
  ledger.sent(event!);
  ledger.acknowledged(eventId, '200');
  ledger.sent(event!);
  ledger.refused(eventId, '503');
  expect(ledger.entries()).toEqual([
    expect.objectContaining({ eventId, attempts: 3, state: 'acknowledged', answer: '200' }),
  ]);
  expect(ledger.counts()).toEqual({ acknowledged: 1, refused: 0, unanswered: 0, attempts: 3 });
});
