/** Hands one notice to a channel's plugin, with what the hub lends it: HTTP behind the guard, pictures, the site's clock. */
import { LprError } from '../errors.ts';
import type { ConfigOf, Fields } from '../fields.ts';
import type { SharedPictures } from '../images/shared-pictures.ts';
import { askHttp, assertMayReach, type Owner } from '../outgoing-http.ts';
import type { AlertChannelPlugin, AlertNotice, Log } from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import { openConfig } from '../sealed-config.ts';
import type { SecretBox } from '../secrets.ts';
import type { StoredChannel } from './channels.ts';
import type { Push } from './push.ts';

const SEND_MS = 20_000;
const ANSWER_BYTES = 64 * 1024;
const CHANNEL: Owner = { called: 'channel', isPrivate: 'channel_private', unreachable: 'channel_refused' };

export interface SenderDependencies {
  readonly plugins: Plugins;
  readonly secrets: SecretBox;
  readonly pictures: Pick<SharedPictures, 'jpeg' | 'link'>;
  readonly push: Pick<Push, 'keys' | 'forget'>;
  readonly log: Log;
  readonly publicUrl: string | null;
  readonly siteZone: () => Promise<string>;
  /** A plugin that does not end by then is left to itself; default 20 s. */
  readonly sendMs?: number;
}

export interface ChannelSender {
  /** @throws channel_unknown */
  pluginOf(channel: Pick<StoredChannel, 'plugin'>): AlertChannelPlugin;
  /** @throws what the plugin throws; channel_refused when it takes too long */
  send(
    channel: Pick<StoredChannel, 'channelId' | 'plugin' | 'config'>,
    notice: AlertNotice,
    options: { readonly to: string; readonly attempt: number; readonly signal: AbortSignal | null },
  ): Promise<void>;
}

export function createSender(dependencies: SenderDependencies): ChannelSender {
  const { plugins, secrets, pictures, push, log, publicUrl, siteZone, sendMs = SEND_MS } = dependencies;

  const pluginOf = ({ plugin: id }: Pick<StoredChannel, 'plugin'>): AlertChannelPlugin => {
    const plugin = plugins.find('alertChannel', id);
    if (plugin !== null) return plugin;
    throw new LprError('channel_unknown', `There is no alert channel plugin "${id}".`, {
      problems: [{ field: 'plugin', problem: 'is none that the hub knows' }],
    });
  };

  return {
    pluginOf,
    async send(channel, notice, { to, attempt, signal: outer }) {
      const plugin = pluginOf(channel);
      const limit = AbortSignal.timeout(sendMs);
      const signal = outer === null ? limit : AbortSignal.any([outer, limit]);
      const config: ConfigOf<Fields> = openConfig(plugin.fields, channel.config, channel.config, secrets);
      const allowPrivate = config['allowPrivate'] === true;
      const reach = { owner: CHANNEL, allowPrivate, signal };
      const timeZone = await siteZone();
      const tooLong = Promise.withResolvers<never>();
      const give = (): void => {
        const message = 'The channel did not take the notice in time: check its address and network.';
        tooLong.reject(new LprError('channel_refused', message));
      };
      // A plugin that does not listen to the signal holds up nobody.
      signal.addEventListener('abort', give, { once: true });
      try {
        await Promise.race([
          plugin.send(notice, {
            ...{ config, log, signal, to, timeZone, publicUrl, attempt, pushKeys: push.keys },
            picture: (imageId, width) => pictures.jpeg(imageId, width),
            pictureLink: (imageId, width) => pictures.link(imageId, width),
            async request(url, { method = 'POST', headers = {}, body } = {}) {
              const request = { method, headers, ...(body === undefined ? {} : { body }) };
              const answer = await askHttp(url, request, { ...reach, maxBytes: ANSWER_BYTES });
              return { status: answer.status, headers: answer.headers, text: answer.bytes.toString('utf8') };
            },
            assertMayReach: (host) => assertMayReach(host, reach),
            forget: () => (plugin.address === 'push' ? push.forget(to) : Promise.resolve()),
          }),
          tooLong.promise,
        ]);
      } finally {
        signal.removeEventListener('abort', give);
      }
    },
  };
}
