import { defineNode } from '../kit/define-node.ts';

export default defineNode({
  type: 'lpr-discard',
  icon: 'font-awesome/fa-trash-o',
  color: '#d6d6d1',
  accepts: 'any',
  outputs: [],
  settles: true,
  fields: {},
  setup: ({ hub }) => ({
    input(msg) {
      hub.ingest.settle(msg.lpr.token, 'discarded');
    },
  }),
});
