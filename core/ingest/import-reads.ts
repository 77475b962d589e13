/** Old reads into the inbox: each line once, however often it is sent, and never so many that what happens now must wait. */
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, errorMessage, LprError, type FieldProblem } from '../errors.ts';
import { importLines, readOfLine, type ImportEncoding, type ImportFormat, type ImportLine } from './import-lines.ts';
import type { Ingest } from './ingest.ts';

export interface ImportOptions {
  readonly format: ImportFormat;
  readonly encoding: ImportEncoding;
  /** For lines that name no camera. */
  readonly cameraId: string | null;
  readonly signal: AbortSignal;
}

export interface ImportResult {
  readonly line: number;
  /** Null: refused. */
  readonly frameId: string | null;
  /** It was there already. */
  readonly duplicate: boolean;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly problems: readonly FieldProblem[];
  } | null;
}

export interface ImportDependencies {
  readonly ingest: Pick<Ingest, 'acceptEvent' | 'counts'>;
  readonly cameras: () => Promise<readonly { readonly cameraId: string; readonly name: string }[]>;
  /** What the site's clock on the wall shows, as if it were UTC (ms), as an instant. */
  readonly instantOf: (wall: number) => Promise<Date>;
}

/** Lines that are being written at once: what the inbox commits together. */
const AT_ONCE = 200;
/** With more waiting in the inbox the import waits: it hands out the oldest first, and live cameras stand behind. */
const MOST_QUEUED = 2_000;
const LOOK_EVERY = 500;
const PAUSE_MS = 100;
/** So long what may pass (the database is away, the inbox full) is waited for. */
const PATIENCE_MS = 60_000;
const PASSING: readonly string[] = ['overloaded', 'database_unavailable'];

/**
 * Results come in the order of the lines.
 * @throws what hinders the whole import: stopping, storage_full, database_unavailable, body_too_large; lines before it are stored
 */
export async function* importReads(
  chunks: AsyncIterable<Uint8Array>,
  options: ImportOptions,
  { ingest, cameras, instantOf }: ImportDependencies,
): AsyncGenerator<ImportResult> {
  const { signal } = options;
  const all = await cameras();
  const ids = new Set(all.map(({ cameraId }) => cameraId));
  const byName = new Map(all.map(({ cameraId, name }) => [name.toLowerCase(), cameraId]));
  const cameraOf = (named: string | null): string => {
    const cameraId = named === null ? options.cameraId : ids.has(named) ? named : byName.get(named.toLowerCase());
    if (cameraId !== null && cameraId !== undefined) return cameraId;
    const problem = named === null ? 'is missing' : 'names no camera: add it first, or mend its name';
    throw new LprError('invalid_input', `The line cannot be used: camera ${problem}.`, {
      problems: [{ field: 'camera', problem }],
    });
  };

  const store = async (line: ImportLine): Promise<{ readonly frameId: string; readonly duplicate: boolean }> => {
    const { camera, capturedAt, id, label, read, image } = readOfLine(line);
    const cameraId = cameraOf(camera);
    const at = capturedAt instanceof Date ? capturedAt : await instantOf(capturedAt.wall);
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await ingest.acceptEvent({
          ...{ cameraId, label, deviceId: null, engine: 'device:import', capturedAt: at, capturedAtSource: 'device' },
          ...{ isLate: true, eventKey: id === null ? null : `import:${id}`, frame: image, pull: null, reads: [read] },
        });
      } catch (error) {
        if (!PASSING.includes(errorCode(error)) || performance.now() > until || signal.aborted) throw error;
        await sleep(PAUSE_MS, undefined, { signal });
      }
    }
  };

  const result = async (line: ImportLine): Promise<ImportResult> => {
    try {
      return { line: line.line, ...(await store(line)), error: null };
    } catch (error) {
      const code = errorCode(error);
      // What only this line suffers from.
      if (!['invalid_input', 'camera_disabled', 'camera_unknown'].includes(code)) throw error;
      const problems = (error as LprError).details.problems ?? [];
      return {
        line: line.line,
        frameId: null,
        duplicate: false,
        error: { code, message: errorMessage(error), problems },
      };
    }
  };

  const window: Promise<ImportResult>[] = [];
  const begin = (line: ImportLine): void => {
    const one = result(line);
    // Looked at in its turn.
    one.catch(() => undefined);
    window.push(one);
  };
  let count = 0;
  let failure: Error | null = null;
  try {
    for await (const line of importLines(chunks, options)) {
      signal.throwIfAborted();
      if (count++ % LOOK_EVERY === 0) {
        while ((await ingest.counts()).queued > MOST_QUEUED) await sleep(PAUSE_MS, undefined, { signal });
      }
      begin(line);
      if (window.length < AT_ONCE) continue;
      const oldest = window.shift();
      if (oldest !== undefined) yield await oldest;
    }
  } catch (error) {
    failure = error as Error;
  }
  // What was begun is told, whatever ended the rest.
  for (const one of window) yield await one;
  if (failure !== null) throw failure;
}
