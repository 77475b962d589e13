import { z } from 'zod';
import type { EngineInfo } from '../recognition/recognition.ts';
import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { found, idParams, listOf, route, type RouteSpec } from './route.ts';
import { readPicture } from './upload.ts';

const IMMUTABLE = 'private, max-age=31536000, immutable';
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
      async handle({ params: { imageId }, query: { size }, res }) {
        const { path, mediaType } = await images.file(imageId, size);
        const extension = mediaType.split('/')[1] ?? 'bin';
        // The content of an id never changes, so a browser that has it need not ask again.
        res.set({
          'Content-Type': mediaType,
          'Cache-Control': IMMUTABLE,
          ETag: `"${imageId}-${size}"`,
          'Content-Disposition': `inline; filename="${imageId.slice(0, 12)}.${extension}"`,
        });
        await new Promise<void>((resolve, reject) => {
          const options = { dotfiles: 'allow', cacheControl: false, lastModified: false, etag: false } as const;
          res.sendFile(path, options, (error?: Error) => {
            // A reader that goes away is no fault.
            if (error === undefined || res.headersSent || res.destroyed) resolve();
            else reject(error);
          });
        });
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
