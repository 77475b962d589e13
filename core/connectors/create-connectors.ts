import { randomUUID } from 'node:crypto';
import { errorCode, errorMessage, LprError } from '../errors.ts';
import type { Events } from '../events.ts';
import type { ImageStore } from '../images/images.ts';
import type { ConnectorDetection, ConnectorPlugin, Log } from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import { maskConfig, openConfig, sealConfig } from '../sealed-config.ts';
import type { SecretBox } from '../secrets.ts';
import type { ConnectorStore, StoredConnector } from './connector-store.ts';
import type { Connector, ConnectorInput, Connectors } from './connectors.ts';
import { PATIENCE, startLane, type DeliveryLane, type Patience } from './delivery-lane.ts';
import { testDetection } from './outgoing.ts';
import { post } from './post.ts';

export interface ConnectorsDependencies {
  readonly store: ConnectorStore;
  readonly plugins: Plugins;
  readonly secrets: SecretBox;
  readonly events: Events;
  readonly images: Pick<ImageStore, 'read'>;
  readonly log: Log;
  readonly publicUrl: string | null;
  readonly siteZone: () => Promise<string>;
  readonly patience?: Partial<Patience>;
}

const SEND_MS = 20_000;
/** Settled detections are told of together, so that a busy road does not ask the database for each. */
const HASTEN_MS = 200;
/** What was sent is remembered this long: corrections are told again, and a flow that runs twice sends once. */
const KEPT_MS = 7 * 24 * 3_600_000;
const PRUNE_MS = 3_600_000;

type Sender = Pick<ConnectorInput, 'plugin' | 'config' | 'allowPrivate'>;

export function createConnectors({
  store,
  plugins,
  secrets,
  events,
  images,
  log,
  publicUrl,
  siteZone,
  patience: ownPatience = {},
}: ConnectorsDependencies): Connectors {
  const patience = { ...PATIENCE, ...ownPatience };
  const lanes = new Map<string, DeliveryLane>();
  const settled = new Set<string>();
  let isRunning = false;
  let hastening: NodeJS.Timeout | undefined;
  let pruning: NodeJS.Timeout | undefined;
  let forget: readonly (() => void)[] = [];
  /** One change of lanes at a time. */
  let changing: Promise<void> = Promise.resolve();

  const pluginOf = ({ plugin: id }: Pick<Sender, 'plugin'>): ConnectorPlugin => {
    const plugin = plugins.find('connector', id);
    if (plugin !== null) return plugin;
    throw new LprError('connector_unknown', `There is no connector plugin "${id}".`, {
      problems: [{ field: 'plugin', problem: 'is none that the hub knows' }],
    });
  };

  const masked = (connector: StoredConnector): Connector => ({
    ...connector,
    config: maskConfig(plugins.find('connector', connector.plugin)?.fields ?? {}, connector.config),
  });

  const found = async (connectorId: string): Promise<StoredConnector> => {
    const connector = await store.find(connectorId);
    if (connector === null) throw new LprError('not_found', 'There is no such connector.');
    return connector;
  };

  /** Forms that cannot say it would only repeat themselves. @throws invalid_input */
  const checked = (plugin: ConnectorPlugin, input: ConnectorInput): void => {
    const tells = plugin.tells ?? [];
    const problems = (['provisional', 'updates'] as const)
      .filter((key) => input[key] && !tells.includes(key))
      .map((field) => ({ field, problem: 'cannot be said in this form: switch it off' }));
    if (problems.length === 0) return;
    const all = problems.map(({ field, problem }) => `${field} ${problem}`).join('; ');
    throw new LprError('invalid_input', `The connector cannot be used: ${all}.`, { problems });
  };

  const picture = async (imageId: string): Promise<Uint8Array | null> => {
    try {
      return await images.read(imageId);
    } catch (error) {
      // Its time was over before it could be told: the rest is told without it.
      if (['not_found', 'image_removed'].includes(errorCode(error))) return null;
      throw error;
    }
  };

  const send = async (
    { plugin: id, config: sealed, allowPrivate }: Sender,
    detection: ConnectorDetection,
    outer: AbortSignal | null,
  ): Promise<void> => {
    const plugin = pluginOf({ plugin: id });
    const limit = AbortSignal.timeout(SEND_MS);
    const signal = outer === null ? limit : AbortSignal.any([outer, limit]);
    const config = openConfig(plugin.fields, sealed, sealed, secrets);
    await plugin.send(detection, {
      ...{ config, signal, picture },
      timeZone: await siteZone(),
      post: (url, request) => post(url, request, { allowPrivate, signal }),
    });
  };

  const restart = (connectorId: string): Promise<void> => {
    const next = changing.then(async () => {
      await lanes.get(connectorId)?.stop();
      lanes.delete(connectorId);
      const connector = isRunning ? await store.find(connectorId) : null;
      if (connector?.enabled !== true) return;
      lanes.set(
        connectorId,
        startLane({
          ...{ connectorId, connector, store, log, publicUrl, patience },
          send: (detection, signal) => send(connector, detection, signal),
        }),
      );
    });
    // One that fails is told to who asked for it and holds up nobody else.
    changing = next.catch(() => undefined);
    return next;
  };

  const wakeAll = (): void => {
    for (const lane of lanes.values()) lane.wake();
  };

  /** They are due by their time anyway; this only makes it sooner. */
  const hasten = (): void => {
    hastening ??= setTimeout(() => {
      hastening = undefined;
      const ids = [...settled];
      settled.clear();
      if (ids.length === 0) {
        wakeAll();
        return;
      }
      store
        .hasten([...lanes.keys()], ids)
        .then(wakeAll)
        .catch((error: unknown) => {
          log.warn({ err: errorMessage(error) }, 'settled detections are told a little later');
        });
    }, HASTEN_MS).unref();
  };

  const prune = (): void => {
    store.prune(new Date(Date.now() - KEPT_MS)).catch((error: unknown) => {
      log.warn({ err: errorMessage(error) }, 'old deliveries could not be forgotten; trying again in an hour');
    });
  };

  return {
    list: async () => (await store.list()).map(masked),
    async create(input) {
      const plugin = pluginOf(input);
      checked(plugin, input);
      const config = sealConfig(plugin.fields, input.config, {}, secrets);
      const connector = await store.add(randomUUID(), { ...input, config });
      await restart(connector.connectorId);
      return masked(connector);
    },
    async update(connectorId, change) {
      const before = await found(connectorId);
      const plugin = pluginOf(before);
      const config =
        change.config === undefined ? before.config : sealConfig(plugin.fields, change.config, before.config, secrets);
      const input = { ...before, ...change, config };
      checked(plugin, input);
      const connector = await store.change(connectorId, input);
      if (connector === null) throw new LprError('not_found', 'There is no such connector.');
      await restart(connectorId);
      return masked(connector);
    },
    async remove(connectorId) {
      if (!(await store.remove(connectorId))) throw new LprError('not_found', 'There is no such connector.');
      await restart(connectorId);
    },
    async test(connectorId) {
      await send(await found(connectorId), testDetection(new Date(), publicUrl), null);
    },
    async dead(connectorId, limit) {
      await found(connectorId);
      return store.dead(connectorId, limit);
    },
    async replay(connectorId, detectionIds) {
      await found(connectorId);
      const count = await store.replay(connectorId, detectionIds);
      lanes.get(connectorId)?.wake();
      return count;
    },
    async discard(connectorId, detectionIds) {
      await found(connectorId);
      return store.discard(connectorId, detectionIds);
    },
    async hand(connectorId, detectionId) {
      const connector = await store.find(connectorId);
      if (connector === null) {
        throw new LprError('connector_unknown', 'The connector was removed: choose another one in the send node.');
      }
      if (!connector.enabled) return 'off';
      await store.queue(connectorId, detectionId);
      hasten();
      return 'queued';
    },
    async start() {
      isRunning = true;
      const told = ({ detectionId, status }: { readonly detectionId: string; readonly status: string }): void => {
        if (lanes.size === 0) return;
        if (status !== 'provisional') settled.add(detectionId);
        hasten();
      };
      forget = [events.on('detection.created', told), events.on('detection.updated', told)];
      const all = await store.list();
      // What was settled while nobody listened.
      await store.hasten(
        all.map(({ connectorId }) => connectorId),
        'all',
      );
      for (const { connectorId } of all) await restart(connectorId);
      pruning = setInterval(prune, PRUNE_MS);
      pruning.unref();
      prune();
    },
    async stop() {
      isRunning = false;
      for (const stopListening of forget) stopListening();
      clearInterval(pruning);
      clearTimeout(hastening);
      await changing;
      await Promise.all([...lanes.values()].map((lane) => lane.stop()));
      lanes.clear();
    },
  };
}
