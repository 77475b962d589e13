import { once } from 'node:events';
import { z } from 'zod';
import { errorCode, errorMessage } from '../errors.ts';
import { importReads } from '../ingest/import-reads.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import type * as contract from './contract.ts';
import { found, route, type RouteSpec } from './route.ts';
import { instantOf } from '../site-day.ts';

/** How often a long import says how far it is, lines. */
const PROGRESS_EVERY = 1_000;

export function importRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { access, cameras, ingest } = hub;
  const audit = auditOf(hub);
  return [
    route({
      method: 'post',
      path: '/imports',
      needs: 'frames.upload',
      summary:
        'Old reads, one a line (NDJSON or CSV). The answer is NDJSON: what was refused, how far it is, and at the end the counts',
      query: z.object({
        format: z.enum(['ndjson', 'csv']).optional().describe('default: by Content-Type, text/csv or else NDJSON'),
        encoding: z.enum(['utf-8', 'windows-874']).default('utf-8'),
        camera: z.uuid().optional().describe('of lines that name none'),
        results: z.enum(['problems', 'all']).default('problems'),
      }),
      media: 'application/x-ndjson',
      async handle({ query, req, res, ...asker }) {
        if (query.camera !== undefined) found(await cameras.get(query.camera), 'camera');
        const { timeZone } = await access.site();
        const gone = new AbortController();
        res.once('close', () => {
          gone.abort();
        });
        const counts = { lines: 0, accepted: 0, duplicates: 0, refused: 0 };
        const put = async (line: contract.ImportAnswer): Promise<void> => {
          if (!res.write(`${JSON.stringify(line)}\n`)) await once(res, 'drain', { signal: gone.signal });
        };
        const options = {
          format: query.format ?? (req.is('text/csv') ? 'csv' : 'ndjson'),
          ...{ encoding: query.encoding, cameraId: query.camera ?? null, signal: gone.signal },
        } as const;
        const results = importReads(req, options, {
          ...{ ingest, cameras: () => cameras.list() },
          instantOf: (wall) => Promise.resolve(instantOf(timeZone, wall)),
        });
        res.status(200).type('application/x-ndjson');
        try {
          for await (const { line, frameId, duplicate, error } of results) {
            counts.lines++;
            if (error !== null) counts.refused++;
            else if (duplicate) counts.duplicates++;
            else counts.accepted++;
            if (error !== null) await put({ line, error: { ...error, problems: [...error.problems] } });
            else if (query.results === 'all') await put({ line, frameId: frameId ?? '', duplicate });
            if (counts.lines % PROGRESS_EVERY === 0) await put({ progress: { ...counts } });
          }
          await put({ done: counts });
        } catch (error) {
          // Who asked is gone, or reads that there is more to send: the lines before are stored.
          if (!gone.signal.aborted) {
            await put({ broken: { code: errorCode(error), message: errorMessage(error) }, progress: counts });
          }
        }
        await audit(asker, 'reads.imported', query.camera ?? null, counts);
        res.end();
      },
    }),
  ];
}
