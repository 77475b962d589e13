/** The bytes of a picture to a browser: from a file (with ranges), or as they come from an S3 store. */
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { ByteSource } from '../images/byte-store.ts';

/** The headers are set already; of them the ETag decides whether anything is sent. */
export async function sendBytes(source: ByteSource, req: Request, res: Response): Promise<void> {
  if ('path' in source) {
    await new Promise<void>((resolve, reject) => {
      const options = { dotfiles: 'allow', cacheControl: false, lastModified: false, etag: false } as const;
      res.sendFile(source.path, options, (error?: Error) => {
        // A reader that goes away is no fault.
        if (error === undefined || res.headersSent || res.destroyed) resolve();
        else reject(error);
      });
    });
    return;
  }
  const { stream, bytes } = source;
  if (req.fresh || req.method === 'HEAD') {
    stream.destroy();
    if (req.fresh) res.status(304).end();
    else res.set('Content-Length', String(bytes)).end();
    return;
  }
  res.set('Content-Length', String(bytes));
  await pipeline(stream, res).catch((error: unknown) => {
    // As above; and a store that breaks off ends the answer short, which the browser sees by its length.
    if (!res.headersSent) throw error;
    res.destroy();
  });
}
