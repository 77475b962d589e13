/** Channels carry alerts to people; what they could not carry. */
import { z } from 'zod';
import { config, id, instant } from './primitives.ts';

const settings = {
  name: z.string().trim().min(1).max(100),
  config,
  enabled: z.boolean(),
  language: z.enum(['th', 'en']).nullable().describe("of notices to the channel itself; null: the site's"),
  perMinute: z.int().min(1).max(6_000).nullable().describe('notices a minute; null: as its kind allows'),
};

export const AlertChannelInput = z
  .object({
    ...settings,
    plugin: z.string().min(1).max(100),
    enabled: settings.enabled.default(true),
    language: settings.language.default(null),
    perMinute: settings.perMinute.default(null),
  })
  .meta({ id: 'AlertChannelInput' });
export type AlertChannelInput = z.input<typeof AlertChannelInput>;
/** Without defaults: what is left out stays; a secret that is left out too. */
export const AlertChannelChange = z.object(settings).partial().meta({ id: 'AlertChannelChange' });
export type AlertChannelChange = z.infer<typeof AlertChannelChange>;

export const AlertChannel = z
  .object({
    channelId: id,
    plugin: z.string(),
    ...settings,
    createdAt: instant,
    missing: z.array(z.string()).describe("keys of the plugin's words: what keeps it from all it could do"),
    state: z.object({
      sent: z.int(),
      waiting: z.int().describe('due and not taken yet'),
      held: z.int().describe('held back by quiet hours or a digest'),
      dead: z.int(),
      lastSuccessAt: instant.nullable(),
      error: z
        .object({ code: z.string(), message: z.string(), at: instant })
        .nullable()
        .describe('the newest refusal; what came after it may have been taken'),
    }),
  })
  .meta({ id: 'AlertChannel' });
export type AlertChannel = z.infer<typeof AlertChannel>;

export const NoticeKind = z.enum(['alert', 'escalation', 'retraction', 'digest', 'budget', 'taken', 'test']);
export type NoticeKind = z.infer<typeof NoticeKind>;

export const AlertDelivery = z
  .object({
    deliveryId: id,
    channelId: id,
    channelName: z.string(),
    kind: NoticeKind,
    to: z.string().describe("address; empty: the channel's own target"),
    person: z.string().nullable().describe('whose address it is'),
    state: z
      .enum(['waiting', 'held', 'delivered', 'dead', 'dropped'])
      .describe('dropped: taken back before it was sent, or its digest told it'),
    heldBy: z.enum(['quiet_hours', 'digest']).nullable(),
    attempts: z.int(),
    createdAt: instant,
    nextAttemptAt: instant.nullable(),
    deliveredAt: instant.nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'AlertDelivery' });
export type AlertDelivery = z.infer<typeof AlertDelivery>;

/** A delivery that was given up. */
export const AlertDeadLetter = AlertDelivery.pick({
  deliveryId: true,
  channelId: true,
  channelName: true,
  kind: true,
  to: true,
  person: true,
  attempts: true,
  createdAt: true,
})
  .extend({
    alertId: id,
    title: z.string(),
    plateNumber: z.string().nullable(),
    failedAt: instant,
    error: z.object({ code: z.string(), message: z.string() }),
  })
  .meta({ id: 'AlertDeadLetter' });
export type AlertDeadLetter = z.infer<typeof AlertDeadLetter>;

export const AlertDeadChoice = z
  .object({
    deliveryIds: z.union([z.literal('all'), z.array(z.uuid()).min(1).max(1000)]),
    channelId: z.uuid().optional().describe('with all: those of this channel alone'),
  })
  .meta({ id: 'AlertDeadChoice' });
export type AlertDeadChoice = z.infer<typeof AlertDeadChoice>;
