/** Browser push of the one who asks, and pictures for those who cannot sign in. */
import { z } from 'zod';
import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { idParams, listOf, route, userOf, type RouteSpec } from './route.ts';

export function pushRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { alerts, push, sharedPictures } = hub;
  const audit = auditOf(hub);
  return [
    route({
      method: 'get',
      path: '/push',
      needs: 'session',
      summary: 'What a browser needs to be told of alerts while the console is closed',
      answer: contract.PushState,
      handle: async () => ({
        publicKey: push.keys.publicKey,
        isOn: (await alerts.channels.list()).some(({ plugin, enabled }) => plugin === 'push' && enabled),
      }),
    }),
    route({
      method: 'get',
      path: '/push-subscriptions',
      needs: 'session',
      summary: 'Browsers of your own that are told of alerts, newest first',
      answer: listOf(contract.PushSubscription),
      handle: async (asker) => ({ items: wire(await push.list(userOf(asker).userId)) }),
    }),
    route({
      method: 'post',
      path: '/push-subscriptions',
      needs: 'session',
      summary: 'Tell this browser of alerts; as often as you like',
      body: contract.PushSubscriptionInput,
      answer: contract.PushSubscription,
      status: 201,
      async handle({ body: { endpoint, keys, label }, ...asker }) {
        const subscription = await push.subscribe(userOf(asker).userId, { endpoint, keys, label });
        await audit(asker, 'push.subscribed', subscription.subscriptionId);
        return wire(subscription);
      },
    }),
    route({
      method: 'delete',
      path: '/push-subscriptions/:subscriptionId',
      needs: 'session',
      summary: 'Tell that browser nothing any more',
      params: idParams('subscriptionId'),
      async handle({ params: { subscriptionId }, ...asker }) {
        await push.unsubscribe(userOf(asker).userId, subscriptionId);
        await audit(asker, 'push.unsubscribed', subscriptionId);
      },
    }),
    route({
      method: 'get',
      path: '/shared-pictures/:token',
      needs: 'public',
      summary: 'A picture by the address that a message carries, for a week after it was sent',
      params: z.object({ token: z.string().regex(/^[\w-]{1,200}$/) }),
      media: 'image/jpeg',
      async handle({ params: { token }, res }) {
        const { bytes, secondsLeft } = await sharedPictures.open(token);
        res.set({
          'Content-Type': 'image/jpeg',
          'Cache-Control': `private, max-age=${Math.min(secondsLeft, 3600)}`,
          'X-Robots-Tag': 'noindex, noimageindex',
        });
        res.send(bytes);
      },
    }),
  ];
}
