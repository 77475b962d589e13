import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorCode, errorMessage } from '../errors.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createComputePool, type ClosableComputePool } from './compute-pool.ts';

const failure = (work: Promise<unknown>): Promise<{ code: string; message: string }> =>
  work.then(
    () => ({ code: 'no error', message: '' }),
    (error: unknown) => ({ code: errorCode(error), message: errorMessage(error) }),
  );

let folder: string;
let work: URL;
const pools: ClosableComputePool[] = [];
const pool = (size: number, taskTimeoutMs?: number): ClosableComputePool => {
  const made = createComputePool({ size, log: quietLog, ...(taskTimeoutMs === undefined ? {} : { taskTimeoutMs }) });
  pools.push(made);
  return made;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lpr-pool-'));
  work = pathToFileURL(join(folder, 'work.mjs'));
  await writeFile(
    work,
    `import { threadId } from 'node:worker_threads';
     let calls = 0;
     export const count = () => ++calls;
     export const thread = async (ms) => { await new Promise((ok) => setTimeout(ok, ms)); return threadId; };
     export const double = ({ data }) => data.map((x) => x * 2);
     export const refuse = () => { throw Object.assign(new Error('no such plate'), { code: 'not_found', details: { field: 'x' } }); };
     export const uncloneable = () => () => 1;
     export const exit = () => process.exit(3);
     export const crash = () => new Promise(() => { setTimeout(() => { throw new Error('out of hand'); }); });
     export const spin = () => { for (;;); };`,
  );
});
afterAll(async () => {
  await Promise.all(pools.map((p) => p.close()));
  await rm(folder, { recursive: true });
});

test('values go there and back, and a module is loaded once per worker', async () => {
  const one = pool(1);
  expect([...(await one.run<Uint8Array>(work, 'double', { data: new Uint8Array([1, 2, 3]) }))]).toEqual([2, 4, 6]);
  expect([await one.run(work, 'count', null), await one.run(work, 'count', null)]).toEqual([1, 2]);
});

test('transferred buffers are moved, others are copied', async () => {
  const one = pool(1);
  const kept = new Uint8Array([1]);
  const moved = new Uint8Array([1]);
  await one.run(work, 'double', { data: kept });
  await one.run(work, 'double', { data: moved }, { transfer: [moved.buffer] });
  expect([kept.length, moved.length]).toEqual([1, 0]);
});

test('as many tasks run at once as there are workers', async () => {
  const two = pool(2);
  const threads = await Promise.all([1, 2, 3, 4].map(() => two.run<number>(work, 'thread', 300)));
  expect(new Set(threads).size).toBe(2);
});

test('what a task throws arrives with its code, message and details', async () => {
  const error = await pool(1)
    .run(work, 'refuse', null)
    .catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'not_found', message: 'no such plate', details: { field: 'x' } });
});

test('a missing function and an answer that cannot travel are errors of that task alone', async () => {
  const one = pool(1);
  expect((await failure(one.run(work, 'missing', null))).message).toContain('exports no function missing');
  expect((await failure(one.run(work, 'uncloneable', null))).message).toContain('could not be cloned');
  expect(await one.run(work, 'count', null)).toBe(1);
});

describe('a worker that is lost fails only its own task', () => {
  test.each(['exit', 'crash'])('%s', async (how) => {
    const two = pool(2);
    const [lost, ...others] = await Promise.all([
      failure(two.run(work, how, null)),
      ...[1, 2, 3].map(() => two.run<number>(work, 'thread', 50)),
    ]);
    expect(lost.code).toBe('engine_failed');
    expect(others.every((id) => typeof id === 'number')).toBe(true);
    expect(await two.run(work, 'count', null)).toBeGreaterThan(0);
  });

  test('one that hangs is replaced', async () => {
    const one = pool(1, 1500);
    const [hung, next] = await Promise.all([failure(one.run(work, 'spin', null)), one.run(work, 'count', null)]);
    expect(hung).toMatchObject({ code: 'engine_failed' });
    expect(hung.message).toContain('spin took longer than');
    expect(next).toBe(1);
  });
});

describe('an abort signal', () => {
  test('takes a waiting task out of the queue', async () => {
    const one = pool(1);
    const abort = new AbortController();
    const running = one.run<number>(work, 'thread', 300);
    const waiting = failure(one.run(work, 'count', null, { signal: abort.signal }));
    abort.abort();
    expect((await waiting).code).toBe('stopping');
    await running;
    expect(await one.run(work, 'count', null)).toBe(1);
  });

  test('answers at once for a running task, and the worker stays usable', async () => {
    const one = pool(1);
    const abort = new AbortController();
    const order: string[] = [];
    const running = failure(one.run(work, 'thread', 400, { signal: abort.signal })).then((f) => order.push(f.code));
    const next = one.run(work, 'count', null).then(() => order.push('next'));
    setTimeout(() => {
      abort.abort();
    }, 50);
    await Promise.all([running, next]);
    expect(order).toEqual(['stopping', 'next']);
  });

  test('that has fired already starts nothing', async () => {
    expect((await failure(pool(1).run(work, 'count', null, { signal: AbortSignal.abort() }))).code).toBe('stopping');
  });
});

test('close fails what runs and what waits, and refuses new work', async () => {
  const one = pool(1);
  const running = failure(one.run(work, 'spin', null));
  const waiting = failure(one.run(work, 'count', null));
  await one.close();
  expect([(await running).code, (await waiting).code]).toEqual(['stopping', 'stopping']);
  expect((await failure(one.run(work, 'count', null))).code).toBe('stopping');
  await one.close();
});
