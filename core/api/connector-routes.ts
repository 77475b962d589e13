import { z } from 'zod';
import type { Connector } from '../connectors/connectors.ts';
import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { idParams, listOf, route, type RouteSpec } from './route.ts';

const connectorAnswer = (connector: Connector): contract.Connector => ({
  ...wire(connector),
  config: connector.config as contract.Connector['config'],
});

export function connectorRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { connectors } = hub;
  const audit = auditOf(hub);
  return [
    route({
      method: 'get',
      path: '/connectors',
      needs: 'cameras.manage',
      summary: 'Other systems that are told of detections, and how that goes',
      answer: listOf(contract.Connector),
      handle: async () => ({ items: (await connectors.list()).map(connectorAnswer) }),
    }),
    route({
      method: 'post',
      path: '/connectors',
      needs: 'site.manage',
      summary: 'Add a connector',
      body: contract.ConnectorInput,
      answer: contract.Connector,
      status: 201,
      async handle({ body, ...asker }) {
        const connector = await connectors.create(body);
        const { plugin, name } = connector;
        await audit(asker, 'connector.created', connector.connectorId, { plugin, name });
        return connectorAnswer(connector);
      },
    }),
    route({
      method: 'patch',
      path: '/connectors/:connectorId',
      needs: 'site.manage',
      summary: 'Change a connector; what is left out stays',
      params: idParams('connectorId'),
      body: contract.ConnectorChange,
      answer: contract.Connector,
      async handle({ params: { connectorId }, body, ...asker }) {
        const connector = await connectors.update(connectorId, body);
        await audit(asker, 'connector.changed', connectorId, { fields: Object.keys(body) });
        return connectorAnswer(connector);
      },
    }),
    route({
      method: 'delete',
      path: '/connectors/:connectorId',
      needs: 'site.manage',
      summary: 'Remove a connector with what it has not sent',
      params: idParams('connectorId'),
      async handle({ params: { connectorId }, ...asker }) {
        await connectors.remove(connectorId);
        await audit(asker, 'connector.removed', connectorId);
      },
    }),
    route({
      method: 'post',
      path: '/connectors/:connectorId/test',
      needs: 'site.manage',
      summary: 'Send a made-up detection',
      params: idParams('connectorId'),
      async handle({ params: { connectorId }, ...asker }) {
        await connectors.test(connectorId);
        await audit(asker, 'connector.tested', connectorId);
      },
    }),
    route({
      method: 'get',
      path: '/connectors/:connectorId/dead-letters',
      needs: 'cameras.manage',
      summary: 'Detections that the other system never took, newest first',
      params: idParams('connectorId'),
      query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
      answer: listOf(contract.DeadDelivery),
      handle: async ({ params: { connectorId }, query: { limit } }) => ({
        items: wire(await connectors.dead(connectorId, limit)),
      }),
    }),
    route({
      method: 'post',
      path: '/connectors/:connectorId/replay',
      needs: 'cameras.manage',
      summary: 'Send dead letters again, some or all',
      params: idParams('connectorId'),
      body: contract.DeadChoice,
      answer: contract.DeadCount,
      async handle({ params: { connectorId }, body: { detectionIds }, ...asker }) {
        const count = await connectors.replay(connectorId, detectionIds);
        await audit(asker, 'connector.replayed', connectorId, { count });
        return { count };
      },
    }),
    route({
      method: 'post',
      path: '/connectors/:connectorId/discard',
      needs: 'cameras.manage',
      summary: 'Let dead letters go, some or all',
      params: idParams('connectorId'),
      body: contract.DeadChoice,
      answer: contract.DeadCount,
      async handle({ params: { connectorId }, body: { detectionIds }, ...asker }) {
        const count = await connectors.discard(connectorId, detectionIds);
        await audit(asker, 'connector.discarded', connectorId, { count });
        return { count };
      },
    }),
  ];
}
