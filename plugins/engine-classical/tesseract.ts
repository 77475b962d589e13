/**
 * Tesseract inside a worker of the hub's pool, offline, with the language data of its npm packages. tesseract.js's own
 * `createWorker` would start a second thread beside each of ours; this uses the same core directly.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { LprError } from '../../core/plugins/define.ts';
import type { Grey } from './sheet.ts';

export type Language = 'tha' | 'eng';
/** Tesseract's page segmentation mode 7. */
const SINGLE_LINE = '7';

export interface ReadSymbol {
  readonly char: string;
  readonly confidence: number;
  readonly alternatives: readonly { readonly char: string; readonly confidence: number }[];
}

export interface LineRead {
  readonly text: string;
  /** 0..1; 0 when nothing was read. */
  readonly confidence: number;
  readonly symbols: readonly ReadSymbol[];
}

interface Api {
  Init(dataPath: string, language: string, engineMode: number, config: string): number;
  SetVariable(name: string, value: string): boolean;
  SetImageFile(exif: number, angle: number): number;
  Recognize(monitor: null): number;
  GetJSONText(): string;
  MeanTextConf(): number;
}

interface Core {
  readonly FS: { writeFile(path: string, data: string | Uint8Array): void };
  readonly TessBaseAPI: new () => Api;
}

interface JsonSymbol {
  readonly text: string;
  readonly confidence: number;
  readonly choices?: readonly { readonly text: string; readonly confidence: number }[];
}
interface Json {
  readonly blocks: readonly {
    readonly paragraphs: readonly {
      readonly lines: readonly { readonly words: readonly { readonly symbols: readonly JsonSymbol[] }[] }[];
    }[];
  }[];
}

export interface Tesseract {
  /**
   * Reads one line of dark ink on a light sheet. An empty whitelist allows every letter of the language.
   * @param basis what the confidence is made of. The word's is the better judge of digits and of Thai; for a mix of Latin
   *   letters and digits it is 0 nearly always, and the mean of the symbols must do.
   */
  read(language: Language, image: Grey, whitelist: string, basis?: 'word' | 'symbols'): LineRead;
}

// Word lists only do harm: plates are not language.
const CONFIG = ['system', 'freq', 'punc', 'number', 'unambig', 'bigram']
  .map((list) => `load_${list}_dawg 0`)
  .join('\n');

let loading: Promise<Tesseract> | null = null;

/** @throws engine_unavailable when the core or its language data are not installed. */
export function loadTesseract(): Promise<Tesseract> {
  loading ??= start();
  return loading;
}

async function start(): Promise<Tesseract> {
  const require = createRequire(import.meta.url);
  const apis = new Map<Language, Api>();
  let core: Core;
  try {
    const fromTesseract = createRequire(require.resolve('tesseract.js/package.json'));
    const create = fromTesseract('tesseract.js-core/tesseract-core-simd-lstm') as (module: object) => Promise<Core>;
    // The core writes remarks about resolution to the console otherwise.
    core = await create({ print: () => undefined, printErr: () => undefined });
    core.FS.writeFile('/config', CONFIG);
    for (const language of ['tha', 'eng'] as const) {
      const packed = require.resolve(`@tesseract.js-data/${language}/4.0.0_best_int/${language}.traineddata.gz`);
      core.FS.writeFile(`/${language}.traineddata`, gunzipSync(await readFile(packed)));
      const api = new core.TessBaseAPI();
      if (api.Init('/', language, 1, '/config') !== 0) throw new Error(`the data of ${language} cannot be used`);
      api.SetVariable('debug_file', '/dev/null');
      api.SetVariable('user_defined_dpi', '150');
      apis.set(language, api);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LprError(
      'engine_unavailable',
      `Tesseract cannot be started: ${reason}. Install the packages again (npm run setup).`,
    );
  }

  return {
    read(language, image, whitelist, basis = 'word') {
      const api = apis.get(language);
      if (!api) throw new LprError('engine_failed', `Tesseract has no language ${language}.`);
      const head = Buffer.from(`P5\n${image.width} ${image.height}\n255\n`, 'latin1');
      core.FS.writeFile('/input', Buffer.concat([head, image.data]));
      api.SetVariable('tessedit_pageseg_mode', SINGLE_LINE);
      api.SetVariable('tessedit_char_whitelist', whitelist);
      if (api.SetImageFile(1, 0) !== 0) throw new LprError('engine_failed', 'Tesseract refused the picture of a line.');
      api.Recognize(null);
      const symbols = (JSON.parse(api.GetJSONText()) as Json).blocks
        .flatMap((block) => block.paragraphs)
        .flatMap((paragraph) => paragraph.lines)
        .flatMap((line) => line.words)
        .flatMap((word) => word.symbols)
        .map(toSymbol)
        .filter(({ char }) => char !== '');
      return {
        text: symbols.map(({ char }) => char).join(''),
        confidence:
          symbols.length === 0
            ? 0
            : basis === 'word'
              ? Math.max(0, api.MeanTextConf()) / 100
              : symbols.reduce((sum, { confidence }) => sum + confidence, 0) / symbols.length,
        symbols,
      };
    },
  };
}

const letters = (text: string): string => text.normalize('NFC').replace(/[^\p{L}\p{M}\p{Nd}]/gu, '');

const toSymbol = ({ text, confidence, choices = [] }: JsonSymbol): ReadSymbol => {
  const char = letters(text);
  return {
    char,
    confidence: Math.min(1, Math.max(0, confidence / 100)),
    alternatives: choices
      .map((choice) => ({ char: letters(choice.text), confidence: Math.min(1, Math.max(0, choice.confidence / 100)) }))
      .filter((choice) => choice.char !== '' && choice.char !== char),
  };
};
