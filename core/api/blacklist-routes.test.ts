import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aHit, aList } from '../../test/blacklists.ts';
import { openFakeApi, type FakeApi } from '../../test/fake-api.ts';
import { createFakeHub, sampleDetection, sampleSummary } from '../../test/fake-hub.ts';
import { ID } from '../../test/route-bodies.ts';
import type { BlacklistEntryInput, BlacklistInput } from '../blacklists/blacklists.ts';
import type { Access, Role } from '../access/access.ts';
import { LprError } from '../errors.ts';

let needsReason: BlacklistInput['needsReason'] = 'none';
const added: BlacklistEntryInput[] = [];
const audited: Readonly<Record<string, unknown>>[] = [];
const hits = [aHit({ hitId: 'open' }), aHit({ hitId: 'covert', isCovert: true })];

let api: FakeApi;
beforeAll(async () => {
  const { blacklists, detections } = createFakeHub();
  api = await openFakeApi({
    blacklists: {
      ...blacklists,
      settings: () => Promise.resolve(aList({ needsReason })),
      addEntry(_blacklistId, input) {
        added.push(input);
        if (input.plateNumber !== 'twice') return blacklists.addEntry('', input, '');
        return Promise.reject(new LprError('entry_listed', 'It is there.', { entryId: ID }));
      },
    },
    detections: {
      ...detections,
      get: () => Promise.resolve({ ...sampleDetection, hits }),
      search: () => Promise.resolve({ items: [{ ...sampleSummary, hits }], nextCursor: null }),
    },
  });
  const audit: Access['audit'] = ({ details }) => Promise.resolve(void audited.push(details));
  Object.assign(api.hub.access, { audit });
});
afterAll(() => api.close());

const ask = (role: Role, method: string, path: string, body?: unknown): ReturnType<ReturnType<FakeApi['client']>> =>
  api.client()(method, `/v1${path}`, body, { cookie: api.hub.signIn(role) });
const entries = `/blacklists/${ID}/entries`;

test('a list may ask why one looks: nothing is shown without, and the answer goes to the trail', async () => {
  needsReason = 'case';
  for (const [given, missing] of [
    ['', ['reason', 'caseNumber']],
    ['?reason=patrol', ['caseNumber']],
  ] as const) {
    const { status, body } = await ask('operator', 'GET', `${entries}${given}`);
    expect([status, body.error.code, body.items]).toEqual([403, 'reason_required', undefined]);
    expect(body.error.problems.map(({ field }: { field: string }) => field)).toEqual(missing);
  }
  for (const path of [entries, `/blacklists/${ID}/expiring`, `${entries}/${ID}/attachments/${ID}`]) {
    expect((await ask('operator', 'GET', path)).status).toBe(403);
  }
  audited.length = 0;
  const { status } = await ask('operator', 'GET', `${entries}?plate=1กก&reason=patrol&caseNumber=12/2569`);
  expect([status, audited]).toMatchObject([
    200,
    [{ searched: true, shown: 1, reason: 'patrol', caseNumber: '12/2569' }],
  ]);
  // Who was looked for is told by the entry that was shown, not by the plate.
  expect(JSON.stringify(audited)).not.toContain('1กก');
  needsReason = 'none';
  expect((await ask('operator', 'GET', entries)).status).toBe(200);
});

test('a plate that is looked up leaves a trace, in each list that shows something too; more is shown to those who say why', async () => {
  const given: boolean[][] = [];
  const lookUp = api.hub.blacklists.lookUp.bind(api.hub.blacklists);
  Object.assign(api.hub.blacklists, {
    lookUp(...asked: Parameters<typeof lookUp>) {
      given.push((['none', 'reason', 'case'] as const).map(asked[2]));
      return lookUp(...asked);
    },
  });
  audited.length = 0;
  await ask('operator', 'GET', '/blacklists/lookup?plate=1กก1234');
  await ask('operator', 'GET', '/blacklists/lookup?plate=1กก1234&reason=patrol');
  const { body } = await ask('operator', 'GET', '/blacklists/lookup?plate=1กก1234&reason=patrol&caseNumber=12/2569');
  expect(given).toEqual([
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ]);
  expect(body.items).toHaveLength(1);
  expect(audited.slice(-2)).toEqual([
    { found: 1, withheld: 1, reason: 'patrol', caseNumber: '12/2569' },
    { searched: true, shown: 1, entryIds: [expect.any(String)], reason: 'patrol', caseNumber: '12/2569' },
  ]);
  expect(JSON.stringify(audited)).not.toContain('1กก');
  expect((await ask('viewer', 'GET', '/blacklists/lookup?plate=1กก1234')).status).toBe(403);
});

test.each([
  ['decision', { outcome: 'correct' }],
  ['decisions', { outcome: 'correct', hitIds: [ID] }],
])('a %s that is stored is in the trail, also when its alerts cannot be taken', async (path, body) => {
  const { acknowledgements } = api.hub;
  const working = { ...acknowledgements };
  Object.assign(acknowledgements, { decided: () => Promise.reject(new Error('gone')) });
  audited.length = 0;
  const { status } = await ask(
    'operator',
    'POST',
    path === 'decision' ? `/hits/${ID}/decision` : '/hits/decisions',
    body,
  );
  Object.assign(acknowledgements, working);
  expect([status, audited]).toEqual([500, [{ outcome: 'correct' }]]);
});

test('the preview of a policy names the plates of a list to those alone who say why, its figures to all who may change it', async () => {
  needsReason = 'case';
  const preview = async (why: object): Promise<unknown> => {
    const { body } = await ask('investigator', 'POST', `/blacklists/${ID}/policy-preview`, {
      policy: { edits: 'any' },
      ...why,
    });
    return [body.misreads.length, body.detections];
  };
  expect([await preview({}), await preview({ reason: 'review' })]).toEqual([
    [0, 100],
    [0, 100],
  ]);
  expect(await preview({ reason: 'review', caseNumber: '12/2569' })).toEqual([1, 100]);
  expect(audited.at(-1)).toMatchObject({ reason: 'review', caseNumber: '12/2569' });
  needsReason = 'none';
  expect(await preview({})).toEqual([1, 100]);
});

test('hits of covert lists are for those who may see blacklists', async () => {
  const seen = async (role: Role, path: string): Promise<readonly string[]> => {
    const { body } = await ask(role, 'GET', path);
    const of = (body.items?.[0] ?? body) as { hits: { hitId: string }[] };
    return of.hits.map(({ hitId }) => hitId);
  };
  for (const path of ['/detections', `/detections/${ID}`]) {
    expect([await seen('viewer', path), await seen('operator', path)]).toEqual([['open'], ['open', 'covert']]);
  }
});

test('an end that is left out is the list’s to say, null is none', async () => {
  added.length = 0;
  await ask('supervisor', 'POST', entries, { plateNumber: '1กก1' });
  await ask('supervisor', 'POST', entries, { plateNumber: '1กก1', validTo: null });
  await ask('supervisor', 'POST', entries, { plateNumber: '1กก1', validTo: '2027-01-01T00:00:00+07:00' });
  expect(added.map(({ validTo }) => validTo)).toEqual([undefined, null, new Date('2026-12-31T17:00:00Z')]);
});

test.each([
  ['a date that there is not', { plateNumber: '1กก1', validFrom: '2026-02-30' }, 'validFrom'],
  ['a misspelt field', { plateNumber: '1กก1', platenumber: '2กก2' }, 'platenumber'],
  ['too many notes', { plateNumber: '1กก1', notes: 'x'.repeat(5001) }, 'notes'],
])('%s is refused, naming the field', async (_what, body, field) => {
  const answer = await ask('supervisor', 'POST', entries, body);
  expect([answer.status, answer.body.error.problems[0].field]).toEqual([400, field]);
});

test('a plate that is there already names its entry', async () => {
  const { status, body } = await ask('supervisor', 'POST', entries, { plateNumber: 'twice' });
  expect([status, body.error.code, body.error.entryId]).toEqual([409, 'entry_listed', ID]);
});

test('what is attached is saved, never shown as a page', async () => {
  needsReason = 'none';
  const response = await fetch(`${api.url}/api/v1${entries}/${ID}/attachments/${ID}`, {
    headers: { cookie: api.hub.signIn('operator') },
  });
  const header = (name: string): string | null => response.headers.get(name);
  expect([response.status, header('content-type'), header('x-content-type-options')]).toEqual([
    ...[200, 'application/pdf', 'nosniff'],
  ]);
  expect([header('content-disposition'), header('content-security-policy')]).toEqual([
    'attachment; filename=order.pdf',
    "sandbox; default-src 'none'",
  ]);
});
