/** What a person says is there. */
import { randomUUID } from 'node:crypto';
import { validate as isUuid } from 'uuid';
import { LprError } from '../errors.ts';
import type { Events } from '../events.ts';
import { foldConfusables, normalisePlate, parsePlate, provinceByCode } from '../plates/plates.ts';
import type { DetectionStore, DetectionText } from './detection-store.ts';
import type { CorrectionInput, Detection, DetectionBefore } from './detections.ts';
import type { Passes } from './passes.ts';

function correctedText(input: CorrectionInput): DetectionText {
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
}

/** Neighbours of one text and no other province are one vehicle; so are those that look-alikes alone keep apart. */
function isSameVehicle(text: DetectionText): (other: DetectionBefore) => boolean {
  const isOther = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b;
  const folded = foldConfusables(text.plateNumber);
  return ({ plateNumber, issuingEntity, countryCode }) =>
    plateNumber !== '' &&
    foldConfusables(plateNumber) === folded &&
    !isOther(issuingEntity, text.issuingEntity) &&
    !isOther(countryCode, text.countryCode);
}

export interface Corrections {
  correct(detectionId: string, input: CorrectionInput, userId: string): Promise<Detection>;
  split(detectionId: string, mergeId: string, userId: string): Promise<Detection>;
}

export function createCorrections(
  store: Pick<DetectionStore, 'get' | 'correct' | 'split' | 'summaries'>,
  passes: Pick<Passes, 'correct' | 'forget' | 'windowOf'>,
  events: Events,
): Corrections {
  const unknown = (): LprError => new LprError('not_found', 'There is no such detection.');
  return {
    async correct(detectionId, input, userId) {
      const before = isUuid(detectionId) ? await store.get(detectionId) : null;
      if (before === null) throw unknown();
      const { kind, note } = input;
      const text = kind === 'text' ? correctedText(input) : before;
      const { plateNumber, issuingEntity, countryCode } = text;
      const after = { plateNumber, issuingEntity, countryCode };
      const correction = { correctionId: randomUUID(), kind, note, after, userId };
      const isSame = kind === 'text' ? isSameVehicle(text) : () => false;
      const neighbours = { withinMs: passes.windowOf(before.cameraId), isSame };
      const done = await store.correct(before.detectionId, correction, text, neighbours);
      if (done === null || done.summary === null) throw unknown();
      if (done.touched.length > 0) passes.forget([before.detectionId, ...done.touched]);
      else passes.correct(before.detectionId, text, kind === 'text' ? 'corrected' : 'rejected');
      const { plateNumber: was, issuingEntity: wasOf, countryCode: wasIn } = before;
      events.emit('detection.updated', {
        ...done.summary,
        before: { plateNumber: was, issuingEntity: wasOf, countryCode: wasIn },
      });
      const corrected = await store.get(before.detectionId);
      if (corrected === null) throw unknown();
      return corrected;
    },
    async split(detectionId, mergeId, userId) {
      const merged = isUuid(detectionId) ? await store.get(detectionId) : null;
      const merge = merged?.merges.find((one) => one.mergeId === mergeId && one.splitAt === null);
      const apart = merge === undefined ? null : await store.split(mergeId, userId);
      if (merged === null || apart === null) {
        throw new LprError('not_found', 'There is no such join of this detection, or it was taken apart before.');
      }
      passes.forget(apart);
      const { plateNumber, issuingEntity, countryCode } = merged;
      for (const summary of await store.summaries(apart)) {
        events.emit('detection.updated', { ...summary, before: { plateNumber, issuingEntity, countryCode } });
      }
      const rest = await store.get(merged.detectionId);
      if (rest === null) throw unknown();
      return rest;
    },
  };
}
