import { defineNode, ref, text } from '../kit/define-node.ts';

export default defineNode({
  type: 'lpr-read',
  icon: 'font-awesome/fa-font',
  accepts: 'patch',
  outputs: ['read', 'unreadable'],
  gives: { read: 'read', unreadable: 'read' },
  summary: ['engine', 'countries'],
  offers: { engine: 'reads' },
  fields: { engine: ref('engines'), countries: text({ default: 'TH' }) },
  setup({ config, hub, signal }) {
    const countries = config.countries
      .toUpperCase()
      .split(/[\s,]+/)
      .filter((code) => code !== '');
    return {
      async input(msg, send) {
        const read = await hub.recognition.read(msg.lpr.patch, { engine: config.engine, countries }, signal);
        send(read.plateNumber === '' ? 'unreadable' : 'read', { ...msg, lpr: { ...msg.lpr, read } });
      },
    };
  },
});
