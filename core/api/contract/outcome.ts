import { z } from 'zod';

/** What became of an alert or a hit. */
export const Outcome = z.enum(['correct', 'misread', 'wrong_list', 'recovered', 'dismissed']);
export type Outcome = z.infer<typeof Outcome>;
