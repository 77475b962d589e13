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
      const { cause } = await hub.alerts.raise(msg, { channelId: config.channel });
      // What comes after may open a gate or sound a horn: not for a vehicle that has long left.
      if (cause !== 'late') send('raised', msg);
    },
  }),
});
