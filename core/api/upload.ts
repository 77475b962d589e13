/** A picture out of a request: multipart, or base64 in JSON. */
import type { Request, Response } from 'express';
import multer from 'multer';
import { errorMessage, LprError } from '../errors.ts';
import { MAX_IMAGE_BYTES } from '../images/images.ts';
import { FrameUpload } from './contract.ts';
import { parseInput } from './route.ts';

const receive = multer({
  storage: multer.memoryStorage(),
  limits: { fileSize: MAX_IMAGE_BYTES, files: 1, fields: 20, fieldSize: 4_096 },
}).single('image');

export interface UploadedPicture {
  readonly bytes: Uint8Array;
  readonly capturedAt: Date | null;
  readonly eventKey: string | null;
  readonly label: string | null;
}

const tooLarge = (): LprError =>
  new LprError(
    'image_too_large',
    `A picture may have at most ${MAX_IMAGE_BYTES / 1024 / 1024} MB: send a smaller one.`,
  );

const bad = (field: string, problem: string, cause?: unknown): LprError =>
  new LprError(
    'invalid_input',
    `The request cannot be used: ${field} ${problem}.`,
    { problems: [{ field, problem }] },
    cause,
  );

const missing = (): LprError =>
  new LprError('image_missing', 'There is no picture: send it as the file part "image", or as base64 in "image".', {
    problems: [{ field: 'image', problem: 'is missing' }],
  });

function formError(error: unknown): LprError {
  const { code, field } = error as { code?: string; field?: string };
  switch (code) {
    case 'LIMIT_FILE_SIZE':
      return tooLarge();
    case 'LIMIT_UNEXPECTED_FILE':
      return bad(field ?? 'image', 'is a file part that is not wanted: send one, called "image"', error);
    case 'LIMIT_FILE_COUNT':
      return bad('image', 'must be one file: send each picture in a request of its own', error);
    case 'LIMIT_FIELD_VALUE':
      return bad(field ?? 'a field', 'is too long', error);
    default:
      return bad('the form', `cannot be read: ${errorMessage(error)}`, error);
  }
}

function readForm(req: Request, res: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    void receive(req, res, (error: unknown) => {
      if (error === undefined || error === null) resolve();
      else reject(formError(error));
    });
  });
}

// Buffer takes both the plain and the URL-safe alphabet. Looks for what is foreign: a pattern that matches the whole text
// would overflow the regular expression's stack at 20 MB.
const NOT_BASE64 = /[^A-Za-z0-9+/_-]/;

function decode(text: string): Buffer {
  const base64 = text.replace(/^data:[^,]{0,100},/, '').replace(/\s+/g, '');
  if (base64 === '') throw missing();
  if (NOT_BASE64.test(base64.replace(/={1,2}$/, ''))) throw bad('image', 'is no base64');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > MAX_IMAGE_BYTES) throw tooLarge();
  return bytes;
}

/** Browsers send file names in UTF-8, which the form parser reads as Latin-1. */
function labelOf(originalName: string): string | null {
  const name = Buffer.from(originalName, 'latin1').toString('utf8').slice(0, 200);
  return name === '' ? null : name;
}

const FormFields = FrameUpload.omit({ image: true });
const JsonFields = FrameUpload.partial({ image: true });

/** After `route` has read a JSON body. @throws image_missing, image_too_large, invalid_input */
export async function readPicture(req: Request, res: Response): Promise<UploadedPicture> {
  const isForm = Boolean(req.is('multipart/form-data'));
  if (isForm) await readForm(req, res);
  const sent = (req.body ?? {}) as Readonly<Record<string, unknown>>;
  // A form sends the fields that were left empty, too.
  const raw = isForm ? Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== '')) : sent;
  const { image, ...fields } = isForm
    ? { image: undefined, ...parseInput(FormFields, raw) }
    : parseInput(JsonFields, raw);
  const { capturedAt, eventKey = null, label = null } = fields;
  const facts = { capturedAt: capturedAt === undefined ? null : new Date(capturedAt), eventKey };
  if (!isForm) return { ...facts, bytes: decode(image ?? ''), label };
  if (req.file === undefined) throw missing();
  return { ...facts, bytes: req.file.buffer, label: label ?? labelOf(req.file.originalname) };
}
