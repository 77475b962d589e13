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
      const hits = await hub.blacklists.match(msg, config.blacklist);
      for (const hit of hits) send('hit', { ...msg, lpr: { ...msg.lpr, hit } });
      if (hits.length === 0) send('clear', msg);
    },
  }),
});
