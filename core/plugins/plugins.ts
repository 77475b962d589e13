/** The loader: finds `plugins/<name>/plugin.ts`, reads its words, and lists plugins by kind and id. */
import type { Fields } from '../fields.ts';
import type { AlertChannelPlugin, CameraProtocolPlugin, OcrEnginePlugin, Plugin, PluginKind } from './define.ts';

export interface PluginWords {
  readonly name: string;
  readonly description: string;
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
  readonly words: { readonly en: PluginWords; readonly th: PluginWords };
}

type ByKind = { ocrEngine: OcrEnginePlugin; cameraProtocol: CameraProtocolPlugin; alertChannel: AlertChannelPlugin };

export interface Plugins {
  list(kind: PluginKind): readonly PluginInfo[];
  /** Null when no plugin of that kind has this id. */
  find<K extends PluginKind>(kind: K, id: string): ByKind[K] | null;
  /** Folders that could not be loaded, with the reason; shown on the console, never swallowed. */
  readonly failures: readonly { readonly folder: string; readonly message: string }[];
}

export type { Plugin };
