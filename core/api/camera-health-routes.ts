import { wire } from './answers.ts';
import type { RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { idParams, route, type RouteSpec } from './route.ts';

const DAY_MS = 86_400_000;

/** How cameras were and are. */
export function cameraHealthRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { cameras } = hub;
  return [
    route({
      method: 'get',
      path: '/cameras/:cameraId/health',
      needs: 'cameras.view',
      summary: "A camera's changes of state, and what came of it by the hour",
      params: idParams('cameraId'),
      query: contract.CameraHistoryQuery,
      answer: contract.CameraHistory,
      async handle({ params: { cameraId }, query: { days } }) {
        return wire(await cameras.healthHistory(cameraId, new Date(Date.now() - days * DAY_MS)));
      },
    }),
    route({
      method: 'get',
      path: '/cameras/:cameraId/metrics',
      needs: 'cameras.view',
      summary: 'How well a camera does, in figures',
      params: idParams('cameraId'),
      query: contract.CameraMetricsQuery,
      answer: contract.CameraMetrics,
      handle: async ({ params: { cameraId }, query: { days } }) => wire(await cameras.metrics(cameraId, days)),
    }),
    route({
      method: 'get',
      path: '/cameras/:cameraId/device-state',
      needs: 'cameras.view',
      summary: 'Settings that its device should have, those it says it has, and where they part',
      params: idParams('cameraId'),
      answer: contract.DeviceStates,
      handle: async ({ params: { cameraId } }) => wire(await cameras.deviceStates(cameraId)),
    }),
  ];
}
