/** Templates: the words in which people are told of an alert. */
import { z } from 'zod';
import { id, instant } from './primitives.ts';

const slot = {
  kind: z.enum(['alert', 'escalation', 'retraction', 'digest', 'budget', 'taken', 'test']),
  plugin: z.string().max(60).nullable().describe('id of an alert channel plugin; null: every channel without its own'),
  language: z.enum(['th', 'en']),
};
const words = {
  title: z.string().max(300),
  text: z
    .string()
    .max(4000)
    .describe('{field} or {field|format}; [text with {field}] is left out while the field is empty'),
  masksPlate: z.boolean().describe('the middle of the plate is hidden'),
};
export const TemplateInput = z.object({ ...slot, ...words, masksPlate: words.masksPlate.default(false) }).meta({
  id: 'TemplateInput',
});
export type TemplateInput = z.input<typeof TemplateInput>;
export const Template = z
  .object({
    templateId: id.nullable().describe('null: as it comes with the hub'),
    ...slot,
    ...words,
    changedAt: instant.nullable(),
    problems: z
      .array(z.object({ field: z.string(), problem: z.string() }))
      .describe('what no longer fits, e.g. after an update'),
  })
  .meta({ id: 'Template' });
export type Template = z.infer<typeof Template>;

export const TemplateField = z
  .object({
    name: z.string(),
    formats: z.array(z.string()),
    en: z.string().describe('what it is'),
    th: z.string(),
    example: z.object({ en: z.string(), th: z.string() }),
  })
  .meta({ id: 'TemplateField' });
export type TemplateField = z.infer<typeof TemplateField>;

export const PreviewInput = z
  .object({
    ...slot,
    ...words,
    masksPlate: words.masksPlate.default(false),
    alertId: z.uuid().nullable().default(null).describe('null: the newest one, or made-up facts where there is none'),
  })
  .meta({ id: 'PreviewInput' });
export type PreviewInput = z.input<typeof PreviewInput>;
export const Preview = z
  .object({
    title: z.string(),
    text: z.string(),
    alertId: id.nullable().describe('the alert it shows; null: made-up facts'),
    characters: z.int(),
    maxText: z.int().nullable().describe('what the channel carries; null: as long as it likes'),
    sms: z.object({
      encoding: z.enum(['GSM-7', 'UCS-2']),
      units: z.int().describe('septets or 16-bit units'),
      parts: z.int(),
      perPart: z.int(),
      unusual: z.array(z.string()).describe('the characters that need UCS-2, up to 20'),
    }),
  })
  .meta({ id: 'Preview' });
export type Preview = z.infer<typeof Preview>;
