import { defineNode, number } from '../kit/define-node.ts';

export default defineNode({
  type: 'lpr-quality',
  icon: 'font-awesome/fa-sliders',
  accepts: 'read',
  outputs: ['good', 'poor'],
  fields: {
    minPlateHeight: number({ default: 10, min: 0, max: 400, unit: 'px' }),
    minScore: number({ default: 0.15, min: 0, max: 1 }),
    minConfidence: number({ default: 0.25, min: 0, max: 1 }),
    sureLocate: number({ default: 0.6, min: 0, max: 1 }),
  },
  setup: ({ config }) => ({
    input(msg, send) {
      const { read, patch } = msg.lpr;
      const { plateHeight, score } = read.quality;
      const isGood =
        plateHeight >= config.minPlateHeight && score >= config.minScore && read.confidence >= config.minConfidence;
      // A plate that is surely one is kept for review, even when its text is doubtful.
      const isSurelyPlate = patch !== undefined && patch.confidence >= config.sureLocate;
      send(isGood || isSurelyPlate ? 'good' : 'poor', msg);
    },
  }),
});
