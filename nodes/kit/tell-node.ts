/** The nodes that tell an alert by one kind of channel: they differ in that kind alone. */
import { defineNode, ref, type NodeSpec } from './define-node.ts';

const fields = { channel: ref('alertChannels', true) };

/**
 * @param plugin id of the alert channel plugin; only channels of that kind are offered
 * @param icon of Node-RED's own set
 */
export const defineTellNode = (
  plugin: string,
  icon: `font-awesome/fa-${string}`,
): NodeSpec<typeof fields, 'alert', 'queued'> =>
  defineNode({
    type: `lpr-tell-${plugin}`,
    icon,
    color: '#e8b7a6',
    accepts: 'alert',
    outputs: ['queued'],
    summary: ['channel'],
    fields,
    offers: { channel: `plugin=${plugin}` },
    setup: ({ config, hub }) => ({
      async input(msg, send) {
        await hub.alerts.deliver(msg.lpr.alert.alertId, config.channel);
        send('queued', msg);
      },
    }),
  });
