import { defineNode, number, ref } from '../kit/define-node.ts';

export default defineNode({
  type: 'lpr-locate',
  icon: 'font-awesome/fa-crop',
  accepts: 'frame',
  outputs: ['plate', 'none'],
  gives: { plate: 'patch' },
  settles: ['none'],
  summary: ['engine'],
  offers: { engine: 'locates' },
  fields: {
    engine: ref('engines'),
    minPlateHeight: number({ default: 14, min: 6, max: 400, unit: 'px' }),
    maxPlates: number({ default: 8, min: 1, max: 50 }),
  },
  setup: ({ config, hub, signal }) => ({
    async input(msg, send) {
      const { frameId, frame, token, cameraId } = msg.lpr;
      // What somebody set for this camera counts more than what holds for the whole flow.
      const camera = await hub.cameras.readingOf(cameraId);
      const patches = await hub.recognition.locate(
        frameId,
        frame,
        {
          engine: camera.engine || config.engine,
          minPlateHeight: camera.minPlateHeight ?? config.minPlateHeight,
          maxPlates: config.maxPlates,
        },
        signal,
      );
      const parts = patches.map((patch) => ({
        ...msg,
        lpr: { ...msg.lpr, token: `${frameId}#${patch.plateIndex}`, patch },
      }));
      hub.ingest.split(
        token,
        parts.map((part) => part.lpr.token),
      );
      for (const part of parts) send('plate', part);
      if (parts.length === 0) send('none', msg);
    },
  }),
});
