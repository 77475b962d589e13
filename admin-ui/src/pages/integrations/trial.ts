/** One look at what a message would become. */
import type { DeviceTrialResult } from '../../api/contract.ts';
import { ApiProblem, codeOf, type FieldProblem } from '../../api/problem.ts';

export interface Trial {
  readonly result: DeviceTrialResult | null;
  readonly fault: {
    readonly code: string;
    readonly message: string;
    readonly problems: readonly FieldProblem[];
  } | null;
}

export const NO_TRIAL: Trial = { result: null, fault: null };

/** A message that does not fit is an answer, too. */
export async function trialOf(asked: Promise<DeviceTrialResult>): Promise<Trial> {
  try {
    return { result: await asked, fault: null };
  } catch (error) {
    const problems = error instanceof ApiProblem ? error.problems : [];
    return {
      result: null,
      fault: { code: codeOf(error), message: error instanceof Error ? error.message : '', problems },
    };
  }
}

/** JSON is laid out; anything else stands as it came. */
export function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
