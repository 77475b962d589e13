import { defineNode, ref } from '../kit/define-node.ts';

export default defineNode({
  type: 'lpr-send',
  icon: 'font-awesome/fa-share-square-o',
  color: '#b9cfe8',
  accepts: 'detection',
  outputs: ['queued', 'off'],
  summary: ['connector'],
  fields: { connector: ref('connectors', true) },
  setup: ({ config, hub }) => ({
    async input(msg, send) {
      send(await hub.connectors.hand(config.connector, msg.lpr.detection.detectionId), msg);
    },
  }),
});
