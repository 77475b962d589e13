import { defineNode, ref } from '../kit/define-node.ts';

export default defineNode({
  type: 'lpr-alert',
  icon: 'font-awesome/fa-bell',
  color: '#efa898',
  accepts: 'hit',
  outputs: ['raised'],
  summary: ['channel'],
  fields: { channel: ref('alertChannels') },
  setup: ({ config, hub }) => ({
    async input(msg, send) {
      const alert = await hub.alerts.raise(msg, { channelId: config.channel });
      if (alert !== null) send('raised', msg);
    },
  }),
});
