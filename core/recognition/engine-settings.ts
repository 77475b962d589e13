/** What people chose for the engines: each one's configuration, and which one stands for "the default". */
import { LprError } from '../errors.ts';
import type { ConfigOf, Fields } from '../fields.ts';
import type { OcrEnginePlugin } from '../plugins/define.ts';
import { maskConfig, openConfig, sealConfig } from '../sealed-config.ts';
import type { SecretBox } from '../secrets.ts';

export interface StoredEngineSettings {
  readonly engineId: string;
  /** Sealed. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly isDefault: boolean;
}

export interface EngineSettingsStore {
  list(): Promise<readonly StoredEngineSettings[]>;
  saveConfig(engineId: string, config: Readonly<Record<string, unknown>>): Promise<void>;
  /** No engine but this one is the default afterwards. */
  makeDefault(engineId: string): Promise<void>;
}

export interface EngineSettings {
  /** Null: nobody has chosen one. */
  defaultEngine(): Promise<string | null>;
  /** Checked, secrets open. @throws invalid_input with every fault, by field */
  configOf<F extends Fields>(plugin: OcrEnginePlugin<F>): Promise<ConfigOf<F>>;
  /** As it may be shown. */
  shown(plugin: OcrEnginePlugin): Promise<Readonly<Record<string, unknown>>>;
  /** @throws invalid_input with every fault, by field */
  save(plugin: OcrEnginePlugin, raw: Readonly<Record<string, unknown>>): Promise<void>;
  makeDefault(engineId: string): Promise<void>;
}

export function createEngineSettings(store: EngineSettingsStore, box: SecretBox): EngineSettings {
  // Asked for with every picture: kept until something changes.
  let known: Promise<readonly StoredEngineSettings[]> | null = null;
  const forget = (): void => {
    known = null;
  };
  const all = (): Promise<readonly StoredEngineSettings[]> => {
    if (known === null) {
      known = store.list();
      known.catch(forget);
    }
    return known;
  };
  const stored = async (engineId: string): Promise<Readonly<Record<string, unknown>>> =>
    (await all()).find((one) => one.engineId === engineId)?.config ?? {};
  return {
    defaultEngine: async () => (await all()).find(({ isDefault }) => isDefault)?.engineId ?? null,
    async configOf(plugin) {
      const config = await stored(plugin.id);
      try {
        return openConfig(plugin.fields, config, config, box);
      } catch (error) {
        // An engine that wants a configuration and has none is no fault of whoever asks it to read.
        throw new LprError(
          'engine_unavailable',
          `The engine "${plugin.id}" is not configured yet: fill in its form under Settings, Recognition.`,
          { engine: plugin.id },
          error,
        );
      }
    },
    shown: async (plugin) => maskConfig(plugin.fields, await stored(plugin.id)),
    async save(plugin, raw) {
      await store.saveConfig(plugin.id, sealConfig(plugin.fields, raw, await stored(plugin.id), box));
      forget();
    },
    async makeDefault(engineId) {
      await store.makeDefault(engineId);
      forget();
    },
  };
}
