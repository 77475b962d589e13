/** A whole hub: devices tell, the flow follows vehicles, people read what happened, a correction takes it back. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestHub, type TestHub } from './hub.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
}, 120_000);
afterAll(() => hub.stop(), 60_000);

async function until<T>(ask: () => Promise<T>, is: (answer: T) => boolean): Promise<T> {
  let answer = await ask();
  for (let i = 0; i < 400 && !is(answer); i++) {
    await sleep(50);
    answer = await ask();
  }
  expect(is(answer)).toBe(true);
  return answer;
}

/** An agent's last word on a vehicle: the detection is confirmed at once. */
async function pass(camera: number, plate: string, at: number): Promise<void> {
  const uuid = `AGENT1-${camera}-${at}`;
  const group = {
    ...{ data_type: 'alpr_group', version: 2, epoch_start: at, epoch_end: at, camera_id: camera, agent_uid: 'AGENT1' },
    ...{ best_plate_number: plate, best_confidence: 93.8, best_region: 'th-10', best_uuid: uuid, uuids: [uuid] },
    ...{ plate_indexes: [0], candidates: [], best_plate: { coordinates: [] }, is_parked: false, is_preview: false },
  };
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(group) };
  expect((await fetch(new URL('/ingest/rekor', hub.url), init)).status).toBe(200);
}

interface Flow {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly wires?: readonly (readonly string[])[];
}

test('from a device to what people are told, and back', async () => {
  const { admin } = hub;
  // The node behind record, beside what follows there already.
  const flows = JSON.parse(await readFile(new URL('../flows/default.json', import.meta.url), 'utf8')) as Flow[];
  const record = flows.find(({ type }) => type === 'lpr-record') as Flow;
  const node = {
    ...{ id: 'fence', type: 'lpr-geofence', z: record.z, x: 900, y: 60, geofence: '', kind: 'any' },
    wires: [[], []],
  };
  const wired = flows.map((one) =>
    one === record ? { ...one, wires: one.wires?.map((to) => [...to, 'fence']) } : one,
  );
  const deployed = await admin('POST', '/editor/flows', [...wired, node], { 'node-red-deployment-type': 'full' });
  expect(deployed.status).toBe(204);

  const began = Date.now() - 60_000;
  await pass(1, '1กก1111', began);
  await pass(2, '1กก1111', began + 1_000);
  const devices = (await admin('GET', '/v1/devices')).body.items as { deviceId: string }[];
  await admin('POST', `/v1/devices/${devices[0]!.deviceId}/approve`, { name: 'Agent' });
  const cameras = await until(
    async () =>
      ((await admin('GET', '/v1/cameras')).body.items as { cameraId: string; name: string; protocol: string }[]).filter(
        ({ protocol }) => protocol === 'device',
      ),
    ({ length }) => length === 2,
  );
  const [inside, outside] = cameras.sort((a, b) => a.name.localeCompare(b.name)).map(({ cameraId }) => cameraId) as [
    string,
    string,
  ];
  await admin('PATCH', `/v1/cameras/${inside}`, { latitude: 13.75, longitude: 100.4982 });
  await admin('PATCH', `/v1/cameras/${outside}`, { latitude: 12.95, longitude: 100.9 });

  const bad = await admin('POST', '/v1/geofences', {
    name: 'Bow',
    shape: { kind: 'circle', centre: [13.75, 100.5], radius: 9 },
  });
  expect([bad.status, bad.body.error.problems[0].problem]).toEqual([400, expect.stringContaining('look swapped')]);
  const shape = { kind: 'circle', centre: [100.4982, 13.75], radius: 300 };
  const made = await admin('POST', '/v1/geofences', { name: 'Old town', shape, rules: { rearmSeconds: 0 } });
  expect(made.status).toBe(201);
  const { geofenceId } = made.body as { geofenceId: string };
  await until(
    async () => (await admin('GET', `/v1/geofences/${geofenceId}`)).body.cameraIds as string[],
    (ids) => ids.length === 1 && ids[0] === inside,
  );
  expect((await admin('GET', '/v1/places/cameras')).body.items).toContainEqual(
    expect.objectContaining({ cameraId: inside, districtId: 'TH-1001', geofenceIds: [geofenceId] }),
  );

  const events = async (): Promise<{ event: string; plateNumber: string; detectionId: string }[]> =>
    (await admin('GET', `/v1/geofence-events?geofenceId=${geofenceId}`)).body.items;
  await pass(1, '2ขข2222', began + 10_000);
  await until(events, ({ length }) => length === 1);
  expect((await admin('GET', `/v1/geofences/${geofenceId}/vehicles`)).body.items).toMatchObject([
    { plateNumber: '2ขข2222' },
  ]);
  await pass(2, '2ขข2222', began + 40_000);
  const [leave, enter] = await until(events, ({ length }) => length === 2);
  expect([leave, enter]).toMatchObject([
    { event: 'leave', seconds: 30 },
    { event: 'enter', seconds: null },
  ]);

  // It was another plate that came: then it never left, as the other one did.
  const correction = { kind: 'text', plateNumber: '2ขข2223', issuingEntity: 'TH-10', countryCode: 'TH' };
  await admin('POST', `/v1/detections/${enter!.detectionId}/corrections`, correction);
  const left = await until(events, ([one, ...more]) => more.length === 0 && one?.plateNumber === '2ขข2223');
  expect(left).toMatchObject([{ event: 'enter', cause: 'correction' }]);
  expect((await admin('GET', `/v1/geofence-events?geofenceId=${geofenceId}&retracted=true`)).body.items).toHaveLength(
    3,
  );

  expect((await admin('GET', '/v1/geofences/export')).body).toMatchObject({
    features: [{ properties: { name: 'Old town', radius: 300 } }],
  });
  const trail = (await admin('GET', '/v1/audit')).body.items as { action: string }[];
  expect(trail.map(({ action }) => action)).toContain('geofence.created');
}, 120_000);
