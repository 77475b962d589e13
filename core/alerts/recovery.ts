/** What was recorded just before the end of the last process and may not have come to its alert. Everything here is repeatable. */
import type { Blacklists } from '../blacklists/blacklists.ts';
import type { DetectionSummary } from '../detections/detections.ts';
import { errorMessage } from '../errors.ts';
import type { LprMessage } from '../message.ts';
import type { Geofences } from '../places/geofences.ts';
import type { Log } from '../plugins/define.ts';
import type { Alerts } from './alerts.ts';
import { doEach } from './do-each.ts';
import { messageOf } from './notice.ts';

const PENDING_MS = 24 * 3_600_000;
const RECOVER_MS = 5 * 60_000;
const RECOVER_MOST = 5_000;

type Message = LprMessage<'detection'>;

export interface RecoveryDependencies {
  readonly blacklists: Pick<Blacklists, 'match' | 'pendingHits'>;
  readonly geofences: Pick<Geofences, 'observe'>;
  readonly detections: {
    summary(detectionId: string): Promise<DetectionSummary | null>;
    lastRecorded(withinMs: number, limit: number): Promise<readonly DetectionSummary[]>;
  };
  readonly log: Log;
  readonly consider: (message: Message) => Promise<unknown>;
  readonly now: () => Date;
}

export interface Recovery extends Pick<Alerts, 'recover'> {
  /** Hits that no alert step has seen. */
  considerPending(): Promise<void>;
}

export function createRecovery(dependencies: RecoveryDependencies): Recovery {
  const { blacklists, geofences, detections, log, consider, now } = dependencies;
  const considerPending = async (): Promise<void> => {
    const hits = await blacklists.pendingHits(new Date(now().getTime() - PENDING_MS));
    await doEach(hits, async ({ hit, detectionId }) => {
      const detection = await detections.summary(detectionId);
      // One that is not written yet comes again with its message.
      if (detection === null) return;
      const { lpr } = messageOf(detection);
      await consider({ lpr: { ...lpr, hit } });
    });
  };
  /** As the steps of a flow would hand it on: by itself, with each hit, with each event of a geofence. */
  const considerAll = async ({ lpr }: Message, hasGeofences: boolean): Promise<void> => {
    const hits = await blacklists.match({ lpr }, '');
    const events = hasGeofences ? await geofences.observe({ lpr }, '') : [];
    const withHits = [lpr, ...hits.map((hit) => ({ ...lpr, hit }))];
    for (const one of withHits) await consider({ lpr: one });
    for (const geofence of events) {
      for (const one of withHits) await consider({ lpr: { ...one, geofence } });
    }
  };
  return {
    considerPending,
    async recover({ hasGeofences }) {
      const last = (): Promise<void> =>
        detections
          .lastRecorded(RECOVER_MS, RECOVER_MOST)
          .then((all) => doEach(all, (detection) => considerAll(messageOf(detection), hasGeofences)));
      // What cannot be looked at keeps no hub from starting.
      await doEach([considerPending, last], (step) => step()).catch((error: unknown) => {
        log.error({ err: errorMessage(error) }, 'not all that the last process left could be looked at');
      });
    },
  };
}
