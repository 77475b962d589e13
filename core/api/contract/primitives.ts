/** What the schemas of the contract are made of. */
import { z } from 'zod';

export const instant = z.iso.datetime({ offset: true });
export const id = z.string().min(1).max(200);
export const nullableText = z.string().trim().max(2000).nullable();
/** Why somebody looks, where that is asked for. */
export const why = {
  reason: z.string().trim().min(1).max(500).optional().describe('why one looks; kept in the audit trail'),
  caseNumber: z.string().trim().min(1).max(100).optional(),
};
export const needsReason = z.enum(['none', 'reason', 'case']);
export const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
export const point = z.tuple([z.number(), z.number()]);

export const coordinate = {
  latitude: z.number().min(-90).max(90).nullable(),
  longitude: z.number().min(-180).max(180).nullable(),
};
export const config = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
