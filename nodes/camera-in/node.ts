import { defineNode, ref } from '../kit/define-node.ts';

export default defineNode({
  type: 'lpr-camera-in',
  icon: 'font-awesome/fa-video-camera',
  color: '#7fc4ba',
  accepts: 'source',
  outputs: ['frame'],
  gives: { frame: 'frame' },
  summary: ['camera'],
  fields: { camera: ref('cameras') },
  setup({ config, hub, send }) {
    const stop = hub.ingest.consume({
      cameraIds: config.camera === '' ? [] : [config.camera],
      deliver: (message) => {
        send('frame', message);
      },
    });
    return { close: stop };
  },
});
