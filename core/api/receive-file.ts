/** One file of a form, as a stream: it is stored while it comes in. */
import type { Request, Response } from 'express';
import multer, { type StorageEngine } from 'multer';
import type { Readable } from 'node:stream';
import { errorCode, errorMessage, LprError } from '../errors.ts';

const bad = (field: string, problem: string, cause?: unknown): LprError =>
  new LprError(
    'invalid_input',
    `The request cannot be used: ${field} ${problem}.`,
    { problems: [{ field, problem }] },
    cause,
  );

/** Browsers send file names in UTF-8, which the form parser reads as Latin-1. */
const nameOf = (originalName: string): string => Buffer.from(originalName, 'latin1').toString('utf8').slice(0, 200);

function formError(error: unknown): LprError {
  if (errorCode(error) !== 'internal') return error as LprError;
  const { code, field } = error as { code?: unknown; field?: string };
  if (code === 'LIMIT_UNEXPECTED_FILE')
    return bad(field ?? 'file', 'is a part that is not wanted: send one, called "file"');
  return bad('the form', `cannot be read: ${errorMessage(error)}`, error);
}

/**
 * Gives what `take` made of the part `file`. A stream that is not read to its end ends the request.
 * @throws invalid_input, or what `take` threw
 */
export async function receiveFile<T>(
  req: Request,
  res: Response,
  take: (file: { readonly name: string; readonly body: Readable }) => Promise<T>,
): Promise<T> {
  if (!req.is('multipart/form-data')) {
    throw bad('Content-Type', 'must be multipart/form-data, with the file as the part "file"');
  }
  const taken: T[] = [];
  const storage: StorageEngine = {
    _handleFile(_req, { originalname, stream }, done) {
      take({ name: nameOf(originalname), body: stream }).then(
        (made) => {
          taken.push(made);
          done(null);
        },
        (error: unknown) => {
          stream.resume();
          done(error);
        },
      );
    },
    _removeFile(_req, _file, done) {
      done(null);
    },
  };
  const receive = multer({ storage, limits: { files: 1, fields: 5, fieldSize: 4_096 } }).single('file');
  await new Promise<void>((resolve, reject) => {
    void receive(req, res, (error: unknown) => {
      if (error === undefined || error === null) resolve();
      else reject(formError(error));
    });
  });
  const [made] = taken;
  if (made === undefined) throw bad('file', 'is missing: send it as the part "file"');
  return made;
}
