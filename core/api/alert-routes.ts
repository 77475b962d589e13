import { z } from 'zod';
import type { AlertChannel } from '../alerts/alerts.ts';
import { alertAnswer } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { idParams, listOf, route, userOf, type RouteSpec } from './route.ts';

const channelAnswer = (channel: AlertChannel): contract.AlertChannel => ({
  ...channel,
  config: channel.config as contract.AlertChannel['config'],
  ...{ language: null, perMinute: null, createdAt: new Date(0).toISOString(), missing: [] },
  state: { sent: 0, waiting: 0, held: 0, dead: 0, lastSuccessAt: null, error: null },
});

export function alertRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { alerts } = hub;
  const audit = auditOf(hub);
  return [
    route({
      method: 'get',
      path: '/alerts',
      needs: 'alerts.view',
      summary: 'Alerts, newest first',
      query: z.object({
        open: z.stringbool().optional().describe('true: not yet acknowledged'),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
      answer: listOf(contract.Alert),
      handle: async ({ query: { open = null, limit } }) => ({
        items: (await alerts.list({ open, limit })).map(alertAnswer),
      }),
    }),
    route({
      method: 'post',
      path: '/alerts/:alertId/acknowledge',
      needs: 'alerts.acknowledge',
      summary: 'Acknowledge an alert',
      params: idParams('alertId'),
      answer: contract.Alert,
      async handle({ params, ...asker }) {
        const alert = await alerts.acknowledge(params.alertId, userOf(asker).userId);
        await audit(asker, 'alert.acknowledged', params.alertId);
        return alertAnswer(alert);
      },
    }),
    route({
      method: 'get',
      path: '/alert-channels',
      needs: 'cameras.manage',
      summary: 'Channels that carry alerts to people',
      answer: listOf(contract.AlertChannel),
      handle: async () => ({ items: (await alerts.channels()).map(channelAnswer) }),
    }),
    route({
      method: 'post',
      path: '/alert-channels',
      needs: 'site.manage',
      summary: 'Add a channel',
      body: contract.AlertChannelInput,
      answer: contract.AlertChannel,
      status: 201,
      async handle({ body, ...asker }) {
        const channel = await alerts.createChannel(body);
        await audit(asker, 'alert_channel.created', channel.channelId, { plugin: channel.plugin });
        return channelAnswer(channel);
      },
    }),
    route({
      method: 'delete',
      path: '/alert-channels/:channelId',
      needs: 'site.manage',
      summary: 'Remove a channel',
      params: idParams('channelId'),
      async handle({ params, ...asker }) {
        await alerts.removeChannel(params.channelId);
        await audit(asker, 'alert_channel.removed', params.channelId);
      },
    }),
    route({
      method: 'post',
      path: '/alert-channels/:channelId/test',
      needs: 'site.manage',
      summary: 'Send a test notice',
      params: idParams('channelId'),
      handle: ({ params }) => alerts.testChannel(params.channelId),
    }),
  ];
}
