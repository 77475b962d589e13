/** Thrown things → answers with a code. What is unexpected is logged under an id and told as nothing but that id. */
import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler, Request, Response } from 'express';
import { ERROR_STATUS, errorCode, errorMessage, LprError, type ErrorDetails } from '../errors.ts';
import type { Hub } from '../hub.ts';

const isPicture = ({ path }: Request): boolean => /^\/api\/v1\/(frames|uploads)\/?$/.test(path);

/** Errors of Express and its body parser, in our codes. */
function translated(error: unknown, req: Request): unknown {
  const { type, status } = (error ?? {}) as { type?: unknown; status?: unknown };
  if (error instanceof LprError || errorCode(error) !== 'internal') return error;
  if (type === 'entity.too.large') {
    return isPicture(req)
      ? new LprError('image_too_large', 'A picture may have at most 20 MB: send a smaller one.')
      : new LprError('body_too_large', 'The request is too large: 5 MB at most.');
  }
  if (type === 'entity.parse.failed') {
    return new LprError('invalid_json', `The body is no JSON: ${errorMessage(error)}`);
  }
  if (status === 404 || error instanceof URIError) {
    return new LprError('not_found', 'There is nothing at this address.');
  }
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new LprError('invalid_input', `The request cannot be read: ${errorMessage(error)}`, {}, error);
  }
  return error;
}

/** What a handler had said of the answer that now does not come. */
function forget(res: Response): void {
  for (const name of ['Content-Type', 'Content-Disposition', 'ETag']) res.removeHeader(name);
  res.setHeader('Cache-Control', 'no-store');
}

/** Seconds until another try makes sense, by status. */
const RETRY_AFTER: Readonly<Record<number, number>> = { 503: 5 };

export const answerErrors =
  (hub: Hub): ErrorRequestHandler =>
  (raw, req, res, next) => {
    const error = translated(raw, req);
    const code = errorCode(error);
    if (code === 'internal') {
      const requestId = randomUUID();
      const stack = error instanceof Error ? error.stack : undefined;
      // The path without its query: that may hold a plate.
      const fields = { requestId, method: req.method, path: req.path, err: errorMessage(error), stack };
      hub.log.error(fields, 'a request failed unexpectedly');
      if (res.headersSent) {
        next(error);
        return;
      }
      forget(res);
      const message = `Something went wrong that should not; the hub's log has it under ${requestId}.`;
      res.status(500).json({ error: { code, message } });
      return;
    }
    if (res.headersSent) {
      next(error);
      return;
    }
    const { details = {} } = error as { readonly details?: ErrorDetails };
    const status = ERROR_STATUS[code];
    const message = errorMessage(error);
    const wait = typeof details['seconds'] === 'number' ? details['seconds'] : RETRY_AFTER[status];
    if (wait !== undefined) res.setHeader('Retry-After', wait);
    forget(res);
    const more = {
      ...(details.problems ? { problems: details.problems } : {}),
      ...(typeof details['removedAt'] === 'string' ? { removedAt: details['removedAt'] } : {}),
      ...(typeof details['entryId'] === 'string' ? { entryId: details['entryId'] } : {}),
    };
    res.status(status).json({ error: { code, message, ...more } });
  };
