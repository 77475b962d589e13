/** What the schemas of the contract are made of. */
import { z } from 'zod';

export const instant = z.iso.datetime({ offset: true });
export const id = z.string().min(1).max(200);
export const nullableText = z.string().trim().max(2000).nullable();
export const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
export const point = z.tuple([z.number(), z.number()]);

export const coordinate = {
  latitude: z.number().min(-90).max(90).nullable(),
  longitude: z.number().min(-180).max(180).nullable(),
};
export const config = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
