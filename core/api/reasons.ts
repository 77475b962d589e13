/** Some things are only shown to those who say why; what they say goes to the audit trail. */
import { LprError } from '../errors.ts';

export type NeedsReason = 'none' | 'reason' | 'case';

export interface Why {
  readonly reason?: string | undefined;
  readonly caseNumber?: string | undefined;
}

const missingIn = (needs: NeedsReason, { reason, caseNumber }: Why): readonly string[] => [
  ...(needs !== 'none' && reason === undefined ? ['reason'] : []),
  ...(needs === 'case' && caseNumber === undefined ? ['caseNumber'] : []),
];
export const isReasonGiven = (needs: NeedsReason, why: Why): boolean => missingIn(needs, why).length === 0;

/**
 * @param what as it stands at the beginning of a sentence: `This list is only shown`
 * @throws reason_required naming each field that is missing
 */
export function assertReason(needs: NeedsReason, why: Why, what: string): void {
  const missing = missingIn(needs, why);
  if (missing.length === 0) return;
  throw new LprError('reason_required', `${what} to those who say why: give ${missing.join(' and ')}.`, {
    problems: missing.map((field) => ({ field, problem: 'is missing: it is asked for here' })),
  });
}

/** For the audit trail: what was said. */
export const whyDetails = ({ reason, caseNumber }: Why): Readonly<Record<string, string>> => ({
  ...(reason === undefined ? {} : { reason }),
  ...(caseNumber === undefined ? {} : { caseNumber }),
});
