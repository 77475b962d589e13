/** What the deployed flow lacks. */
import { z } from 'zod';

export const FlowGap = z
  .object({
    node: z.enum(['lpr-blacklist-match', 'lpr-geofence', 'lpr-alert']),
    count: z.int().describe('how many blacklists, geofences or alert rules wait for that node'),
  })
  .meta({ id: 'FlowGap' });
export type FlowGap = z.infer<typeof FlowGap>;
