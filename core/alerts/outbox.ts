/** Everybody's way out: a lane for each channel that is switched on, woken by the news, by this process, and each second. */
import { errorMessage } from '../errors.ts';
import type { News } from '../news.ts';
import type { AlertChannelPlugin, Log } from '../plugins/define.ts';
import type { Delivery, DeliveryStore } from './alert-store.ts';
import type { StoredChannel } from './channels.ts';
import { startLane, type DeliveryLane, type Patience } from './delivery-lane.ts';

export interface OutboxDependencies {
  readonly store: DeliveryStore;
  readonly news: Pick<News, 'on'>;
  readonly log: Log;
  readonly patience: Patience;
  /** Null: a plugin that is not there any more. */
  readonly plugin: (id: string) => AlertChannelPlugin | null;
  /** Who a channel tells by itself; each is one delivery. Empty: nobody. */
  readonly addressesOf: (channel: StoredChannel, plugin: AlertChannelPlugin) => Promise<readonly string[]>;
  readonly send: (channel: StoredChannel, delivery: Delivery, signal: AbortSignal) => Promise<void>;
}

export interface OpenChannel {
  readonly channel: StoredChannel;
  readonly addresses: readonly string[];
}

export interface Outbox {
  /** In memory; null when it is switched off or was removed. */
  open(channelId: string): OpenChannel | null;
  wake(channelIds: readonly string[]): void;
  /** Takes channels as they are now. */
  reload(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Running extends OpenChannel {
  readonly lane: DeliveryLane;
}

export function createOutbox(dependencies: OutboxDependencies): Outbox {
  const { store, news, log, patience, plugin: pluginOf, addressesOf, send } = dependencies;
  const lanes = new Map<string, Running>();
  let isRunning = false;
  let changing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let forget: (() => void) | undefined;
  let isAsking = false;
  /** A load failed: the next look tries again. */
  let isStale = false;

  const isSame = (a: StoredChannel, b: StoredChannel): boolean => JSON.stringify(a) === JSON.stringify(b);

  const take = async (): Promise<void> => {
    const all = isRunning ? await store.channels() : [];
    isStale = false;
    const wanted = new Map(all.filter(({ enabled }) => enabled).map((channel) => [channel.channelId, channel]));
    for (const [channelId, { lane, channel }] of lanes) {
      const now = wanted.get(channelId);
      if (now !== undefined && isSame(now, channel)) continue;
      lanes.delete(channelId);
      await lane.stop();
    }
    for (const [channelId, channel] of wanted) {
      const plugin = pluginOf(channel.plugin);
      if (plugin === null) continue;
      const addresses = await addressesOf(channel, plugin).catch((error: unknown) => {
        // Its notices fail one by one and say why; the other channels are not touched.
        log.error({ channelId, err: errorMessage(error) }, 'an alert channel cannot be read: enter its secrets again');
        return [''];
      });
      const known = lanes.get(channelId);
      const lane =
        known?.lane ??
        startLane({
          ...{ channelId, perMinute: channel.perMinute, plugin, store, log, patience },
          send: (delivery, signal) => send(channel, delivery, signal),
        });
      lanes.set(channelId, { channel, addresses, lane });
    }
  };
  const reload = (): Promise<void> => {
    const next = changing.then(take);
    // One that fails is told to who asked for it and holds up nobody else.
    changing = next.catch(() => {
      isStale = true;
    });
    return next;
  };
  const wake = (channelIds: readonly string[]): void => {
    for (const channelId of channelIds) lanes.get(channelId)?.lane.wake();
  };

  /** What is due by its time, and what other processes left. */
  const ask = async (): Promise<void> => {
    if (isAsking || !isRunning) return;
    isAsking = true;
    try {
      if (isStale) await reload();
      wake(await store.due());
    } catch (error) {
      log.error({ err: errorMessage(error) }, 'the alert outbox could not be read; trying again');
    } finally {
      isAsking = false;
    }
  };

  return {
    open: (channelId) => lanes.get(channelId) ?? null,
    wake,
    reload,
    async start() {
      isRunning = true;
      forget = news.on('channels', (subject) => {
        const [what, channelId = ''] = (subject ?? 'changed').split(' ');
        if (what === 'due') wake([channelId]);
        else {
          reload().catch((error: unknown) => {
            log.error({ err: errorMessage(error) }, 'alert channels could not be loaded; those known stay in force');
          });
        }
      });
      await reload();
      timer = setInterval(() => void ask(), patience.pollMs).unref();
      void ask();
    },
    async stop() {
      isRunning = false;
      clearInterval(timer);
      forget?.();
      await changing;
      await Promise.all([...lanes.values()].map(({ lane }) => lane.stop()));
      lanes.clear();
    },
  };
}
