/**
 * `npm run -s read -- [--engine NAME] [--crop] [--json] [--files LIST] FILE…` reads pictures, no database needed.
 * With `--json` standard output holds one JSON object per file and nothing else. Exit code 1: some file could not be read;
 * 2: the command was wrong.
 */
import { readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LprError, errorCode, errorMessage } from '../core/errors.ts';
import { MAX_IMAGE_BYTES } from '../core/images/images.ts';
import { formatPlate, provinceByCode } from '../core/plates/plates.ts';
import type { Log } from '../core/plugins/define.ts';
import { loadPlugins } from '../core/plugins/plugins.ts';
import {
  createComputePool,
  createRecogniser,
  type Recogniser,
  type Recognised,
} from '../core/recognition/recognition.ts';

const USAGE = 'Usage: npm run -s read -- [--engine NAME] [--crop] [--json] [--files LIST] FILE…';

interface Options {
  readonly engine: string;
  readonly crop: boolean;
  readonly json: boolean;
  readonly files: readonly string[];
}

/** The line of one file under `--json`. */
interface FileLine {
  readonly file: string;
  readonly reads?: readonly {
    readonly text: string;
    readonly province: string | null;
    readonly country: string | null;
    readonly box: readonly number[];
    readonly confidence: number;
  }[];
  readonly error?: string;
  readonly ms: number;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (fields, message) => {
    say(`warning: ${message} ${JSON.stringify(fields)}`);
  },
  error: (fields, message) => {
    say(`error: ${message} ${JSON.stringify(fields)}`);
  },
};

/** Relative names count from where npm was called: npm itself runs scripts in the project's folder. */
const fromCaller = (name: string): string => (isAbsolute(name) ? name : resolve(process.env['INIT_CWD'] ?? '.', name));

/** @throws what is wrong with the command line */
async function parseCommand(): Promise<Options> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      engine: { type: 'string', default: '' },
      crop: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      files: { type: 'string' },
    },
  });
  const listed =
    values.files === undefined
      ? []
      : (await readFile(fromCaller(values.files), 'utf8')).split(/\r?\n/).filter((name) => name.trim() !== '');
  const files = [...positionals, ...listed];
  if (files.length === 0) throw new Error('No file is named.');
  return { engine: values.engine, crop: values.crop, json: values.json, files };
}

async function load(file: string): Promise<Buffer> {
  const path = fromCaller(file);
  const { size } = await stat(path);
  if (size > MAX_IMAGE_BYTES) {
    throw new LprError('image_too_large', `The file has ${size} bytes; at most ${MAX_IMAGE_BYTES} are taken.`);
  }
  return readFile(path);
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

async function readOne(recogniser: Recogniser, file: string, { engine, crop }: Options): Promise<FileLine> {
  const start = performance.now();
  const ms = (): number => round(performance.now() - start, 1);
  try {
    const bytes = await load(file);
    const request = { engine, crop, countries: [], minPlateHeight: 12, maxPlates: 16 };
    const found = await recogniser.recognise(bytes, request, new AbortController().signal);
    return { file, reads: found.map(readOf), ms: ms() };
  } catch (error) {
    const code = errorCode(error);
    const message = errorMessage(error);
    return { file, error: code === 'internal' ? message : `${code}: ${message}`, ms: ms() };
  }
}

const readOf = ({ located, read }: Recognised): NonNullable<FileLine['reads']>[number] => ({
  text: read.plateNumber,
  province: provinceByCode(read.issuingEntity)?.nameTh ?? null,
  country: read.countryCode,
  box: located.box,
  confidence: round(Math.min(located.confidence, read.confidence), 4),
});

function forPeople({ file, reads = [], error, ms }: FileLine): string {
  if (error !== undefined) return `${file}: ${error}`;
  const plates = reads.filter(({ text }) => text !== '');
  if (plates.length === 0) return `${file}: no plate (${ms} ms)`;
  return plates
    .map(({ text, province, country, confidence }) => {
      const parts = { plateNumber: text, series: null, serial: null, plateType: null };
      const where = [province, country].filter((part) => part !== null).join(', ');
      return `${file}: ${formatPlate(parts)}${where === '' ? '' : ` (${where})`} ${(confidence * 100).toFixed(0)} %, ${ms} ms`;
    })
    .join('\n');
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = await parseCommand();
  } catch (error) {
    say(`${errorMessage(error)}\n${USAGE}`);
    return 2;
  }
  const plugins = await loadPlugins(fileURLToPath(new URL('../plugins', import.meta.url)));
  for (const { folder, message } of plugins.failures) say(`warning: plugin ${folder} was left out: ${message}`);
  const compute = createComputePool({ size: availableParallelism(), log });
  const recogniser = createRecogniser({ plugins, compute, log });
  try {
    await recogniser.engineId(options.engine);
  } catch (error) {
    say(errorMessage(error));
    await compute.close();
    return 2;
  }

  // As many files at once as there are workers; lines come in the order of the files all the same.
  const failures: string[] = [];
  let next = 0;
  let printed = 0;
  const done = new Map<number, FileLine>();
  const print = (): void => {
    for (let line = done.get(printed); line; line = done.get(printed)) {
      process.stdout.write(`${options.json ? JSON.stringify(line) : forPeople(line)}\n`);
      done.delete(printed);
      printed += 1;
    }
  };
  const work = async (): Promise<void> => {
    for (let index = next++; index < options.files.length; index = next++) {
      const line = await readOne(recogniser, options.files[index] ?? '', options);
      if (line.error !== undefined) failures.push(line.file);
      done.set(index, line);
      print();
    }
  };
  await Promise.all(Array.from({ length: compute.size }, work));
  await recogniser.close();
  await compute.close();
  return failures.length > 0 ? 1 : 0;
}

process.exitCode = await main();
