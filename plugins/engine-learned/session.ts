/** One onnxruntime session per network and worker thread, made at the first use. */
import { InferenceSession } from 'onnxruntime-node';
import { loadModel, type ModelFacts, type ModelName } from './models.ts';

export interface Loaded<N extends ModelName> {
  readonly session: InferenceSession;
  readonly facts: ModelFacts[N];
}

const sessions = new Map<ModelName, Promise<Loaded<ModelName>>>();

async function start<N extends ModelName>(name: N): Promise<Loaded<N>> {
  const { facts, bytes } = await loadModel(name);
  const session = await InferenceSession.create(bytes, {
    // The pool has a worker per core: threads inside a worker would fight over them.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  return { session, facts };
}

/** A failed start is tried again at the next use. */
export function session<N extends ModelName>(name: N): Promise<Loaded<N>> {
  let starting = sessions.get(name) as Promise<Loaded<N>> | undefined;
  if (!starting) {
    starting = start(name);
    sessions.set(name, starting);
    starting.catch(() => sessions.delete(name));
  }
  return starting;
}
