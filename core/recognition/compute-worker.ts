/** The thread behind `compute-pool.ts`: imports the named module once and calls its functions one after the other. */
import { parentPort } from 'node:worker_threads';
import type { ComputeAnswer, ComputeTask, LEAVE, ThrownInWorker } from './compute-pool.ts';

function describe(error: unknown): ThrownInWorker {
  const { code, details } = (error ?? {}) as { code?: unknown; details?: unknown };
  const isError = error instanceof Error;
  return {
    code: typeof code === 'string' ? code : null,
    message: isError ? error.message : String(error),
    details: details !== null && typeof details === 'object' ? (details as ThrownInWorker['details']) : {},
    stack: isError ? error.stack : undefined,
  };
}

async function perform(task: ComputeTask): Promise<ComputeAnswer> {
  try {
    const exported = ((await import(task.module)) as Record<string, unknown>)[task.exportName];
    if (typeof exported !== 'function') throw new Error(`${task.module} exports no function ${task.exportName}`);
    const value: unknown = await (exported as (args: unknown) => unknown)(task.args);
    return { ok: true, value };
  } catch (error) {
    return { ok: false, error: describe(error) };
  }
}

const port = parentPort;
if (!port) throw new Error('compute-worker.ts runs only as a worker thread.');
const leave: typeof LEAVE = 'leave';
port.on('message', (task: ComputeTask | typeof LEAVE) => {
  if (task === leave) {
    // What runs still ends; its answer is no longer wanted.
    port.close();
    return;
  }
  void perform(task).then((answer) => {
    try {
      port.postMessage(answer);
    } catch (error) {
      // What the function returned cannot be cloned.
      port.postMessage({ ok: false, error: describe(error) } satisfies ComputeAnswer);
    }
  });
});
