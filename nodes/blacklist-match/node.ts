import { defineNode, ref } from '../kit/define-node.ts';

export default defineNode({
  type: 'lpr-blacklist-match',
  icon: 'font-awesome/fa-list-alt',
  color: '#f2cb8f',
  accepts: 'detection',
  outputs: ['hit', 'clear'],
  gives: { hit: 'hit' },
  summary: ['blacklist'],
  fields: { blacklist: ref('blacklists') },
  setup: ({ config, hub }) => ({
    async input(msg, send) {
      const standing = await hub.blacklists.match(msg, config.blacklist);
      // Handed out before, the message may have got lost behind this node: then what was found goes on once more.
      const hits = msg.lpr.isFirst === true ? standing.filter(({ isNew }) => isNew) : standing;
      for (const hit of hits) send('hit', { ...msg, lpr: { ...msg.lpr, hit } });
      if (hits.length === 0) send('clear', msg);
    },
  }),
});
