/** A picture out of a request: multipart, or base64 in JSON. */
import type { Request, Response } from 'express';
import multer from 'multer';
import { errorMessage, LprError } from '../errors.ts';
import { MAX_IMAGE_BYTES } from '../images/images.ts';
import { FrameUpload } from './contract.ts';
import { parseInput } from './route.ts';

const receive = multer({
  storage: multer.memoryStorage(),
  limits: { fileSize: MAX_IMAGE_BYTES, files: 1, fields: 10, fieldSize: 4_096 },
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

async function readMultipart(req: Request, res: Response): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    void receive(req, res, (error: unknown) => {
      if (error === undefined || error === null) resolve();
      else reject(error instanceof Error ? error : new Error(errorMessage(error)));
    });
  }).catch((error: unknown) => {
    const { code } = error as { code?: string };
    if (code === 'LIMIT_FILE_SIZE') throw tooLarge();
    const problem =
      code === 'LIMIT_UNEXPECTED_FILE' ? 'must be the only file part' : `cannot be read: ${errorMessage(error)}`;
    throw new LprError('invalid_input', `The form ${problem}.`, { problems: [{ field: 'image', problem }] }, error);
  });
}

const missing = (): LprError =>
  new LprError(
    'image_missing',
    'There is no picture: send it as the file part "image", or as base64 in the field "image".',
    {
      problems: [{ field: 'image', problem: 'is missing' }],
    },
  );

/** @throws image_missing, image_too_large, invalid_input */
export async function readPicture(req: Request, res: Response): Promise<UploadedPicture> {
  const isMultipart = req.is('multipart/form-data') !== false && req.is('multipart/form-data') !== null;
  if (isMultipart) await readMultipart(req, res);
  const raw = (req.body ?? {}) as Record<string, unknown>;
  const fields = parseInput(
    isMultipart ? FrameUpload.omit({ image: true }) : FrameUpload.partial({ image: true }),
    raw,
  );
  const rest = {
    capturedAt: fields.capturedAt === undefined ? null : new Date(fields.capturedAt),
    eventKey: fields.eventKey ?? null,
  };
  if (isMultipart) {
    if (req.file === undefined) throw missing();
    // Browsers send file names in UTF-8, which multer reads as Latin-1.
    const name = Buffer.from(req.file.originalname, 'latin1').toString('utf8').slice(0, 200);
    return { ...rest, bytes: req.file.buffer, label: fields.label ?? (name === '' ? null : name) };
  }
  const text = 'image' in fields && typeof fields.image === 'string' ? fields.image : '';
  const base64 = text.replace(/^data:[^,]*,/, '');
  if (base64 === '') throw missing();
  if (!/^[A-Za-z0-9+/_\s-]+={0,2}\s*$/.test(base64)) {
    const problem = 'is no base64';
    throw new LprError('invalid_input', `The field image ${problem}.`, { problems: [{ field: 'image', problem }] });
  }
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > MAX_IMAGE_BYTES) throw tooLarge();
  return { ...rest, bytes, label: fields.label ?? null };
}
