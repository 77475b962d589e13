import { defineNode, number } from '../kit/define-node.ts';

export default defineNode({
  type: 'lpr-merge',
  icon: 'font-awesome/fa-compress',
  color: '#a9cfe0',
  accepts: 'read',
  outputs: ['detection'],
  gives: { detection: 'detection' },
  fields: {
    windowSeconds: number({ default: 15, min: 0, max: 3600, unit: 's' }),
    minSimilarity: number({ default: 0.75, min: 0.3, max: 1 }),
    parkedMinutes: number({ default: 10, min: 0, max: 1440, unit: 'min' }),
  },
  setup: ({ config, hub }) => ({
    async input(msg, send) {
      const detection = await hub.detections.merge(msg, config);
      send('detection', { ...msg, lpr: { ...msg.lpr, detection } });
    },
  }),
});
