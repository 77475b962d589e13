import type { Plugin, PluginKind } from '../core/plugins/define.ts';
import type { PluginInfo, Plugins } from '../core/plugins/plugins.ts';

/** The given plugins, without folders and words. */
export function pluginsOf(...all: readonly Plugin[]): Plugins {
  const words = { name: '', description: '' };
  const info = ({ id, kind, fields }: Plugin): PluginInfo => ({ id, kind, fields, words: { en: words, th: words } });
  return {
    list: (kind: PluginKind) => all.filter((plugin) => plugin.kind === kind).map(info),
    all: ((kind: PluginKind) => all.filter((plugin) => plugin.kind === kind)) as unknown as Plugins['all'],
    find: ((kind: PluginKind, id: string) =>
      all.find((plugin) => plugin.kind === kind && plugin.id === id) ?? null) as Plugins['find'],
    failures: [],
  };
}
