/** Browser push: alerts on phones and computers while the console is closed. */
import { z } from 'zod';
import { id, instant } from './primitives.ts';

export const PushState = z
  .object({
    publicKey: z.string().describe("the hub's key (VAPID): what the browser's `applicationServerKey` takes"),
    isOn: z.boolean().describe('whether a channel of kind push is switched on: only then is anything sent'),
  })
  .meta({ id: 'PushState' });
export type PushState = z.infer<typeof PushState>;

/** As `PushSubscription.toJSON()` of a browser says it. */
export const PushSubscriptionInput = z
  .object({
    endpoint: z.string().max(2000),
    expirationTime: z.number().nullable().optional(),
    keys: z.object({ p256dh: z.string().max(200), auth: z.string().max(100) }),
    label: z.string().trim().max(100).default('').describe('for people, e.g. "Chrome on Android"'),
  })
  .meta({ id: 'PushSubscriptionInput' });
export type PushSubscriptionInput = z.input<typeof PushSubscriptionInput>;

export const PushSubscription = z
  .object({ subscriptionId: id, label: z.string(), createdAt: instant })
  .meta({ id: 'PushSubscription' });
export type PushSubscription = z.infer<typeof PushSubscription>;
