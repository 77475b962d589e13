/** Plugins, engines, reference lists. */
import { z } from 'zod';
import { AddressKind } from './people.ts';
import { id, config } from './primitives.ts';

const words = z.object({
  name: z.string(),
  description: z.string(),
  missing: z
    .record(z.string(), z.string())
    .optional()
    .describe('of an alert channel: what keeps it from all it could do, by the keys of its `missing`'),
  field: z
    .record(
      z.string(),
      z.object({ label: z.string(), help: z.string().optional(), option: z.record(z.string(), z.string()).optional() }),
    )
    .optional(),
});
export const PluginInfo = z
  .object({
    id,
    kind: z.enum(['ocrEngine', 'cameraProtocol', 'alertChannel', 'deviceFormat', 'connector', 'listSource']),
    fields: z.record(
      z.string(),
      z.object({
        kind: z.enum(['text', 'number', 'flag', 'choice', 'secret', 'url', 'path', 'ref']),
        default: z.union([z.string(), z.number(), z.boolean()]),
        required: z.boolean(),
        min: z.number().optional(),
        max: z.number().optional(),
        unit: z.string().optional(),
        options: z.array(z.string()).readonly().optional(),
      }),
    ),
    tells: z
      .array(z.enum(['provisional', 'updates']))
      .optional()
      .describe('of a connector: what its form can say beside a settled detection'),
    address: AddressKind.nullable()
      .optional()
      .describe("of an alert channel: which of a person's addresses it sends to; null: a target of its own"),
    maxText: z.int().nullable().optional().describe('of an alert channel: characters that it carries'),
    words: z.object({ en: words, th: words }),
  })
  .meta({ id: 'PluginInfo' });
export type PluginInfo = z.infer<typeof PluginInfo>;

export const EngineInfo = z
  .object({
    id,
    isDefault: z.boolean().describe('whether an empty choice of engine stands for it'),
    config,
    locates: z.boolean(),
    reads: z.boolean(),
    problem: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'EngineInfo' });
export type EngineInfo = z.infer<typeof EngineInfo>;
export const EngineChange = z
  .object({ config: config.optional(), isDefault: z.literal(true).optional() })
  .meta({ id: 'EngineChange' });
export type EngineChange = z.infer<typeof EngineChange>;

export const Reference = z
  .object({
    provinces: z.array(
      z.object({
        code: z.string(),
        nameTh: z.string(),
        nameEn: z.string(),
        abbreviationTh: z.string(),
        region: z.string(),
      }),
    ),
    countries: z.array(z.object({ code: z.string(), nameTh: z.string(), nameEn: z.string() })),
    plateClasses: z.array(
      z.object({ id: z.string(), nameTh: z.string(), nameEn: z.string(), background: z.string(), text: z.string() }),
    ),
  })
  .meta({ id: 'Reference' });
export type Reference = z.infer<typeof Reference>;
