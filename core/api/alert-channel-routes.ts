import { z } from 'zod';
import type { AlertChannel, AlertDelivery, DeadLetter } from '../alerts/channels.ts';
import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { idParams, listOf, route, type RouteSpec } from './route.ts';

const channelAnswer = (channel: AlertChannel): contract.AlertChannel => ({
  ...wire(channel),
  config: channel.config as contract.AlertChannel['config'],
});

/** A browser's subscription holds the keys to it: nobody needs to read those. */
const shownAddress = (to: string): string => (to.startsWith('{') ? 'browser' : to);
export const deliveryAnswer = (delivery: AlertDelivery): contract.AlertDelivery => ({
  ...wire(delivery),
  to: shownAddress(delivery.to),
});
const deadAnswer = (letter: DeadLetter): contract.AlertDeadLetter => ({ ...wire(letter), to: shownAddress(letter.to) });

export function alertChannelRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { channels } = hub.alerts;
  const audit = auditOf(hub);
  return [
    route({
      method: 'get',
      path: '/alert-channels',
      needs: 'cameras.manage',
      summary: 'Channels that carry alerts to people, and how that goes',
      answer: listOf(contract.AlertChannel),
      handle: async () => ({ items: (await channels.list()).map(channelAnswer) }),
    }),
    route({
      method: 'post',
      path: '/alert-channels',
      needs: 'alerts.manage',
      summary: 'Add a channel',
      body: contract.AlertChannelInput,
      answer: contract.AlertChannel,
      status: 201,
      async handle({ body, ...asker }) {
        const channel = await channels.create(body);
        await audit(asker, 'alert_channel.created', channel.channelId, { plugin: channel.plugin, name: channel.name });
        return channelAnswer(channel);
      },
    }),
    route({
      method: 'patch',
      path: '/alert-channels/:channelId',
      needs: 'alerts.manage',
      summary: 'Change a channel; what is left out stays, secrets too',
      params: idParams('channelId'),
      body: contract.AlertChannelChange,
      answer: contract.AlertChannel,
      async handle({ params: { channelId }, body, ...asker }) {
        const channel = await channels.update(channelId, body);
        await audit(asker, 'alert_channel.changed', channelId, { fields: Object.keys(body) });
        return channelAnswer(channel);
      },
    }),
    route({
      method: 'delete',
      path: '/alert-channels/:channelId',
      needs: 'alerts.manage',
      summary: 'Remove a channel with what it has not sent',
      params: idParams('channelId'),
      async handle({ params: { channelId }, ...asker }) {
        await channels.remove(channelId);
        await audit(asker, 'alert_channel.removed', channelId);
      },
    }),
    route({
      method: 'post',
      path: '/alert-channels/:channelId/test',
      needs: 'alerts.manage',
      summary: 'Send a test notice',
      params: idParams('channelId'),
      async handle({ params: { channelId }, ...asker }) {
        await channels.test(channelId);
        await audit(asker, 'alert_channel.tested', channelId);
      },
    }),
    route({
      method: 'get',
      path: '/alert-dead-letters',
      needs: 'cameras.manage',
      summary: 'Notices that no channel could hand over, newest first',
      query: z.object({
        channelId: z.uuid().optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
      answer: listOf(contract.AlertDeadLetter),
      handle: async ({ query: { channelId = null, limit } }) => ({
        items: (await channels.deadLetters(channelId, limit)).map(deadAnswer),
      }),
    }),
    route({
      method: 'post',
      path: '/alert-dead-letters/replay',
      needs: 'alerts.manage',
      summary: 'Send dead letters again, some or all',
      body: contract.AlertDeadChoice,
      answer: contract.DeadCount,
      async handle({ body: { deliveryIds, channelId = null }, ...asker }) {
        const count = await channels.replay({ deliveryIds, channelId });
        await audit(asker, 'alert_deliveries.replayed', channelId, { count });
        return { count };
      },
    }),
    route({
      method: 'post',
      path: '/alert-dead-letters/discard',
      needs: 'alerts.manage',
      summary: 'Let dead letters go, some or all',
      body: contract.AlertDeadChoice,
      answer: contract.DeadCount,
      async handle({ body: { deliveryIds, channelId = null }, ...asker }) {
        const count = await channels.discard({ deliveryIds, channelId });
        await audit(asker, 'alert_deliveries.discarded', channelId, { count });
        return { count };
      },
    }),
  ];
}
