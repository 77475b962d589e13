/** Reads of cameras that say, when asked, what others of their kind push: by the same device format. */
import { LprError } from '../errors.ts';
import { parseConfig } from '../fields.ts';
import type { CameraContext, Fields, WireMessage } from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';

const NOTHING: Omit<WireMessage, 'receivedAt'> = {
  ...{ transport: 'http', address: '', method: 'GET', path: '', query: {}, headers: {} },
  ...{ body: new Uint8Array(0), parts: [], args: [], namespace: '', isRetained: false },
};

export function createEventReader(plugins: Plugins, siteZone: () => Promise<string>): CameraContext<Fields>['decode'] {
  return async (format, message) => {
    const plugin = plugins.find('deviceFormat', format);
    if (plugin === null) throw new LprError('protocol_unknown', `The plugin "${format}" is not there.`);
    const context = { config: parseConfig(plugin.fields, {}), timeZone: await siteZone() };
    return plugin.decode({ ...NOTHING, receivedAt: new Date(), ...message }, context).events;
  };
}
