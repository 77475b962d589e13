import { defineNode, ref } from '../kit/define-node.ts';

export default defineNode({
  type: 'lpr-camera-in',
  icon: 'font-awesome/fa-video-camera',
  color: '#7fc4ba',
  accepts: 'source',
  outputs: ['frame', 'read'],
  gives: { frame: 'frame', read: 'read' },
  summary: ['camera'],
  fields: { camera: ref('cameras') },
  setup({ config, hub, send }) {
    const stop = hub.ingest.consume({
      cameraIds: config.camera === '' ? [] : [config.camera],
      deliver: (message) => {
        send(message.lpr.read === undefined ? 'frame' : 'read', message);
      },
    });
    return { close: stop };
  },
});
