/** Worker threads that run exported functions of modules. One task per worker at a time, the rest wait in order. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ERROR_STATUS, LprError, type ErrorCode, type ErrorDetails } from '../errors.ts';
import type { ComputePool, Log } from '../plugins/define.ts';

/** What the pool sends to a worker and what comes back; also used by `compute-worker.ts`. */
export interface ComputeTask {
  readonly module: string;
  readonly exportName: string;
  readonly args: unknown;
}
/** Sent instead of a task: no more will come. */
export const LEAVE = 'leave';
export type ComputeAnswer =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: ThrownInWorker };
/** An error crosses threads as plain data: the structured clone of an error loses its code. */
export interface ThrownInWorker {
  readonly code: string | null;
  readonly message: string;
  readonly details: ErrorDetails;
  readonly stack: string | undefined;
}

export interface ClosableComputePool extends ComputePool {
  /** Tasks that wait or run are failed with `stopping`. Resolves when every thread is gone. */
  close(): Promise<void>;
}

export interface ComputePoolOptions {
  readonly size: number;
  readonly log: Log;
  /** A task that runs longer is taken for hung: its worker is replaced. */
  readonly taskTimeoutMs?: number;
}

interface Job {
  readonly task: ComputeTask;
  readonly transfer: readonly ArrayBuffer[];
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

interface Slot {
  worker: Worker | null;
  job: Job | null;
  timer: NodeJS.Timeout | null;
}

const stopping = (): LprError => new LprError('stopping', 'The work was given up because it is no longer wanted.');

function revive(thrown: ThrownInWorker): Error {
  const known = thrown.code !== null && Object.hasOwn(ERROR_STATUS, thrown.code);
  const error = known
    ? new LprError(thrown.code as ErrorCode, thrown.message, thrown.details)
    : Object.assign(new Error(thrown.message), thrown.code === null ? {} : { code: thrown.code });
  if (thrown.stack !== undefined) error.stack = thrown.stack;
  return error;
}

/** A worker that hangs longer than this at the end is ended by force. */
const LEAVE_MS = 5000;

/** Lets a worker finish what it does: ending a thread inside native code takes the whole process with it. */
async function leave(worker: Worker): Promise<void> {
  const gone = once(worker, 'exit');
  worker.ref();
  worker.postMessage(LEAVE);
  const timer = setTimeout(() => void worker.terminate(), LEAVE_MS);
  await gone;
  clearTimeout(timer);
}

/** Threads start when there is first work for them; an idle pool does not keep the process alive. */
export function createComputePool(options: ComputePoolOptions): ClosableComputePool {
  const { log, taskTimeoutMs = 60_000 } = options;
  const slots: readonly Slot[] = Array.from({ length: Math.max(1, options.size) }, () => ({
    worker: null,
    job: null,
    timer: null,
  }));
  const queue: Job[] = [];
  let closed = false;

  /** Ends what the slot is doing, if anything, and gives it the next job. */
  const finish = (slot: Slot, end: (job: Job) => void): void => {
    const { job } = slot;
    slot.job = null;
    if (slot.timer) clearTimeout(slot.timer);
    slot.timer = null;
    slot.worker?.unref();
    if (job) end(job);
    dispatch();
  };

  /** The worker is gone or must go: only its own task fails, the next task starts a fresh one. */
  const lose = (slot: Slot, worker: Worker, reason: string): void => {
    if (slot.worker !== worker) return;
    slot.worker = null;
    worker.terminate().catch((error: unknown) => {
      log.warn({ error: String(error) }, 'a recognition worker could not be ended');
    });
    if (!closed) log.warn({ reason, task: slot.job?.task.exportName }, 'a recognition worker is replaced');
    finish(slot, (job) => {
      job.reject(
        closed ? stopping() : new LprError('engine_failed', `The recognition worker failed: ${reason}.`, { reason }),
      );
    });
  };

  const startWorker = (slot: Slot): Worker => {
    // An empty execArgv: flags of the test runner or of a debugger do not concern the workers.
    const worker = new Worker(new URL('./compute-worker.ts', import.meta.url), { execArgv: [] });
    slot.worker = worker;
    worker.on('message', (answer: ComputeAnswer) => {
      if (slot.worker !== worker) return;
      finish(slot, (job) => {
        if (answer.ok) job.resolve(answer.value);
        else job.reject(revive(answer.error));
      });
    });
    worker.on('error', (error) => {
      lose(slot, worker, error instanceof Error ? error.message : String(error));
    });
    worker.on('exit', (code) => {
      lose(slot, worker, `it ended with code ${code}`);
    });
    return worker;
  };

  function dispatch(): void {
    if (closed) return;
    while (queue.length > 0) {
      // A slot with a loaded worker first: starting one and loading its models costs up to a second.
      const slot = slots.find((s) => !s.job && s.worker) ?? slots.find((s) => !s.job);
      const job = slot && queue.shift();
      if (!job) return;
      slot.job = job;
      const worker = slot.worker ?? startWorker(slot);
      worker.ref();
      slot.timer = setTimeout(() => {
        lose(slot, worker, `${job.task.exportName} took longer than ${taskTimeoutMs} ms`);
      }, taskTimeoutMs);
      try {
        worker.postMessage(job.task, job.transfer);
      } catch (error) {
        finish(slot, (failed) => {
          failed.reject(error);
        });
      }
    }
  }

  return {
    size: slots.length,

    run<T>(
      module: URL,
      exportName: string,
      args: unknown,
      { transfer = [], signal }: { readonly transfer?: readonly ArrayBuffer[]; readonly signal?: AbortSignal } = {},
    ): Promise<T> {
      if (closed || signal?.aborted) return Promise.reject(stopping());
      return new Promise<T>((resolve, reject) => {
        // A task that already runs cannot be interrupted without losing the worker's loaded models: the caller is told at
        // once, the worker finishes, its answer is dropped.
        const abort = (): void => {
          const place = queue.indexOf(job);
          if (place >= 0) queue.splice(place, 1);
          job.reject(stopping());
        };
        const job: Job = {
          task: { module: module.href, exportName, args },
          transfer,
          resolve: (value) => {
            signal?.removeEventListener('abort', abort);
            resolve(value as T);
          },
          reject: (error) => {
            signal?.removeEventListener('abort', abort);
            reject(error instanceof Error ? error : new Error(String(error)));
          },
        };
        signal?.addEventListener('abort', abort, { once: true });
        queue.push(job);
        dispatch();
      });
    },

    async close() {
      closed = true;
      for (const job of queue.splice(0)) job.reject(stopping());
      await Promise.all(
        slots.map(async (slot) => {
          const { worker } = slot;
          finish(slot, (job) => {
            job.reject(stopping());
          });
          slot.worker = null;
          if (worker) await leave(worker);
        }),
      );
    },
  };
}
