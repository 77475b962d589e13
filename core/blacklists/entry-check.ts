/** What an entry must be to be taken, whoever brings it: a form, an import, another system. */
import { LprError, type FieldProblem } from '../errors.ts';
import { normalisePlate, plateCharacters, plateClasses, provinceByCode } from '../plates/plates.ts';
import type { BlacklistEntryInput } from './blacklists.ts';

const WILDCARD = /[*?]/;
const FIXED_AT_LEAST = 2;
export const LONGEST_PLATE = 20;
/** Of a list. Each is looked at one by one, so many would be slow; a list with more wants another form. */
export const WILDCARDS_AT_MOST = 10_000;
const EARLIEST = Date.UTC(1900, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);

export const isWildcard = (plateNumber: string): boolean => WILDCARD.test(plateNumber);

/** The canonical form of a plate with `?` (one character) and `*` (any run) in it; several `*` in a row are one. */
export const normalisePattern = (raw: string): string =>
  raw
    .replaceAll('？', '?')
    .replaceAll('＊', '*')
    .split(/([*?])/)
    .map((part) => (part === '*' || part === '?' ? part : normalisePlate(part)))
    .join('')
    .replace(/\*+/g, '*');

function plateProblems(plateNumber: string): readonly FieldProblem[] {
  const field = 'plateNumber';
  const { length } = plateCharacters(plateNumber);
  if (length === 0) return [{ field, problem: 'must have at least one letter or digit' }];
  if (Array.from(plateNumber).length > LONGEST_PLATE) {
    return [{ field, problem: `must have at most ${LONGEST_PLATE} characters` }];
  }
  if (isWildcard(plateNumber) && length < FIXED_AT_LEAST) {
    return [{ field, problem: `is too wide: beside * and ? it must have at least ${FIXED_AT_LEAST} characters` }];
  }
  return [];
}

function timeProblems(input: Pick<BlacklistEntryInput, 'validFrom' | 'validTo' | 'reviewAt'>): FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const field of ['validFrom', 'validTo', 'reviewAt'] as const) {
    const time = input[field]?.getTime();
    if (time === undefined) continue;
    if (Number.isNaN(time)) problems.push({ field, problem: 'is no date' });
    else if (time < EARLIEST || time > LATEST) {
      const isBuddhist = time > LATEST && time < Date.UTC(2800, 0, 1);
      const hint = isBuddhist ? ' (a year of the Buddhist era? take 543 off)' : '';
      problems.push({ field, problem: `must lie between the years 1900 and 2200${hint}` });
    }
  }
  const { validFrom, validTo } = input;
  if (problems.length === 0 && validFrom && validTo && validTo <= validFrom) {
    problems.push({ field: 'validTo', problem: 'must be after validFrom' });
  }
  return problems;
}

/** The entry in canonical form, with all that is wrong with it; none: it can be taken. */
export function checkEntry<T extends BlacklistEntryInput>(
  input: T,
): { readonly entry: T; readonly problems: readonly FieldProblem[] } {
  const plateNumber = normalisePattern(input.plateNumber);
  const isThai = input.issuingEntity?.startsWith('TH-') === true;
  const countryCode = input.countryCode ?? (isThai ? 'TH' : null);
  const { issuingEntity, plateType, confidence } = input;
  const problems = [
    ...plateProblems(plateNumber),
    ...(isThai && provinceByCode(issuingEntity ?? '') === null
      ? [{ field: 'issuingEntity', problem: 'is no Thai province that the hub knows' }]
      : []),
    ...(isThai && countryCode !== 'TH'
      ? [{ field: 'countryCode', problem: 'must be TH: the province is a Thai one' }]
      : []),
    ...(countryCode !== null && !/^[A-Z]{2}$/.test(countryCode)
      ? [{ field: 'countryCode', problem: 'must be two capital letters of ISO 3166-1, such as TH' }]
      : []),
    ...(plateType !== null && countryCode === 'TH' && !plateClasses.some(({ id }) => id === plateType)
      ? [{ field: 'plateType', problem: 'is no class of Thai plates that the hub knows' }]
      : []),
    ...(confidence >= 0 && confidence <= 1 ? [] : [{ field: 'confidence', problem: 'must be from 0 to 1' }]),
    ...timeProblems(input),
  ];
  return { entry: { ...input, plateNumber, countryCode }, problems };
}

/** @throws invalid_input naming every field */
export function checkedEntry<T extends BlacklistEntryInput>(input: T): T {
  const { entry, problems } = checkEntry(input);
  if (problems.length === 0) return entry;
  const all = problems.map(({ field, problem }) => `${field} ${problem}`).join('; ');
  throw new LprError('invalid_input', `The entry cannot be used: ${all}.`, { problems });
}
