/** Merged reads on their way to the database: many at once, told of once each detection. */
import { createBatcher } from '../batcher.ts';
import type { Events } from '../events.ts';
import type { DetectionStore, ReadRecord, RecordedRead } from './detection-store.ts';
import type { DetectionSummary } from './detections.ts';
import { recordOf, type OpenPass } from './pass.ts';
import { closesAfter } from './passes.ts';

const MOST_AT_ONCE = 500;

export interface Recording {
  record(pass: OpenPass, read: ReadRecord): Promise<DetectionSummary>;
  /** Resolves when everything is written. */
  idle(): Promise<void>;
}

export function createRecording(store: Pick<DetectionStore, 'write'>, events: Events): Recording {
  const write = async (records: readonly RecordedRead[]): Promise<readonly DetectionSummary[]> => {
    const written = await store.write(records);
    const told = new Set<string>();
    // Created and updated in one batch is told as created, with the newest text.
    for (const { summary, isNew, before } of written) {
      if (told.has(summary.detectionId)) continue;
      told.add(summary.detectionId);
      if (isNew) events.emit('detection.created', summary);
      else events.emit('detection.updated', { ...summary, before });
    }
    return written.map(({ summary }) => summary);
  };
  const batcher = createBatcher(write, { most: MOST_AT_ONCE });

  return {
    async record(pass, read) {
      const drops = pass.drops;
      pass.drops = [];
      try {
        const settlesAt = new Date(pass.touchedAt + closesAfter(pass));
        const summary = await batcher.add({ detection: recordOf(pass, settlesAt), read, drops });
        pass.isRecorded = true;
        return summary;
      } catch (error) {
        pass.drops = [...drops, ...pass.drops];
        throw error;
      } finally {
        pass.unwritten = Math.max(0, pass.unwritten - 1);
      }
    },
    idle: () => batcher.idle(),
  };
}
