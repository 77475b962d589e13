import { defineNode, ref } from '../kit/define-node.ts';

export default defineNode({
  type: 'lpr-alert',
  icon: 'font-awesome/fa-bell',
  color: '#efa898',
  accepts: 'detection',
  outputs: ['raised'],
  gives: { raised: 'alert' },
  summary: ['channel'],
  fields: { channel: ref('alertChannels') },
  setup: ({ config, hub }) => ({
    async input(msg, send) {
      for (const alert of await hub.alerts.consider(msg)) {
        // What comes after may open a gate or sound a horn: not for a vehicle that has long left.
        if (msg.lpr.isLate || !alert.isNew) continue;
        if (config.channel !== '') await hub.alerts.deliver(alert.alertId, config.channel);
        send('raised', { ...msg, lpr: { ...msg.lpr, alert } });
      }
    },
  }),
});
