import { z } from 'zod';
import { reference } from '../plates/plates.ts';
import type { PluginKind } from '../plugins/define.ts';
import { seesCovert } from './alert-routes.ts';
import { wire } from './answers.ts';
import type { RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { listOf, route, type RouteSpec } from './route.ts';
import { dayStart } from '../site-day.ts';

const Kind = contract.PluginInfo.shape.kind satisfies z.ZodType<PluginKind>;

export function hubRoutes({ hub, doors, flowGaps }: RouteOptions): RouteSpec[] {
  const { access, alerts, cameras, detections, devices, images, ingest, plugins, recognition } = hub;
  return [
    route({
      method: 'get',
      path: '/reference',
      needs: 'session',
      summary: 'Provinces, countries and plate classes',
      answer: contract.Reference,
      handle: () => Promise.resolve(wire(reference())),
    }),
    route({
      method: 'get',
      path: '/plugins',
      needs: 'cameras.view',
      summary: 'Plugins with their forms, all or of one kind',
      query: z.object({ kind: Kind.optional() }),
      answer: listOf(contract.PluginInfo),
      handle: ({ query: { kind } }) =>
        Promise.resolve({
          items: (kind === undefined ? Kind.options : [kind]).flatMap((one) => wire(plugins.list(one))),
        }),
    }),
    route({
      method: 'get',
      path: '/flow-gaps',
      needs: 'cameras.view',
      summary: 'Nodes that blacklists, geofences and rules need and the deployed flow does not reach',
      answer: listOf(contract.FlowGap),
      handle: async () => ({ items: wire(await flowGaps()) }),
    }),
    route({
      method: 'get',
      path: '/status',
      needs: 'detections.view',
      summary: 'What is going on',
      answer: contract.HubStatus,
      async handle({ signedIn }) {
        const since = dayStart((await access.site()).timeZone, new Date());
        const [detectionsToday, counts, all, openAlerts, room, engines, senders] = await Promise.all([
          detections.countSince(since),
          ingest.counts(),
          cameras.list(),
          alerts.countOpen(seesCovert(signedIn)),
          images.freeBytes(),
          recognition.engines(),
          devices.list(),
        ]);
        const enabled = all.filter((camera) => camera.enabled);
        return {
          detectionsToday,
          framesQueued: counts.queued,
          framesRunning: counts.running,
          framesDead: counts.dead,
          framesDropped: all.reduce((sum, { health }) => sum + health.framesDropped, 0),
          cameras: {
            online: enabled.filter(({ health }) => health.state === 'online').length,
            total: enabled.length,
          },
          openAlerts,
          devicesWaiting: senders.filter(({ state }) => state === 'waiting').length,
          messagesQuarantined: senders.reduce((sum, { held }) => sum + held.quarantined, 0),
          freeBytes: room?.free ?? null,
          doors: doors(),
          pluginFailures: wire(plugins.failures),
          engineProblem: engines.find(({ isDefault }) => isDefault)?.problem?.message ?? null,
        };
      },
    }),
  ];
}
