import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import { authorOf, cameraAnswer } from './camera-routes.ts';
import * as contract from './contract.ts';
import { idParams, listOf, route, type RouteSpec } from './route.ts';

/** What a camera was, who made it so, and the way back. */
export function cameraVersionRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { cameras } = hub;
  const audit = auditOf(hub);
  return [
    route({
      method: 'get',
      path: '/cameras/:cameraId/versions',
      needs: 'cameras.manage',
      summary: "A camera's configuration over time, newest first",
      params: idParams('cameraId'),
      answer: listOf(contract.CameraVersion),
      handle: async ({ params }) => ({ items: wire(await cameras.versions(params.cameraId)) }),
    }),
    route({
      method: 'get',
      path: '/cameras/:cameraId/versions/:versionId/differences/:beforeId',
      needs: 'cameras.manage',
      summary: 'What differs between two versions, by field',
      params: idParams('cameraId', 'versionId', 'beforeId'),
      answer: listOf(contract.CameraDifference),
      async handle({ params: { cameraId, versionId, beforeId } }) {
        return { items: wire(await cameras.compareVersions(cameraId, versionId, beforeId)) };
      },
    }),
    route({
      method: 'post',
      path: '/cameras/:cameraId/versions/:versionId/restore',
      needs: 'cameras.manage',
      summary: 'Make a camera what it was then, secrets included, as a new version',
      params: idParams('cameraId', 'versionId'),
      body: contract.VersionNote,
      answer: contract.Camera,
      async handle({ params: { cameraId, versionId }, body, ...asker }) {
        const camera = await cameras.restore(cameraId, versionId, authorOf(asker, body.note));
        await audit(asker, 'camera.restored', cameraId, { versionId });
        return cameraAnswer(camera);
      },
    }),
  ];
}
