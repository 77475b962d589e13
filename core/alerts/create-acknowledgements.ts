import { createHash, randomBytes } from 'node:crypto';
import { errorMessage, LprError } from '../errors.ts';
import type { Jobs } from '../jobs.ts';
import type { Log } from '../plugins/define.ts';
import type {
  Acknowledged,
  Acknowledgement,
  Acknowledgements,
  AcknowledgementStore,
  Acknowledging,
  LinkedAlert,
  Outcome,
} from './acknowledgements.ts';
import { maskedPlate, withMaskedPlate } from './template-fields.ts';

export interface AcknowledgementsDependencies {
  readonly store: AcknowledgementStore;
  readonly jobs: Pick<Jobs, 'every'>;
  /** Tells whoever listens, in every process. */
  readonly announce: (event: 'acknowledged' | 'reopened', alertId: string) => Promise<void>;
  /** What people found out about a hit: counts for the accuracy of its list. Null: undecided again. */
  readonly decide: (hitId: string, outcome: Outcome | null, userId: string | null, note: string) => Promise<void>;
  /** Those who were told hear that it is taken; the same alert and key once. */
  readonly tellTaken: (alertId: string, key: string) => Promise<void>;
  readonly log: Log;
  readonly publicUrl: string | null;
  readonly timeZone: () => string;
  readonly now?: () => Date;
}

const LINK_MS = 24 * 3_600_000;
const KEEP_LINKS_MS = 7 * 24 * 3_600_000;
const UNDO_MS = 5 * 60_000;
const TOKEN_BYTES = 32;
const DAY_MS = 86_400_000;

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
const isToken = (token: string): boolean => /^[\w-]{43}$/.test(token);

export function createAcknowledgements({
  store,
  jobs,
  announce,
  decide,
  tellTaken,
  log,
  publicUrl,
  timeZone,
  now = () => new Date(),
}: AcknowledgementsDependencies): Acknowledgements {
  const noAlert = (): LprError => new LprError('not_found', 'There is no such alert.');

  const tellOnce = async (alertId: string, at: Date): Promise<void> => {
    await tellTaken(alertId, at.toISOString());
    await store.takenTold(alertId, at);
  };
  /** It is taken whatever becomes of this; the sweep tells where it fails. */
  const tellNow = async ({ alertId, at }: Acknowledgement): Promise<void> => {
    await tellOnce(alertId, at).catch((error: unknown) => {
      log.warn(
        { alertId, err: errorMessage(error) },
        'those who were told did not hear who took an alert; trying again',
      );
    });
  };

  /** What follows from an outcome, and from the first acknowledgement. */
  const followUp = async (
    alertId: string,
    { outcome, userId, note }: Pick<Acknowledging, 'outcome' | 'userId' | 'note'>,
    first: Acknowledgement | null,
  ): Promise<void> => {
    const hitId = outcome === null ? null : await store.hitOf(alertId);
    if (outcome !== null && hitId !== null) {
      // What is said stands; the sweep hands it on where this fails.
      await decide(hitId, outcome, userId, note).catch((error: unknown) => {
        log.warn({ alertId, err: errorMessage(error) }, 'an outcome did not come to its hit; trying again');
      });
    }
    await announce('acknowledged', alertId);
    if (first !== null) await tellNow(first);
  };

  const judge = async (
    alertId: string,
    outcome: Outcome,
    note: string,
    { userId, name }: { readonly userId: string; readonly name: string },
  ): Promise<Acknowledgement> => {
    const judged = await store.judge(alertId, outcome, note, now(), name);
    if (judged === null) {
      throw new LprError('conflict', 'Nobody has acknowledged this alert: acknowledge it with its outcome.');
    }
    await followUp(alertId, { outcome, userId, note }, null);
    return judged;
  };

  const acknowledge = async (alertId: string, input: Acknowledging): Promise<Acknowledged> => {
    const done = await store.acknowledge(alertId, input, now(), null);
    if (done === null || done === 'link') throw noAlert();
    if (done === 'retracted') {
      throw new LprError('conflict', 'This alert was taken back: there is nothing to acknowledge any more.');
    }
    if (done.isFirst) {
      await followUp(alertId, input, done.acknowledgement);
      return done;
    }
    // Somebody took it and did not say yet what became of it: this says it.
    const { outcome, userId, note, by } = input;
    if (outcome === null || userId === null || done.acknowledgement.outcome !== null) return done;
    return { acknowledgement: await judge(alertId, outcome, note, { userId, name: by }), isFirst: false };
  };

  const undoUntil = ({ at, undoneAt }: Acknowledgement): Date | null => {
    const until = new Date(at.getTime() + UNDO_MS);
    return undoneAt === null && until > now() ? until : null;
  };

  const look = async (token: string): Promise<LinkedAlert | null> => {
    const link = isToken(token) ? await store.link(hashOf(token)) : null;
    if (link === null) return null;
    const { plateNumber, expiresAt, usedAt, ...shown } = link;
    const acknowledgement = (await store.history(link.alertId)).find(({ undoneAt }) => undoneAt === null) ?? null;
    return {
      ...shown,
      // A rule may have put the plate into the title.
      title: plateNumber === null ? shown.title : withMaskedPlate(shown.title, plateNumber),
      maskedPlate: plateNumber === null ? null : maskedPlate(plateNumber),
      acknowledgement,
      state: usedAt !== null ? 'used' : expiresAt <= now() ? 'expired' : 'open',
    };
  };

  const sweep = async (): Promise<void> => {
    await store.removeLinks(new Date(now().getTime() - KEEP_LINKS_MS));
    const yesterday = new Date(now().getTime() - DAY_MS);
    for (const { hitId, outcome, userId, note } of await store.undecided(yesterday)) {
      await decide(hitId, outcome, userId, note);
    }
    for (const { alertId, at } of await store.untold(yesterday)) await tellOnce(alertId, at);
  };
  jobs.every('acknowledgements.sweep', '*/5 * * * *', sweep);

  return {
    acknowledge,
    judge,
    async undo(alertId, by) {
      const at = now();
      const undone = await store.undo(alertId, by, at, new Date(at.getTime() - UNDO_MS));
      if (undone === null) throw new LprError('not_found', 'Nobody has acknowledged this alert.');
      if (!undone) {
        throw new LprError('conflict', 'An acknowledgement can be taken back for five minutes only: that is over.');
      }
      const hitId = await store.hitOf(alertId);
      if (hitId !== null) await decide(hitId, null, null, '');
      await announce('reopened', alertId);
    },
    undoUntil,
    history: (alertId) => store.history(alertId),
    async decided(hitIds, outcome, note, { userId, name }) {
      if (outcome === null) {
        for (const alertId of await store.unjudge(hitIds)) await announce('acknowledged', alertId);
        return;
      }
      for (const alertId of await store.alertsOf(hitIds)) {
        const input = { by: name, userId, how: 'console', outcome, note } as const;
        const done = await store.acknowledge(alertId, input, now(), null);
        if (done === null || typeof done === 'string') continue;
        if (!done.isFirst) await store.judge(alertId, outcome, note, now(), name);
        await announce('acknowledged', alertId);
        if (done.isFirst) await tellNow(done.acknowledgement);
      }
    },
    async link(alertId, deliveryId) {
      if (publicUrl === null) return null;
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      const createdAt = now();
      const expiresAt = new Date(createdAt.getTime() + LINK_MS);
      await store.addLink({ tokenHash: hashOf(token), alertId, deliveryId, createdAt, expiresAt });
      return `${publicUrl}/ack/${token}`;
    },
    look,
    async follow(token, outcome) {
      const linked = await look(token);
      if (linked?.state !== 'open' || linked.isRetracted) return null;
      const { alertId, told } = linked;
      const input = { by: told, userId: null, how: 'link', outcome, note: '' } as const;
      const done = await store.acknowledge(alertId, input, now(), hashOf(token));
      if (done === null || typeof done === 'string') return null;
      if (done.isFirst) await followUp(alertId, input, done.acknowledgement);
      return { linked: { ...linked, acknowledgement: done.acknowledgement, state: 'used' }, isFirst: done.isFirst };
    },
    figures: (by, days, withCovert) =>
      store.figures(by, new Date(now().getTime() - days * DAY_MS), timeZone(), withCovert),
    sweep,
  };
}
