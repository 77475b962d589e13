/** How an error answers. */
import { z } from 'zod';
import { instant } from './primitives.ts';

export const ApiError = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      problems: z.array(z.object({ field: z.string(), problem: z.string() })).optional(),
      removedAt: instant.optional().describe('of a picture that retention removed'),
      entryId: z.string().optional().describe('of the blacklist entry that has this plate already'),
    }),
  })
  .meta({ id: 'Error' });
export type ApiError = z.infer<typeof ApiError>;
