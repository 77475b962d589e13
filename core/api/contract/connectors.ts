/** Connectors: what other systems are told of detections. */
import { z } from 'zod';
import { config, id, instant } from './primitives.ts';

const settings = {
  name: z.string().trim().min(1).max(100),
  config,
  enabled: z.boolean(),
  sends: z
    .enum(['all', 'flow'])
    .describe('all: every detection that the filters let through; flow: those that a send node hands over'),
  provisional: z
    .boolean()
    .describe('tell a detection at its first read, and again when it is settled; only for forms that can say so'),
  updates: z.boolean().describe('tell again what says something else than was told; only for forms that can say so'),
  late: z.boolean().describe('tell also what reached the hub long after it happened'),
  cameraIds: z.array(z.uuid()).max(1000).describe('empty: every camera'),
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/))
    .max(100)
    .describe('ISO 3166-1 alpha-2; empty: every country'),
  minConfidence: z.number().min(0).max(1).nullable(),
  perSecond: z.int().min(1).max(1000).describe('at most so many a second'),
  allowPrivate: z.boolean().describe("the address may lie on the hub's own machine or network"),
};

export const ConnectorInput = z
  .object({
    ...settings,
    plugin: z.string().min(1),
    enabled: settings.enabled.default(true),
    sends: settings.sends.default('all'),
    provisional: settings.provisional.default(false),
    updates: settings.updates.default(false),
    late: settings.late.default(true),
    cameraIds: settings.cameraIds.default([]),
    countries: settings.countries.default([]),
    minConfidence: settings.minConfidence.default(null),
    perSecond: settings.perSecond.default(20),
    allowPrivate: settings.allowPrivate.default(false),
  })
  .meta({ id: 'ConnectorInput' });
export type ConnectorInput = z.input<typeof ConnectorInput>;
/** Without defaults: what is left out stays. */
export const ConnectorChange = z.object(settings).partial().meta({ id: 'ConnectorChange' });
export type ConnectorChange = z.infer<typeof ConnectorChange>;

export const Connector = z
  .object({
    connectorId: id,
    plugin: z.string(),
    ...settings,
    createdAt: instant,
    state: z.object({
      sent: z.int(),
      waiting: z.int().describe('due and not taken yet'),
      dead: z.int(),
      lastSuccessAt: instant.nullable(),
      lagSeconds: z.number().nullable().describe('how long the oldest one that is due waits'),
      error: z
        .object({ code: z.string(), message: z.string(), at: instant })
        .nullable()
        .describe('the newest refusal; what came after it may have been taken'),
    }),
  })
  .meta({ id: 'Connector' });
export type Connector = z.infer<typeof Connector>;

export const DeadDelivery = z
  .object({
    detectionId: id,
    plateNumber: z.string().nullable(),
    cameraName: z.string().nullable(),
    capturedAt: instant.nullable(),
    attempts: z.int(),
    failedAt: instant,
    error: z.object({ code: z.string(), message: z.string() }),
  })
  .meta({ id: 'DeadDelivery' });
export type DeadDelivery = z.infer<typeof DeadDelivery>;

export const DeadChoice = z
  .object({ detectionIds: z.union([z.literal('all'), z.array(z.uuid()).min(1).max(1000)]) })
  .meta({ id: 'DeadChoice' });
export type DeadChoice = z.infer<typeof DeadChoice>;
export const DeadCount = z.object({ count: z.int() }).meta({ id: 'DeadCount' });
export type DeadCount = z.infer<typeof DeadCount>;
