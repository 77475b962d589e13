/** The records of channels: made, changed, tested, their dead letters replayed. */
import { randomUUID } from 'node:crypto';
import { LprError } from '../errors.ts';
import type { ConfigOf, Fields } from '../fields.ts';
import type { AlertChannelPlugin } from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import { maskConfig, openConfig, sealConfig } from '../sealed-config.ts';
import type { SecretBox } from '../secrets.ts';
import type { DeliveryStore } from './alert-store.ts';
import type { AlertChannel, AlertChannels, ChannelInput, StoredChannel } from './channels.ts';
import type { ChannelSender } from './channel-sender.ts';
import { noticeOf, testFacts } from './notice.ts';
import type { AlertFacts } from './alert-facts.ts';
import type { Outbox } from './outbox.ts';
import type { RenderedNotice } from './templates.ts';

export interface ChannelsDependencies {
  readonly store: DeliveryStore;
  readonly plugins: Plugins;
  readonly secrets: SecretBox;
  readonly sender: ChannelSender;
  readonly outbox: Outbox;
  readonly publicUrl: string | null;
  readonly siteLanguage: () => Promise<'th' | 'en'>;
  readonly words: (facts: AlertFacts, pluginId: string, language: 'th' | 'en') => RenderedNotice;
  /** Browsers that are told. */
  readonly pushAddresses: () => Promise<readonly string[]>;
}

export interface ChannelAddresses {
  /** Who a channel tells by itself: its own target (an empty text), or each address of its configuration. */
  readonly addressesOf: (
    channel: Pick<StoredChannel, 'config'>,
    plugin: AlertChannelPlugin,
  ) => Promise<readonly string[]>;
}

export const createAddresses = (
  secrets: SecretBox,
  pushAddresses: ChannelsDependencies['pushAddresses'],
): ChannelAddresses => ({
  async addressesOf({ config }, plugin) {
    if (plugin.address === null) return [''];
    if (plugin.address === 'push') return pushAddresses();
    return plugin.addresses?.(openConfig(plugin.fields, config, config, secrets)) ?? [];
  },
});

export function createChannels(dependencies: ChannelsDependencies): AlertChannels {
  const { store, plugins, secrets, sender, outbox, publicUrl, siteLanguage, words, pushAddresses } = dependencies;
  const { addressesOf } = createAddresses(secrets, pushAddresses);

  const missingOf = (channel: StoredChannel): readonly string[] => {
    const plugin = plugins.find('alertChannel', channel.plugin);
    if (plugin?.missing === undefined) return [];
    let config: ConfigOf<Fields>;
    try {
      config = openConfig(plugin.fields, channel.config, channel.config, secrets);
    } catch {
      // Its notices say what is wrong with it; the list, and the escalations that ask for it, go on.
      return [];
    }
    return plugin.missing(config, { publicUrl });
  };

  const shown = (channel: Omit<AlertChannel, 'missing'>): AlertChannel => ({
    ...channel,
    config: maskConfig(plugins.find('alertChannel', channel.plugin)?.fields ?? {}, channel.config),
    missing: missingOf(channel),
  });
  const shownOf = async (channelId: string): Promise<AlertChannel> => {
    const channel = (await store.channelStates()).find((one) => one.channelId === channelId);
    if (channel === undefined) throw new LprError('not_found', 'There is no such channel.');
    return shown(channel);
  };
  const found = async (channelId: string): Promise<StoredChannel> => {
    const channel = (await store.channels()).find((one) => one.channelId === channelId);
    if (channel === undefined) throw new LprError('not_found', 'There is no such channel.');
    return channel;
  };

  /** Checked and sealed. @throws invalid_input */
  const sealed = (
    plugin: AlertChannelPlugin,
    config: ChannelInput['config'],
    stored: ChannelInput['config'],
  ): Record<string, unknown> => {
    const made = sealConfig(plugin.fields, config, stored, secrets);
    const open: ConfigOf<Fields> = openConfig(plugin.fields, made, made, secrets);
    const problems = plugin.check?.(open) ?? [];
    if (problems.length === 0) return made;
    const all = problems.map(({ field, problem }) => `${field} ${problem}`).join('; ');
    throw new LprError('invalid_input', `The channel cannot be used: ${all}.`, { problems });
  };

  return {
    list: async () => (await store.channelStates()).map(shown),
    async create(input) {
      const config = sealed(sender.pluginOf(input), input.config, {});
      const { channelId } = await store.addChannel(randomUUID(), { ...input, config });
      await outbox.reload();
      return shownOf(channelId);
    },
    async update(channelId, change) {
      const before = await found(channelId);
      const config =
        change.config === undefined ? before.config : sealed(sender.pluginOf(before), change.config, before.config);
      const changed = await store.changeChannel(channelId, { ...before, ...change, plugin: before.plugin, config });
      if (changed === null) throw new LprError('not_found', 'There is no such channel.');
      await outbox.reload();
      return shownOf(channelId);
    },
    async remove(channelId) {
      await found(channelId);
      const uses = await store.channelUses(channelId);
      if (uses.length > 0) {
        const names = uses.map(({ what, name }) => `${what} "${name}"`).join(', ');
        throw new LprError('conflict', `The channel is named by ${names}: take it out there first.`, {
          problems: uses.map(({ what, name }) => ({ field: what, problem: name })),
        });
      }
      if (!(await store.removeChannel(channelId))) throw new LprError('not_found', 'There is no such channel.');
      await outbox.reload();
    },
    async test(channelId, to) {
      const channel = await found(channelId);
      const plugin = sender.pluginOf(channel);
      const language = channel.language ?? (await siteLanguage());
      const facts = testFacts(new Date(), publicUrl);
      const notice = noticeOf(randomUUID(), language, facts, words(facts, plugin.id, language), {
        ...{ hit: null, geofence: null },
      });
      const addresses = to === undefined ? await addressesOf(channel, plugin) : [to];
      if (addresses.length === 0) {
        throw new LprError('channel_rejected', 'The channel has nobody to tell: enter an address.');
      }
      for (const address of addresses) await sender.send(channel, notice, { to: address, attempt: 1, signal: null });
    },
    deadLetters: (channelId, limit) => store.dead(channelId, limit),
    async replay(choice) {
      const channelIds = await store.replay(choice);
      outbox.wake([...new Set(channelIds)]);
      return channelIds.length;
    },
    discard: (choice) => store.discard(choice),
  };
}
