import { defineNode, ref } from '../kit/define-node.ts';

export default defineNode({
  type: 'lpr-escalate',
  icon: 'font-awesome/fa-level-up',
  color: '#efa898',
  accepts: 'alert',
  outputs: ['started'],
  summary: ['escalation'],
  fields: { escalation: ref('escalations', true) },
  setup: ({ config, hub }) => ({
    async input(msg, send) {
      // Began before: a message that comes again.
      await hub.escalations.begin(msg.lpr.alert.alertId, config.escalation, null);
      send('started', msg);
    },
  }),
});
