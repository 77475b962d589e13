/**
 * What became of each event on its way to the hub. After a hub was killed, each event that is `acknowledged` here must be
 * exactly one detection's read or one dead letter there; what is `refused` or `unanswered` may be either, or not there.
 */
export interface LedgerEntry {
  readonly eventId: string;
  readonly passingId: string;
  readonly cameraId: string;
  /** By the device's clock: with the camera it finds the event in a hub whose format carries no id. */
  readonly deviceAt: Date;
  readonly plateNumber: string;
  /** How often it was sent. */
  readonly attempts: number;
  readonly state: 'unanswered' | 'acknowledged' | 'refused';
  /** What the hub answered last: a status, a message, or why there was no answer. */
  readonly answer: string | null;
}

export interface Ledger {
  /** Call before the first byte leaves. */
  sent(event: {
    readonly eventId: string;
    readonly passingId: string;
    readonly camera: { readonly cameraId: string };
    readonly deviceAt: Date;
    readonly plateNumber: string;
  }): void;
  /** Once acknowledged an event stays so, whatever later attempts are told. */
  acknowledged(eventId: string, answer?: string): void;
  refused(eventId: string, answer: string): void;
  /** The connection broke or timed out: the hub may have it or not. */
  unanswered(eventId: string, why: string): void;
  entries(): readonly LedgerEntry[];
  counts(): Readonly<Record<LedgerEntry['state'], number>> & { readonly attempts: number };
}

export function createLedger(): Ledger {
  const entries = new Map<string, LedgerEntry>();
  const change = (eventId: string, state: LedgerEntry['state'], answer: string | null): void => {
    const entry = entries.get(eventId);
    if (entry === undefined || entry.state === 'acknowledged') return;
    entries.set(eventId, { ...entry, state, answer });
  };
  return {
    sent({ eventId, passingId, camera, deviceAt, plateNumber }) {
      const known = entries.get(eventId);
      const { cameraId } = camera;
      const fresh = { eventId, passingId, cameraId, deviceAt, plateNumber, state: 'unanswered', answer: null } as const;
      entries.set(eventId, { ...(known ?? fresh), attempts: (known?.attempts ?? 0) + 1 });
    },
    acknowledged: (eventId, answer = '') => {
      change(eventId, 'acknowledged', answer);
    },
    refused: (eventId, answer) => {
      change(eventId, 'refused', answer);
    },
    unanswered: (eventId, why) => {
      change(eventId, 'unanswered', why);
    },
    entries: () => [...entries.values()],
    counts() {
      const counts = { unanswered: 0, acknowledged: 0, refused: 0, attempts: 0 };
      for (const { state, attempts } of entries.values()) {
        counts[state] += 1;
        counts.attempts += attempts;
      }
      return counts;
    },
  };
}
