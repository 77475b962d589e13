/** What a person says is there. */
import { randomUUID } from 'node:crypto';
import { validate as isUuid } from 'uuid';
import { LprError } from '../errors.ts';
import type { Events } from '../events.ts';
import { normalisePlate, parsePlate, provinceByCode } from '../plates/plates.ts';
import type { DetectionStore, DetectionText } from './detection-store.ts';
import type { CorrectionInput, Detection } from './detections.ts';
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

export interface Corrections {
  correct(detectionId: string, input: CorrectionInput, userId: string): Promise<Detection>;
}

export function createCorrections(
  store: Pick<DetectionStore, 'get' | 'correct'>,
  passes: Pick<Passes, 'correct'>,
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
      const summary = await store.correct(before.detectionId, correction, text);
      const corrected = await store.get(before.detectionId);
      if (summary === null || corrected === null) throw unknown();
      passes.correct(before.detectionId, text, kind === 'text' ? 'corrected' : 'rejected');
      const { plateNumber: was, issuingEntity: wasOf, countryCode: wasIn } = before;
      events.emit('detection.updated', {
        ...summary,
        before: { plateNumber: was, issuingEntity: wasOf, countryCode: wasIn },
      });
      return corrected;
    },
  };
}
