import { adviceFor } from './camera-advice.ts';
import { randomUUID } from 'node:crypto';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { errorMessage, LprError } from '../errors.ts';
import type { Events } from '../events.ts';
import type { DetectionPart, LprMessage } from '../message.ts';
import { likePattern, normalisePlate, parsePlate, plateSimilarity, provinceByCode } from '../plates/plates.ts';
import type { Log } from '../plugins/define.ts';
import type {
  DetectionRecord,
  DetectionStore,
  DetectionText,
  ReadRecord,
  WrittenDetection,
} from './detection-store.ts';
import type { CorrectionInput, DetectionQuery, Detections, DetectionSummary, MergeOptions } from './detections.ts';
import { vote, type Vote } from './vote.ts';

/** What a camera is judged by: how it stood a month ago says nothing about today. */
const SIGHT_MS = 7 * 86_400_000;
const SIGHT_DETECTIONS = 500;

export interface DetectionsDependencies {
  readonly store: DetectionStore;
  readonly events: Events;
  readonly log: Log;
}

/** A pass that may still get reads. */
interface Pass {
  readonly detectionId: string;
  readonly cameraId: string;
  readonly first: ReadRecord;
  readonly capturedAtSource: DetectionRecord['capturedAtSource'];
  readonly receivedAt: Date;
  reads: [ReadRecord, ...ReadRecord[]];
  vote: Vote;
  status: 'provisional' | 'confirmed';
  windowMs: number;
  /** Of this process's clock: when the last read came. */
  touchedAt: number;
  isRecorded: boolean;
}

interface Waiting {
  readonly record: { readonly detection: DetectionRecord; readonly read: ReadRecord };
  readonly done: (written: WrittenDetection) => void;
  readonly failed: (error: unknown) => void;
}

const FLUSH_MS = 20;
const MOST_AT_ONCE = 500;
const SWEEP_MS = 2_000;
/** A frame may be older than its neighbours by the time the flow took; passes stay open this much longer. */
const GRACE_MS = 10_000;
const MONTHS_CHECK_MS = 24 * 3_600_000;
const SAME_PLACE = 0.3;

type Rectangle = readonly [number, number, number, number];
/** Intersection over union, 0..1; of places that nobody knows 0. */
function overlap(a: Rectangle | null, b: Rectangle | null): number {
  return a === null || b === null ? 0 : overlapOf(a, b);
}
function overlapOf([ax, ay, aw, ah]: Rectangle, [bx, by, bw, bh]: Rectangle): number {
  const width = Math.min(ax + aw, bx + bw) - Math.max(ax, bx);
  const height = Math.min(ay + ah, by + bh) - Math.max(ay, by);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (aw * ah + bw * bh - width * height);
}

function readOf({ lpr }: LprMessage<'read'>): ReadRecord {
  const { frame, patch } = lpr;
  // A device may tell a read without a picture; an engine reads nothing else.
  if (lpr.read.device === undefined && (frame === undefined || patch === undefined)) {
    throw new LprError('message_incomplete', 'The message has a read but lost its frame or patch: keep msg.lpr whole.');
  }
  return {
    ...lpr.read,
    frameId: lpr.frameId,
    frame: frame ?? null,
    patch: patch?.image ?? null,
    box: patch?.box ?? null,
    corners: patch?.corners ?? null,
    capturedAt: new Date(lpr.capturedAt),
  };
}

const encodeCursor = ({ capturedAt, detectionId }: DetectionSummary): string =>
  Buffer.from(`${capturedAt.getTime()}|${detectionId}`).toString('base64url');

function decodeCursor(cursor: string): { capturedAt: Date; detectionId: string } {
  const [time = '', detectionId = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split('|');
  const capturedAt = new Date(Number(time));
  if (time === '' || Number.isNaN(capturedAt.getTime()) || !isUuid(detectionId)) {
    throw new LprError('cursor_invalid', 'The cursor is not one that a page gave: begin with the first page.');
  }
  return { capturedAt, detectionId };
}

export function createDetections({
  store,
  events,
  log,
}: DetectionsDependencies): Detections & { start(): Promise<void> } {
  const passes = new Map<string, Pass[]>();
  /** Merging looks and then changes: one message of a camera at a time. */
  const queues = new Map<string, Promise<unknown>>();
  const loaded = new Set<string>();
  let waiting: Waiting[] = [];
  let flushTimer: NodeJS.Timeout | null = null;
  let flushing: Promise<void> = Promise.resolve();
  let sweeper: NodeJS.Timeout | undefined;
  let months: NodeJS.Timeout | undefined;

  const inTurn = <T>(cameraId: string, run: () => Promise<T>): Promise<T> => {
    const turn = (queues.get(cameraId) ?? Promise.resolve()).then(run, run);
    queues.set(cameraId, turn);
    const forget = (): void => {
      if (queues.get(cameraId) === turn) queues.delete(cameraId);
    };
    turn.then(forget, forget);
    return turn;
  };

  const open = (pass: Omit<Pass, 'vote'>): Pass => {
    const complete: Pass = { ...pass, vote: vote(pass.reads) };
    passes.set(pass.cameraId, [...(passes.get(pass.cameraId) ?? []), complete]);
    return complete;
  };

  /** After a restart the database knows the passes that memory forgot. */
  const load = async (cameraId: string, at: Date, windowMs: number): Promise<void> => {
    if (loaded.has(cameraId)) return;
    const from = new Date(at.getTime() - windowMs);
    const to = new Date(at.getTime() + windowMs);
    for (const { detection, reads } of await store.between(cameraId, from, to)) {
      const [first, ...others] = reads;
      if (first === undefined || detection.status === 'rejected') continue;
      const status = detection.status === 'provisional' ? 'provisional' : 'confirmed';
      const { detectionId, capturedAtSource, receivedAt } = detection;
      const pass = { detectionId, cameraId, first, capturedAtSource, receivedAt, status } as const;
      open({ ...pass, reads: [first, ...others], windowMs, touchedAt: Date.now(), isRecorded: true });
    }
    loaded.add(cameraId);
  };

  const belongs = (pass: Pass, read: ReadRecord, { windowSeconds, minSimilarity }: MergeOptions): number => {
    if (pass.reads.some((other) => other.readId === read.readId)) return 2;
    // Two plates in one picture are two vehicles.
    if (pass.reads.some((other) => other.frameId === read.frameId)) return 0;
    const gap = Math.min(
      ...pass.reads.map((other) => Math.abs(other.capturedAt.getTime() - read.capturedAt.getTime())),
    );
    if (gap > windowSeconds * 1000) return 0;
    const { issuingEntity, plateNumber } = pass.vote;
    if (plateNumber === '' || read.plateNumber === '') {
      const place = Math.max(...pass.reads.map((other) => overlap(other.box, read.box)));
      return place >= SAME_PLACE ? place * minSimilarity : 0;
    }
    const isOtherProvince =
      issuingEntity !== null && read.issuingEntity !== null && issuingEntity !== read.issuingEntity;
    const likeness = Math.max(...pass.reads.map((other) => plateSimilarity(other.plateNumber, read.plateNumber)));
    // A province read differently is doubt, not proof: the text must then agree fully.
    if (isOtherProvince && likeness < 1) return 0;
    return likeness >= minSimilarity ? likeness : 0;
  };

  const join = (pass: Pass, read: ReadRecord, windowMs: number): boolean => {
    pass.touchedAt = Date.now();
    pass.windowMs = Math.max(pass.windowMs, windowMs);
    if (pass.reads.some((other) => other.readId === read.readId)) return false;
    pass.reads = [...pass.reads, read];
    pass.vote = vote(pass.reads);
    if (pass.vote.agreeing >= 2) pass.status = 'confirmed';
    return true;
  };

  const part = (pass: Pass, read: ReadRecord, isNew: boolean): DetectionPart => {
    const { plateNumber, issuingEntity, countryCode, plateType, confidence, best } = pass.vote;
    return {
      detectionId: pass.detectionId,
      isNew,
      isBest: best.readId === read.readId,
      status: pass.status,
      plateNumber,
      issuingEntity,
      countryCode,
      plateType,
      confidence,
      readCount: pass.reads.length,
    };
  };

  const recordOf = (pass: Pass): DetectionRecord => {
    const { plateNumber, series, serial, issuingEntity, countryCode, plateType, confidence, best } = pass.vote;
    const { detectionId, cameraId, capturedAtSource, receivedAt, status, first, reads } = pass;
    return {
      ...{ plateNumber, series, serial, issuingEntity, countryCode, plateType, confidence },
      ...{ detectionId, cameraId, capturedAtSource, receivedAt, status, best },
      capturedAt: first.capturedAt,
      readCount: reads.length,
    };
  };

  const flush = async (): Promise<void> => {
    if (flushTimer !== null) clearTimeout(flushTimer);
    flushTimer = null;
    const batch = waiting.slice(0, MOST_AT_ONCE);
    waiting = waiting.slice(MOST_AT_ONCE);
    if (batch.length === 0) return;
    try {
      const written = await store.write(batch.map(({ record }) => record));
      for (const [index, one] of written.entries()) {
        batch[index]?.done(one);
        events.emit(one.isNew ? 'detection.created' : 'detection.updated', one.summary);
      }
    } catch (error) {
      for (const { failed } of batch) failed(error);
    }
    if (waiting.length > 0) await flush();
  };

  const flushSoon = (): void => {
    flushTimer ??= setTimeout(() => {
      flushing = flushing.then(flush);
    }, FLUSH_MS);
  };

  /** Closes passes that will get no more reads; one that was seen once only is then confirmed as it is. */
  const sweep = async (): Promise<void> => {
    const now = Date.now();
    const closing: Pass[] = [];
    for (const [cameraId, ofCamera] of passes) {
      const still = ofCamera.filter((pass) => now - pass.touchedAt <= pass.windowMs + GRACE_MS);
      closing.push(...ofCamera.filter((pass) => !still.includes(pass)));
      if (still.length > 0) passes.set(cameraId, still);
      else passes.delete(cameraId);
    }
    const single = closing.filter((pass) => pass.isRecorded && pass.status === 'provisional');
    if (single.length === 0) return;
    for (const summary of await store.confirm(single.map((pass) => pass.detectionId))) {
      events.emit('detection.updated', summary);
    }
  };

  const correctedText = (input: CorrectionInput): DetectionText => {
    const plateNumber = normalisePlate(input.plateNumber);
    const problem = (field: string, text: string): never => {
      throw new LprError('invalid_input', `The correction cannot be used: ${field} ${text}.`, {
        problems: [{ field, problem: text }],
      });
    };
    if (input.kind === 'text' && plateNumber === '') problem('plateNumber', 'must have at least one letter or digit');
    const { issuingEntity } = input;
    if (issuingEntity?.startsWith('TH-') && provinceByCode(issuingEntity) === null) {
      problem('issuingEntity', 'is no Thai province that the hub knows');
    }
    const countries = input.countryCode === null ? [] : [input.countryCode];
    const parsed = parsePlate(plateNumber, { issuingEntity, countries }).find(
      (plate) => input.countryCode === null || plate.countryCode === input.countryCode,
    );
    return {
      plateNumber,
      series: parsed?.series ?? null,
      serial: parsed?.serial ?? null,
      issuingEntity,
      countryCode: input.countryCode ?? parsed?.countryCode ?? null,
      plateType: parsed?.plateType ?? null,
      confidence: 1,
    };
  };

  return {
    merge: (message, options) =>
      inTurn(message.lpr.cameraId, async () => {
        const read = readOf(message);
        const { cameraId, capturedAtSource, receivedAt } = message.lpr;
        const windowMs = options.windowSeconds * 1000;
        await load(cameraId, read.capturedAt, windowMs);
        const ranked = (passes.get(cameraId) ?? [])
          .map((pass) => ({ pass, likeness: belongs(pass, read, options) }))
          .filter(({ likeness }) => likeness > 0)
          .sort((a, b) => b.likeness - a.likeness);
        const found = ranked[0]?.pass;
        if (found !== undefined) {
          join(found, read, windowMs);
          return part(found, read, false);
        }
        // A read that comes again after its pass was closed belongs to the detection it made.
        const detectionId = (await store.detectionOfRead(read.readId)) ?? uuidv7();
        const pass = open({
          ...{ detectionId, cameraId, capturedAtSource, first: read, reads: [read], status: 'provisional', windowMs },
          receivedAt: new Date(receivedAt),
          touchedAt: Date.now(),
          isRecorded: false,
        });
        return part(pass, read, true);
      }),
    record(message) {
      const { cameraId, detection } = message.lpr;
      const read = readOf(message as LprMessage<'read' | 'detection'>);
      const pass = (passes.get(cameraId) ?? []).find((one) => one.detectionId === detection.detectionId);
      if (pass === undefined) {
        throw new LprError(
          'message_incomplete',
          'This detection is no longer open: let a merge node come right before record.',
        );
      }
      pass.isRecorded = true;
      return new Promise((resolve, reject) => {
        waiting.push({
          record: { detection: recordOf(pass), read },
          done: (one) => {
            resolve(one.summary);
          },
          failed: reject,
        });
        flushSoon();
      });
    },
    get: (detectionId) => (isUuid(detectionId) ? store.get(detectionId) : Promise.resolve(null)),
    async search({ cursor, plate, ...query }: DetectionQuery) {
      const pattern = plate === null ? null : likePattern(plate);
      const after = cursor === null ? null : decodeCursor(cursor);
      const items = await store.search({ ...query, pattern, after, limit: query.limit + 1 });
      const page = items.slice(0, query.limit);
      const last = page.at(-1);
      return { items: page, nextCursor: items.length > query.limit && last ? encodeCursor(last) : null };
    },
    async correct(detectionId, input, userId) {
      const before = isUuid(detectionId) ? await store.get(detectionId) : null;
      if (before === null) throw new LprError('not_found', 'There is no such detection.');
      const { kind, note } = input;
      const text = kind === 'text' ? correctedText(input) : before;
      const { plateNumber, issuingEntity, countryCode } = text;
      const after = { plateNumber, issuingEntity, countryCode };
      const summary = await store.correct(detectionId, { correctionId: randomUUID(), kind, note, after, userId }, text);
      const corrected = await store.get(detectionId);
      if (summary === null || corrected === null) throw new LprError('not_found', 'There is no such detection.');
      events.emit('detection.updated', summary);
      return corrected;
    },
    countSince: (since) => store.countSince(since),
    async correctedReads(after, limit) {
      const reads = await store.correctedReads(after, limit);
      if (reads === null) throw new LprError('not_found', 'There is no correction with this id.');
      return reads;
    },
    async sightOf(cameraId) {
      const sight = await store.sightOf(cameraId, new Date(Date.now() - SIGHT_MS), SIGHT_DETECTIONS);
      return { sight, advice: adviceFor(sight) };
    },
    async start() {
      await store.prepareMonths();
      await store.confirmBefore(new Date(Date.now() - 10 * 60_000));
      const told = (what: string) => (error: unknown) => {
        log.error({ err: errorMessage(error) }, what);
      };
      sweeper = setInterval(() => void sweep().catch(told('passes could not be closed; trying again')), SWEEP_MS);
      months = setInterval(
        () => void store.prepareMonths().catch(told('the partitions of the months ahead could not be made')),
        MONTHS_CHECK_MS,
      );
      sweeper.unref();
      months.unref();
    },
    async stop() {
      clearInterval(sweeper);
      clearInterval(months);
      await flushing;
      await flush();
    },
  };
}
