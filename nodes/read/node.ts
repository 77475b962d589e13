import { defineNode, number, ref, text } from '../kit/define-node.ts';

export default defineNode({
  type: 'lpr-read',
  icon: 'font-awesome/fa-font',
  accepts: 'patch',
  outputs: ['read', 'unreadable'],
  gives: { read: 'read', unreadable: 'read' },
  summary: ['engine', 'countries'],
  offers: { engine: 'reads' },
  fields: {
    engine: ref('engines'),
    countries: text({ default: 'TH' }),
    minConfidence: number({ default: 0, min: 0, max: 1 }),
  },
  setup({ config, hub, signal }) {
    const countries = config.countries
      .toUpperCase()
      .split(/[\s,]+/)
      .filter((code) => code !== '');
    return {
      async input(msg, send) {
        const { patch, cameraId } = msg.lpr;
        // What somebody set for this camera counts more than what holds for the whole flow.
        const camera = await hub.cameras.readingOf(cameraId);
        const request = {
          engine: camera.engine || config.engine,
          countries: camera.countries.length > 0 ? camera.countries : countries,
        };
        const read = await hub.recognition.read(patch, request, signal);
        const isRead = read.plateNumber !== '' && read.confidence >= (camera.minConfidence ?? config.minConfidence);
        send(isRead ? 'read' : 'unreadable', { ...msg, lpr: { ...msg.lpr, read } });
      },
    };
  },
});
