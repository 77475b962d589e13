import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openFakeApi, type FakeApi } from '../../test/fake-api.ts';
import { createFakeHub } from '../../test/fake-hub.ts';
import type { Access } from '../access/access.ts';

const audited: { readonly action: string; readonly details: unknown }[] = [];
let searchReason: 'none' | 'reason' = 'none';
let api: FakeApi;
beforeAll(async () => {
  api = await openFakeApi({});
  const site = await createFakeHub().access.site();
  const audit: Access['audit'] = ({ action, details }) => Promise.resolve(void audited.push({ action, details }));
  Object.assign(api.hub.access, { audit, site: () => Promise.resolve({ ...site, searchReason }) });
});
afterAll(() => api.close());
const ask = (path: string): ReturnType<ReturnType<FakeApi['client']>> =>
  api.client()('GET', `/v1${path}`, undefined, { cookie: api.hub.signIn('viewer') });

test('who looks for a plate among those who came and left leaves a trace, and says why where the site asks', async () => {
  await ask('/geofence-events');
  expect(audited).toEqual([]);
  const found = '/geofence-events?plate=1กก1234&event=enter';
  for (const path of [found, found, `${found}&cursor=2026-11-23T08:00:00.000Z_00000000-0000-4000-8000-000000000001`]) {
    expect((await ask(path)).status).toBe(200);
  }
  expect(audited).toEqual([
    { action: 'geofence.searched', details: expect.objectContaining({ plate: '1กก1234', event: 'enter' }) },
  ]);
  searchReason = 'reason';
  const { status, body } = await ask(found);
  expect([status, body.error.code, body.error.problems[0].field]).toEqual([403, 'reason_required', 'reason']);
  expect((await ask(`${found}&reason=patrol`)).status).toBe(200);
  expect(audited.at(-1)?.details).toMatchObject({ reason: 'patrol' });
});

test.each(['bbox=1.2.3,1,2,3', 'bbox=1,2,3', 'bbox=.,1,2,3'])('%s is refused, naming the field', async (query) => {
  const { status, body } = await ask(`/geofences?${query}`);
  expect([status, body.error.problems[0].field]).toEqual([400, 'bbox']);
});
