/** What comes late, in the wrong order, or turns out otherwise. */
import { expect, test } from '@jest/globals';
import { away, corner, middle, port, useGeofenceBed } from '../../test/geofence-bed.ts';
import type { DetectionSummary } from '../detections/detections.ts';
import type { LprMessage } from '../message.ts';

const bed = useGeofenceBed();

test('late data take their place in the past and leave the present as it is', async () => {
  const { geofenceId } = await bed.geofences.create(port());
  await bed.observe(middle, 0);
  await bed.observe(middle, 1_000);
  const late = bed.seen(away, 500, { isLate: true });
  expect(await bed.geofences.observe(late, '')).toMatchObject([{ event: 'leave', at: '2026-11-23T08:08:20.000Z' }]);
  // It left and came back, which nobody is told as if it were now.
  expect(await bed.standing()).toEqual(['enter 0', 'leave 500', 'enter 1000']);
  const { rows } = await bed.database.pool.query(`select event, cause, tell_at from geofence_events order by at`);
  expect(rows).toEqual([
    { event: 'enter', cause: 'live', tell_at: null },
    { event: 'leave', cause: 'late', tell_at: null },
    { event: 'enter', cause: 'late', tell_at: null },
  ]);
  expect(await bed.geofences.visits(geofenceId)).toMatchObject([{ lastSeenAt: new Date('2026-11-23T08:16:40Z') }]);
});

test('a leave that comes late, after the vehicle left already, changes when it left', async () => {
  await bed.geofences.create(port());
  await bed.observe(middle, 0);
  await bed.observe(away, 900);
  expect(await bed.observe(away, 300, { isLate: true })).toEqual(['leave']);
  expect(await bed.standing()).toEqual(['enter 0', 'leave 300']);
  // The same leave, at another time: nothing is taken back.
  expect((await bed.database.pool.query('select from detection_changes')).rowCount).toBe(0);
  expect(await bed.observe(middle, 1_000)).toEqual(['enter']);
});

/** Writes the detection on record, as the record node does. */
const record = async ({ lpr }: LprMessage<'detection'>): Promise<void> => {
  const { detectionId, plateNumber, issuingEntity, countryCode, confidence } = lpr.detection;
  await bed.database.pool.query(
    `insert into detections (detection_id, captured_at, captured_at_source, received_at, camera_id, status, plate_number,
              issuing_entity, country_code, confidence, best_read_id, read_count, best_read)
       values ($1::uuid, $2, 'device', $2, $3, 'confirmed', $4, $5, $6, $7, $1::text, 1, '{}')`,
    [detectionId, lpr.capturedAt, lpr.cameraId, plateNumber, issuingEntity, countryCode, confidence],
  );
};
test('a vehicle that was seen elsewhere since is not inside now because old news of it came', async () => {
  const { geofenceId } = await bed.geofences.create(port());
  bed.now = new Date('2026-11-23T09:00:00Z');
  for (const seconds of [600, 900]) {
    const elsewhere = bed.seen(away, seconds);
    await record(elsewhere);
    expect(await bed.geofences.observe(elsewhere, '')).toEqual([]);
  }
  expect(await bed.observe(middle, 0, { isLate: true })).toEqual(['enter']);
  expect(await bed.standing()).toEqual(['enter 0', 'leave 600']);
  expect(await bed.geofences.visits(geofenceId)).toEqual([]);
});

test('any order of arrival gives the same in the end', async () => {
  await bed.geofences.create(
    port({ leaveDelaySeconds: 45, silenceSeconds: 400, dwellSeconds: 120, events: ['enter', 'leave', 'dwell'] }),
  );
  let seed = 9;
  const random = (below: number): number => {
    seed = (seed * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return Math.floor((seed / 4_294_967_296) * below);
  };
  for (let round = 0; round < 3; round++) {
    await bed.database.pool.query('truncate geofence_states, geofence_sightings, geofence_events, detections');
    bed.geofences = await bed.openRoom();
    const steps = Array.from({ length: 14 }, () => ({
      camera: [middle, corner, away][random(3)] ?? away,
      at: random(1_500),
    }));
    steps.push({ camera: middle, at: 0 }, { camera: away, at: 1_500 });
    bed.now = new Date('2026-11-23T09:00:00Z');
    for (const { camera, at } of [...steps].sort((a, b) => a.at - b.at)) {
      const message = bed.seen(camera, at);
      await record(message);
      await bed.geofences.observe(message, '');
    }
    // The clock may have been looked at on the way, or not.
    await bed.passTo(3_600);
    const inOrder = await bed.standing();
    expect(inOrder.length).toBeGreaterThan(2);
    await bed.database.pool.query('truncate geofence_states, geofence_sightings, geofence_events, detections');
    bed.geofences = await bed.openRoom();
    const shuffled = steps.map((step) => ({ step, rank: random(1e6) })).sort((a, b) => a.rank - b.rank);
    for (const { step } of shuffled) {
      const message = bed.seen(step.camera, step.at, { isLate: true });
      await record(message);
      await bed.geofences.observe(message, '');
    }
    await bed.passTo(3_600);
    expect(await bed.standing()).toEqual(inOrder);
  }
});

test('detections of two cameras that come in the wrong order are put right', async () => {
  await bed.geofences.create(port());
  await bed.observe(middle, 0);
  expect(await bed.observe(away, 100)).toEqual(['leave']);
  // It was still inside, five seconds before: the same leave, with nothing taken back.
  expect(await bed.observe(corner, 95)).toEqual([]);
  expect(await bed.standing()).toEqual(['enter 0', 'leave 100']);
});

test('what late data show to have never happened is followed up, so that whoever was told hears of it', async () => {
  await bed.geofences.create(port({ leaveDelaySeconds: 60 }));
  await bed.observe(middle, 0);
  await bed.observe(away, 100);
  await bed.passTo(300);
  expect(await bed.standing()).toEqual(['enter 0', 'leave 100']);
  const late = bed.seen(middle, 120, { isLate: true });
  expect(await bed.geofences.observe(late, '')).toEqual([]);
  expect(await bed.standing()).toEqual(['enter 0']);
  const { rows } = await bed.database.pool.query('select detection_id from detection_changes');
  expect(rows).toEqual([{ detection_id: late.lpr.detection.detectionId }]);
  const { detectionId } = late.lpr.detection;
  const summary = bed.summaries.get(detectionId) ?? null;
  expect((await bed.geofences.reconsider(detectionId, summary, { adds: false })).retracted).toHaveLength(1);
});

test('a corrected plate takes back what never happened and finds what was missed, however often it is asked', async () => {
  const { geofenceId } = await bed.geofences.create(port());
  const wrong = bed.seen(middle, 0, { plateNumber: '1กก1284' });
  await bed.geofences.observe(wrong, '');
  const { detectionId } = wrong.lpr.detection;
  const corrected = {
    ...(bed.summaries.get(detectionId) as DetectionSummary),
    plateNumber: '1กก1234',
    status: 'corrected',
  } as const;
  const result = await bed.geofences.reconsider(detectionId, corrected, { adds: true });
  expect(result).toMatchObject({ added: [{ event: 'enter', plateNumber: '1กก1234', cause: 'correction' }] });
  expect(result.retracted).toHaveLength(1);
  expect(await bed.geofences.reconsider(detectionId, corrected, { adds: true })).toEqual(result);
  expect(await bed.geofences.visits(geofenceId)).toMatchObject([{ plateNumber: '1กก1234' }]);
  expect(await bed.observe(away, 60, { plateNumber: '1กก1284' })).toEqual([]);
  expect(await bed.observe(away, 60)).toEqual(['leave']);
});

test('what is no plate was never inside, nor is a detection that is gone', async () => {
  const { geofenceId } = await bed.geofences.create(port());
  const [first, second] = [bed.seen(middle, 0), bed.seen(middle, 0, { plateNumber: '2ขข2' })];
  await bed.geofences.observe(first, '');
  await bed.geofences.observe(second, '');
  const rejected = {
    ...(bed.summaries.get(first.lpr.detection.detectionId) as DetectionSummary),
    status: 'rejected',
  } as const;
  await bed.geofences.reconsider(rejected.detectionId, rejected, { adds: true });
  await bed.geofences.reconsider(second.lpr.detection.detectionId, null, { adds: false });
  expect([await bed.geofences.visits(geofenceId), await bed.standing()]).toEqual([[], []]);
});

test('a camera whose clock runs ahead does not push the vehicle into the future', async () => {
  await bed.geofences.create(port());
  const { lpr } = bed.seen(middle, 0);
  await bed.geofences.observe({ lpr: { ...lpr, capturedAt: '2031-01-01T00:00:00.000Z' } }, '');
  expect(await bed.standing()).toEqual(['enter 0']);
  expect(await bed.observe(away, 60)).toEqual(['leave']);
});
