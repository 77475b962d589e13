import { z } from 'zod';
import type { EngineInfo } from '../recognition/recognition.ts';
import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { found, idParams, listOf, route, type RouteSpec } from './route.ts';
import { sendBytes } from './send-bytes.ts';
import { readPicture } from './upload.ts';

// A day: a picture that retention removes must not live on for long in browsers. After it they ask whether it is still there.
const CACHE = 'private, max-age=86400';
const ImageParams = z.object({ imageId: z.string().regex(/^[0-9a-f]{64}$/) });
const ImageQuery = z.object({ size: z.enum(['thumbnail', 'display', 'original']).default('display') });

const engineAnswer = (engine: EngineInfo): contract.EngineInfo => ({
  ...engine,
  config: engine.config as contract.EngineInfo['config'],
});

export function frameRoutes({ hub }: RouteOptions): RouteSpec[] {
  const audit = auditOf(hub);
  const { cameras, images, ingest, recognition } = hub;
  return [
    route({
      method: 'post',
      path: '/frames',
      needs: 'key',
      summary: "A frame from a device, with its camera's ingest key",
      takesPicture: true,
      answer: contract.FrameAccepted,
      status: 201,
      async handle({ cameraId, req, res }) {
        const picture = await readPicture(req, res);
        const capturedAtSource = picture.capturedAt === null ? 'received' : 'device';
        return ingest.accept({ ...picture, cameraId: found(cameraId, 'camera'), capturedAtSource });
      },
    }),
    route({
      method: 'post',
      path: '/uploads',
      needs: 'frames.upload',
      summary: 'A picture from the console',
      takesPicture: true,
      answer: contract.FrameAccepted,
      status: 201,
      async handle({ req, res }) {
        const picture = await readPicture(req, res);
        const camera = (await cameras.list()).find(({ builtIn }) => builtIn === 'upload');
        const capturedAtSource = picture.capturedAt === null ? 'received' : 'file';
        return ingest.accept({ ...picture, cameraId: found(camera, 'camera').cameraId, capturedAtSource });
      },
    }),
    route({
      method: 'get',
      path: '/frames/:frameId',
      needs: 'detections.view',
      summary: 'What became of a frame',
      params: idParams('frameId'),
      answer: contract.FrameStatus,
      handle: async ({ params }) => wire(found(await ingest.status(params.frameId), 'frame')),
    }),
    route({
      method: 'get',
      path: '/images/:imageId',
      needs: 'detections.view',
      summary: 'A picture: as it came, or made for screens (WebP)',
      params: ImageParams,
      query: ImageQuery,
      media: 'image/*',
      async handle({ params: { imageId }, query: { size }, req, res }) {
        const { mediaType, ...source } = await images.file(imageId, size);
        const extension = mediaType.split('/')[1] ?? 'bin';
        // The content of an id never changes.
        res.set({
          'Content-Type': mediaType,
          'Cache-Control': CACHE,
          ETag: `"${imageId}-${size}"`,
          'Content-Disposition': `inline; filename="${imageId.slice(0, 12)}.${extension}"`,
        });
        await sendBytes(source, req, res);
      },
    }),
    route({
      method: 'get',
      path: '/engines',
      needs: 'cameras.view',
      summary: 'Recognition engines, and what hinders them',
      answer: listOf(contract.EngineInfo),
      handle: async () => ({ items: (await recognition.engines()).map(engineAnswer) }),
    }),
    route({
      method: 'patch',
      path: '/engines/:engineId',
      needs: 'site.manage',
      summary: 'Configure an engine, or make it the default',
      params: z.object({ engineId: z.string().max(100) }),
      body: contract.EngineChange,
      answer: contract.EngineInfo,
      async handle({ params: { engineId }, body, ...asker }) {
        const engine = await recognition.configure(engineId, body);
        const action = body.isDefault ? 'engine.made_default' : 'engine.configured';
        await audit(asker, action, engineId);
        return engineAnswer(engine);
      },
    }),
  ];
}
