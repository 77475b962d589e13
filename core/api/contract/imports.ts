/** What an import of old reads answers, a line of JSON each. */
import { z } from 'zod';

const counts = z.object({ lines: z.int(), accepted: z.int(), duplicates: z.int(), refused: z.int() });
const problem = z.object({ field: z.string(), problem: z.string() });

export const ImportAnswer = z
  .union([
    z.object({
      line: z.int(),
      error: z.object({ code: z.string(), message: z.string(), problems: z.array(problem) }),
    }),
    z.object({ line: z.int(), frameId: z.string(), duplicate: z.boolean() }),
    z.object({ progress: counts }),
    z.object({ done: counts }),
    z
      .object({ broken: z.object({ code: z.string(), message: z.string() }), progress: counts })
      .describe('it ended early: send the same again, what is stored already is known'),
  ])
  .meta({ id: 'ImportAnswer' });
export type ImportAnswer = z.infer<typeof ImportAnswer>;
