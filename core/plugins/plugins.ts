/** The loader: finds `plugins/<name>/plugin.ts`, reads its words, and lists plugins by kind and id. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorMessage } from '../errors.ts';
import type { Fields } from '../fields.ts';
import type {
  AlertChannelPlugin,
  CameraProtocolPlugin,
  ConnectorPlugin,
  DeviceFormatPlugin,
  ListSourcePlugin,
  OcrEnginePlugin,
  Plugin,
  PluginKind,
} from './define.ts';
import type { AddressKind } from './alert-channel.ts';

export interface PluginWords {
  readonly name: string;
  readonly description: string;
  /** Of an alert channel: what keeps it from all it could do, by the keys that its `missing` gives. */
  readonly missing?: Readonly<Record<string, string>>;
  readonly field?: Readonly<
    Record<
      string,
      { readonly label: string; readonly help?: string; readonly option?: Readonly<Record<string, string>> }
    >
  >;
}

/** A plugin as forms see it: no code, no secrets. */
export interface PluginInfo {
  readonly id: string;
  readonly kind: PluginKind;
  readonly fields: Fields;
  /** Of a connector: what its form can say beside a settled detection. */
  readonly tells?: readonly ('provisional' | 'updates')[];
  /** Of an alert channel: which of a person's addresses it sends to; null: a target of its own. */
  readonly address?: AddressKind | null;
  /** Of an alert channel: characters that it carries; null: as long as it likes. */
  readonly maxText?: number | null;
  readonly words: { readonly en: PluginWords; readonly th: PluginWords };
}

interface ByKind {
  ocrEngine: OcrEnginePlugin;
  cameraProtocol: CameraProtocolPlugin;
  alertChannel: AlertChannelPlugin;
  deviceFormat: DeviceFormatPlugin;
  connector: ConnectorPlugin;
  listSource: ListSourcePlugin;
}

export interface Plugins {
  list(kind: PluginKind): readonly PluginInfo[];
  /** Every plugin of a kind, by id. */
  all<K extends PluginKind>(kind: K): readonly ByKind[K][];
  /** Null when no plugin of that kind has this id. */
  find<K extends PluginKind>(kind: K, id: string): ByKind[K] | null;
  /** Folders that could not be loaded, with the reason; shown on the console, never swallowed. */
  readonly failures: readonly { readonly folder: string; readonly message: string }[];
}

interface Loaded {
  readonly plugin: Plugin;
  readonly info: PluginInfo;
}

const KINDS: readonly string[] = [
  'ocrEngine',
  'cameraProtocol',
  'alertChannel',
  'deviceFormat',
  'connector',
  'listSource',
] satisfies PluginKind[];

function missingWords(words: PluginWords, fields: Fields, language: string): string | null {
  const missing = [
    ...(['name', 'description'] as const).filter((key) => !words[key]),
    ...Object.entries(fields).flatMap(([key, field]) => {
      const known = words.field?.[key];
      if (!known?.label) return [`field.${key}.label`];
      if (field.kind !== 'choice') return [];
      return (field.options ?? [])
        .filter((option) => !known.option?.[option])
        .map((option) => `field.${key}.option.${option}`);
    }),
  ];
  return missing.length === 0 ? null : `${language}.json lacks ${missing.join(', ')}`;
}

/** Of fields that the hub adds to a form. */
async function withWordsOf(added: 'live' | 'reach', own: PluginWords, language: string): Promise<PluginWords> {
  const file = join(import.meta.dirname, `${added}-fields.${language}.json`);
  const words = JSON.parse(await readFile(file, 'utf8')) as NonNullable<PluginWords['field']>;
  return { ...own, field: { ...own.field, ...words } };
}

const addedTo = (plugin: Plugin): 'live' | 'reach' | null => {
  if ('isLive' in plugin && plugin.isLive === true) return 'live';
  return 'isAnywhere' in plugin && plugin.isAnywhere === true ? 'reach' : null;
};

async function loadPlugin(folder: string): Promise<Loaded> {
  const module = (await import(pathToFileURL(join(folder, 'plugin.ts')).href)) as { default?: Plugin };
  const plugin = module.default;
  if (!plugin || !KINDS.includes(plugin.kind)) {
    throw new Error('plugin.ts has no default export made by one of the define… functions');
  }
  const read = async (language: string): Promise<PluginWords> => {
    const own = JSON.parse(await readFile(join(folder, `${language}.json`), 'utf8')) as PluginWords;
    const added = addedTo(plugin);
    const words = added === null ? own : await withWordsOf(added, own, language);
    const missing = missingWords(words, plugin.fields, language);
    if (missing !== null) throw new Error(missing);
    return words;
  };
  const [en, th] = await Promise.all([read('en-US'), read('th')]);
  const { id, kind, fields } = plugin;
  const own =
    plugin.kind === 'connector'
      ? { tells: plugin.tells ?? [] }
      : plugin.kind === 'alertChannel'
        ? { address: plugin.address, maxText: plugin.maxText ?? null }
        : {};
  return { plugin, info: { id, kind, fields, ...own, words: { en, th } } };
}

/** @param folder `plugins/`; a folder in it without `plugin.ts` counts as a failure too */
export async function loadPlugins(folder: string): Promise<Plugins> {
  const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const failures: { folder: string; message: string }[] = [];
  const byKey = new Map<string, Loaded>();
  const results = await Promise.allSettled(names.map((entry) => loadPlugin(join(folder, entry.name))));
  for (const [index, result] of results.entries()) {
    const name = names[index]?.name ?? '';
    if (result.status === 'rejected') {
      failures.push({ folder: name, message: errorMessage(result.reason) });
      continue;
    }
    const { kind, id } = result.value.plugin;
    const key = `${kind}:${id}`;
    if (byKey.has(key)) failures.push({ folder: name, message: `another ${kind} has the id ${id} already` });
    else byKey.set(key, result.value);
  }
  return {
    list: (kind) => [...byKey.values()].map(({ info }) => info).filter((info) => info.kind === kind),
    all: <K extends PluginKind>(kind: K) =>
      [...byKey.values()]
        .map(({ plugin }) => plugin)
        .filter((plugin) => plugin.kind === kind)
        .sort((a, b) => a.id.localeCompare(b.id)) as unknown as readonly ByKind[K][],
    find: <K extends PluginKind>(kind: K, id: string) =>
      (byKey.get(`${kind}:${id}`)?.plugin ?? null) as ByKind[K] | null,
    failures,
  };
}
