import { choice, defineNode, number, ref, text } from '../kit/define-node.ts';

export default defineNode({
  type: 'lpr-alert',
  icon: 'font-awesome/fa-bell',
  color: '#efa898',
  accepts: 'detection',
  outputs: ['alert', 'quiet'],
  gives: { alert: 'alert' },
  summary: ['channel'],
  fields: {
    mode: choice(['rules', 'always'], 'rules'),
    title: text(),
    priority: number({ default: 0, min: 0, max: 100 }),
    channel: ref('alertChannels'),
  },
  setup: ({ config: { mode, title, priority, channel }, hub }) => ({
    async input(msg, send) {
      const alerts =
        mode === 'rules'
          ? await hub.alerts.consider(msg)
          : [await hub.alerts.raise(msg, { title, priority: priority === 0 ? null : priority, channelId: channel })];
      if (mode === 'rules' && channel !== '' && !msg.lpr.isLate) {
        for (const { alertId } of alerts) await hub.alerts.deliver(alertId, channel);
      }
      // A message that comes again after a crash may not have got further than here: then what was raised before goes on too.
      const isResumed = msg.lpr.isFirst !== true;
      // What comes after may open a gate or sound a horn: not for a vehicle that has long left.
      const told = msg.lpr.isLate ? [] : alerts.filter(({ isNew }) => isNew || isResumed);
      for (const alert of told) send('alert', { ...msg, lpr: { ...msg.lpr, alert } });
      if (told.length === 0) send('quiet', msg);
    },
  }),
});
