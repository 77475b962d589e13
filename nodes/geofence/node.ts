import { choice, defineNode, ref } from '../kit/define-node.ts';

export default defineNode({
  type: 'lpr-geofence',
  icon: 'font-awesome/fa-map-o',
  color: '#a9d3a0',
  accepts: 'detection',
  outputs: ['event', 'none'],
  gives: { event: 'geofence' },
  summary: ['geofence'],
  fields: {
    geofence: ref('geofences'),
    kind: choice(['any', 'enter', 'leave', 'dwell'], 'any'),
  },
  setup({ config, hub, send }) {
    const isWanted = ({ geofenceId, event }: { readonly geofenceId: string; readonly event: string }): boolean =>
      (config.geofence === '' || config.geofence === geofenceId) && (config.kind === 'any' || config.kind === event);
    // What the clock showed, or a detection that came out of order: no message brought it here.
    const stop = hub.events.on('geofence.event', ({ event, message }) => {
      if (message !== null && isWanted(event)) send('event', { lpr: message.lpr });
    });
    return {
      async input(msg, sendOn) {
        const parts = await hub.geofences.observe(msg, config.geofence);
        // Further reads of the same pass come by, too; what an earlier one showed went on with it. Handed out before, the message may
        // have got lost behind this node: then it goes on once more.
        const isResumed = msg.lpr.isFirst !== true;
        const events = parts.filter((part) => (part.isNew || isResumed) && isWanted(part));
        for (const geofence of events) sendOn('event', { ...msg, lpr: { ...msg.lpr, geofence } });
        if (events.length === 0) sendOn('none', msg);
      },
      close: stop,
    };
  },
});
