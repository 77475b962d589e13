/** An answer that is not the one asked for. `code` is a code of the hub, or one of the two that only a browser can tell. */

/** `unreachable`: no answer at all. `unexpected_answer`: something else than the hub answered. */
export type ClientCode = 'unreachable' | 'unexpected_answer';

export interface FieldProblem {
  readonly field: string;
  readonly problem: string;
}

export class ApiProblem extends Error {
  readonly code: string;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly problems: readonly FieldProblem[];

  constructor(code: string, message: string, status: number, problems: readonly FieldProblem[] = []) {
    super(message);
    this.name = 'ApiProblem';
    this.code = code;
    this.status = status;
    this.problems = problems;
  }
}

/** The error body of the hub as an ApiProblem; anything else says so. */
export function problemOf(status: number, body: unknown): ApiProblem {
  const error = (body as { error?: { code?: unknown; message?: unknown; problems?: unknown } } | null)?.error;
  if (typeof error?.code !== 'string') {
    return new ApiProblem('unexpected_answer', `The server answered ${status} without saying why`, status);
  }
  const problems = Array.isArray(error.problems) ? (error.problems as readonly FieldProblem[]) : [];
  return new ApiProblem(error.code, typeof error.message === 'string' ? error.message : error.code, status, problems);
}

/** The code of any thrown thing, for words and branches. */
export function codeOf(error: unknown): string {
  return error instanceof ApiProblem ? error.code : 'internal';
}
