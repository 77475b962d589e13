/**
 * One error class, one table of codes. A code is the translation key that people read and maps to one HTTP status.
 * Callers branch on `code`, never on `instanceof`: a second copy of this module may be loaded by a worker or by Node-RED.
 */
export const ERROR_STATUS = {
  // what was sent
  invalid_input: 400,
  invalid_json: 400,
  body_too_large: 413,
  not_found: 404,
  conflict: 409,
  name_taken: 409,
  cursor_invalid: 400,
  // pictures
  image_missing: 400,
  image_empty: 400,
  image_not_a_picture: 415,
  image_truncated: 422,
  image_too_large: 413,
  image_too_many_pixels: 413,
  image_removed: 410,
  // who is asking
  unauthenticated: 401,
  wrong_credentials: 401,
  ingest_key_wrong: 401,
  forbidden: 403,
  origin_refused: 403,
  setup_code_wrong: 403,
  setup_already_done: 409,
  password_too_weak: 400,
  too_many_attempts: 429,
  // cameras and ingest
  camera_unknown: 404,
  camera_disabled: 409,
  camera_unreachable: 502,
  camera_bad_answer: 502,
  camera_timeout: 504,
  folder_unusable: 422,
  protocol_unknown: 422,
  program_missing: 422,
  overloaded: 503,
  // recognition
  engine_unknown: 422,
  engine_cannot: 422,
  engine_failed: 500,
  engine_unavailable: 503,
  // flows
  message_incomplete: 422,
  flow_unsettled: 500,
  flow_invalid: 422,
  // blacklists
  entry_listed: 409,
  reason_required: 403,
  // alerts
  channel_unknown: 422,
  channel_refused: 502,
  channel_rejected: 422,
  channel_private: 422,
  // lists from files and other systems
  list_unreadable: 422,
  list_too_long: 413,
  list_shrinks: 409,
  list_faulty: 422,
  list_source_unknown: 422,
  list_source_failed: 502,
  list_source_private: 422,
  // connectors
  connector_unknown: 422,
  connector_unreachable: 502,
  connector_refused: 502,
  connector_private: 422,
  // the machine
  settings_invalid: 500,
  port_in_use: 500,
  database_unavailable: 503,
  storage_full: 507,
  store_unavailable: 503,
  stopping: 503,
  internal: 500,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** One fault of one field: where it is (dotted path) and what would mend it, in English for logs and API clients. */
export interface FieldProblem {
  readonly field: string;
  readonly problem: string;
}

export interface ErrorDetails {
  /** Faults by field; all of them together, never just the first. */
  readonly problems?: readonly FieldProblem[];
  /** Values that the translated sentence fills in. Never plate texts or secrets. */
  readonly [value: string]: unknown;
}

export class LprError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  /** @param message English, for logs and API clients: what happened and what to do. People see the translation of `code`. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'LprError';
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

/** The code of any thrown thing; what is not ours is `internal`. */
export function errorCode(error: unknown): ErrorCode {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && Object.hasOwn(ERROR_STATUS, code) ? (code as ErrorCode) : 'internal';
}

/** The message of any thrown thing, for logs. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
