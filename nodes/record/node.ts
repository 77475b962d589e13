import { defineNode } from '../kit/define-node.ts';

export default defineNode({
  type: 'lpr-record',
  icon: 'font-awesome/fa-database',
  color: '#8fc1d8',
  accepts: 'detection',
  outputs: ['recorded'],
  settles: true,
  fields: {},
  setup: ({ hub }) => ({
    async input(msg, send) {
      const { detectionId } = await hub.detections.record(msg);
      hub.ingest.settle(msg.lpr.token, 'recorded', detectionId);
      send('recorded', msg);
    },
  }),
});
