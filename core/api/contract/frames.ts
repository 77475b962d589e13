/** Pictures and frames. */
import { z } from 'zod';
import { instant, id } from './primitives.ts';

export const Image = z.object({ imageId: id, width: z.int(), height: z.int() }).meta({ id: 'Image' });
export type Image = z.infer<typeof Image>;

/** `POST /frames` as JSON; as multipart the picture is the file part `image` and the rest are form fields. */
export const FrameUpload = z
  .object({
    image: z.string().describe('JPEG, PNG, WebP, AVIF, GIF or TIFF in base64, at most 20 MB decoded'),
    capturedAt: instant.optional().describe("the device's own clock; absent: the time of receipt counts"),
    eventKey: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'the same key twice is one frame', examples: ['pass-4711'] }),
    label: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'what people see; absent: the name of the file', examples: ['car.jpg'] }),
  })
  .meta({ id: 'FrameUpload' });
export type FrameUpload = z.infer<typeof FrameUpload>;

export const FrameAccepted = Image.extend({ frameId: id, duplicate: z.boolean() }).meta({ id: 'FrameAccepted' });
export type FrameAccepted = z.infer<typeof FrameAccepted>;

export const FrameStatus = z
  .object({
    frameId: id,
    frame: Image.nullable().describe('null for a read that came without a picture'),
    cameraId: id,
    state: z.enum(['queued', 'running', 'settled', 'dead']),
    label: z.string().nullable(),
    capturedAt: instant,
    receivedAt: instant,
    attempts: z.int(),
    outcomes: z.object({
      recorded: z.int().optional(),
      discarded: z.int().optional(),
      no_plate: z.int().optional(),
    }),
    detectionIds: z.array(id),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'FrameStatus' });
export type FrameStatus = z.infer<typeof FrameStatus>;
