import type { Author, Camera } from '../cameras/cameras.ts';
import { LprError } from '../errors.ts';
import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { found, idParams, listOf, route, type Asker, type RouteSpec } from './route.ts';

/** A configuration is what the protocol's fields make of it: texts, numbers, flags. */
export const cameraAnswer = (camera: Camera): contract.Camera =>
  wire({
    ...camera,
    config: camera.config as contract.Camera['config'],
    reading: { ...camera.reading, countries: [...camera.reading.countries] },
  });

/** Who asks, as versions name them. */
export const authorOf = ({ signedIn }: Pick<Asker, 'signedIn'>, note: string | null = null): Author => ({
  userId: signedIn?.user.userId ?? null,
  note,
});

/** An address may carry a name and password. */
const withoutSecrets = (address: string): string => address.replace(/\/\/[^/@]*@/, '//');

export function cameraRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { cameras } = hub;
  const audit = auditOf(hub);

  const checkCheckpoint = async (checkpointId: string | null | undefined): Promise<void> => {
    if (checkpointId === null || checkpointId === undefined) return;
    if ((await cameras.checkpoints()).some((one) => one.checkpointId === checkpointId)) return;
    const problem = 'names no checkpoint: choose one of GET /checkpoints, or null';
    throw new LprError('invalid_input', `The request cannot be used: checkpointId ${problem}.`, {
      problems: [{ field: 'checkpointId', problem }],
    });
  };

  return [
    route({
      method: 'get',
      path: '/cameras',
      needs: 'cameras.view',
      summary: 'All cameras with their health, or those of a zone, checkpoint, state or name',
      query: contract.CameraQuery,
      answer: listOf(contract.Camera),
      async handle({ query: { zoneId, checkpointId, state, text } }) {
        const zone = zoneId === undefined ? null : (await cameras.zones()).find((one) => one.zoneId === zoneId);
        const isWanted = (camera: Camera): boolean =>
          (zone === null || zone?.cameras.some(({ cameraId }) => cameraId === camera.cameraId) === true) &&
          (checkpointId === undefined || camera.checkpointId === checkpointId) &&
          (state === undefined || camera.health.state === state) &&
          (text === undefined || camera.name.toLowerCase().includes(text.toLowerCase()));
        return { items: (await cameras.list()).filter(isWanted).map(cameraAnswer) };
      },
    }),
    route({
      method: 'post',
      path: '/cameras',
      needs: 'cameras.manage',
      summary: 'Add a camera',
      body: contract.CameraInput,
      answer: contract.Camera,
      status: 201,
      async handle({ body, ...asker }) {
        await checkCheckpoint(body.checkpointId);
        const camera = await cameras.create(body, authorOf(asker));
        await audit(asker, 'camera.created', camera.cameraId, { name: camera.name, protocol: camera.protocol });
        return cameraAnswer(camera);
      },
    }),
    route({
      method: 'get',
      path: '/cameras/:cameraId/sight',
      needs: 'cameras.view',
      summary: "What a camera's newest plates look like, with advice",
      params: idParams('cameraId'),
      answer: contract.CameraSight,
      async handle({ params: { cameraId } }) {
        found(await cameras.get(cameraId), 'camera');
        const { sight, advice } = await hub.detections.sightOf(cameraId);
        return {
          detections: sight?.detections ?? 0,
          plateHeight: sight?.plateHeight ?? null,
          advice: advice.map((one) => ({ ...one })),
        };
      },
    }),
    route({
      method: 'post',
      path: '/cameras/test',
      needs: 'cameras.manage',
      summary: 'Try a configuration without saving it',
      body: contract.CameraTest,
      answer: contract.CameraTestResult,
      async handle({ body }) {
        const { preview, ...size } = await cameras.test(body);
        return { ...size, preview: preview === null ? null : `data:image/jpeg;base64,${preview.toString('base64')}` };
      },
    }),
    route({
      method: 'post',
      path: '/cameras/probe',
      needs: 'cameras.manage',
      summary: 'Find out what stands behind an address and what to enter in it',
      body: contract.CameraProbe,
      answer: contract.CameraProbeResult,
      async handle({ body, req, ...asker }) {
        const result = await cameras.probe({
          ...body,
          seenUrl: `${req.protocol}://${req.headers.host ?? 'localhost'}`,
        });
        await audit(asker, 'camera.probed', null, { address: withoutSecrets(body.address), maker: result.maker });
        return wire(result);
      },
    }),
    route({
      method: 'get',
      path: '/cameras/:cameraId',
      needs: 'cameras.view',
      summary: 'A camera',
      params: idParams('cameraId'),
      answer: contract.Camera,
      handle: async ({ params }) => cameraAnswer(found(await cameras.get(params.cameraId), 'camera')),
    }),
    route({
      method: 'patch',
      path: '/cameras/:cameraId',
      needs: 'cameras.manage',
      summary: 'Change a camera; secrets that are left out stay',
      params: idParams('cameraId'),
      body: contract.CameraChange,
      answer: contract.Camera,
      async handle({ params, body, ...asker }) {
        await checkCheckpoint(body.checkpointId);
        const camera = await cameras.update(params.cameraId, body, authorOf(asker));
        const details = { fields: Object.keys(body), enabled: body.enabled };
        await audit(asker, 'camera.changed', camera.cameraId, details);
        return cameraAnswer(camera);
      },
    }),
    route({
      method: 'delete',
      path: '/cameras/:cameraId',
      needs: 'cameras.manage',
      summary: 'Remove a camera; its detections stay',
      params: idParams('cameraId'),
      async handle({ params, ...asker }) {
        await cameras.remove(params.cameraId, authorOf(asker));
        await audit(asker, 'camera.removed', params.cameraId);
      },
    }),
    route({
      method: 'get',
      path: '/cameras/:cameraId/keys',
      needs: 'cameras.manage',
      summary: "A camera's ingest keys",
      params: idParams('cameraId'),
      answer: listOf(contract.IngestKey),
      handle: async ({ params }) => ({ items: wire(await cameras.keys(params.cameraId)) }),
    }),
    route({
      method: 'post',
      path: '/cameras/:cameraId/keys',
      needs: 'cameras.manage',
      summary: 'Make an ingest key; it is shown this once',
      params: idParams('cameraId'),
      body: contract.IngestKeyInput,
      answer: contract.NewIngestKey,
      status: 201,
      async handle({ params, body, ...asker }) {
        const key = await cameras.createKey(params.cameraId, body.label);
        await audit(asker, 'ingest_key.created', params.cameraId, { keyId: key.keyId, prefix: key.prefix });
        return wire(key);
      },
    }),
    route({
      method: 'delete',
      path: '/cameras/:cameraId/keys/:keyId',
      needs: 'cameras.manage',
      summary: 'Revoke an ingest key',
      params: idParams('cameraId', 'keyId'),
      async handle({ params, ...asker }) {
        await cameras.revokeKey(params.cameraId, params.keyId);
        await audit(asker, 'ingest_key.revoked', params.cameraId, { keyId: params.keyId });
      },
    }),
  ];
}
