/** `npm run -s bench -- NAME [--json] [--data DIR] [--key value]…` runs one benchmark; without a name it lists them. */
import { readdir } from 'node:fs/promises';
import { errorMessage } from '../core/errors.ts';
import type { Bench } from './bench.ts';
import { platesFolder } from './plates-data.ts';

/** A benchmark is a file here whose default export has the shape of one. */
async function benches(): Promise<ReadonlyMap<string, Bench>> {
  const found = new Map<string, Bench>();
  const files = await readdir(new URL('.', import.meta.url));
  for (const file of files.sort()) {
    if (!/^[a-z0-9-]+\.ts$/.test(file) || file === 'run.ts') continue;
    const { default: bench } = (await import(new URL(file, import.meta.url).href)) as { default?: Partial<Bench> };
    if (bench?.about !== undefined && bench.run !== undefined) found.set(file.slice(0, -3), bench as Bench);
  }
  return found;
}

interface Command {
  readonly name: string | null;
  readonly json: boolean;
  readonly data: string | undefined;
  readonly args: Readonly<Record<string, string>>;
}

function parseCommand(words: readonly string[]): Command {
  let name: string | null = null;
  let json = false;
  const args: Record<string, string> = {};
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--json') json = true;
    else if (word.startsWith('--')) {
      const [key = '', inline] = word.slice(2).split(/=(.*)/s);
      const value = inline ?? words[++i];
      if (value === undefined) throw new Error(`${word} wants a value.`);
      args[key] = value;
    } else if (name === null) name = word;
    else throw new Error(`One benchmark at a time: "${word}" is left over.`);
  }
  return { name, json, data: args['data'], args };
}

async function main(): Promise<number> {
  const known = await benches();
  const list = (write: (line: string) => void): void => {
    for (const [name, { about }] of known) write(`${name.padEnd(16)} ${about}`);
  };
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  const put = (line: string): void => void process.stdout.write(`${line}\n`);
  let command: Command;
  try {
    command = parseCommand(process.argv.slice(2));
  } catch (error) {
    tell(errorMessage(error));
    return 2;
  }
  const { name, json, args } = command;
  if (name === null) {
    list(put);
    return 0;
  }
  const bench = known.get(name);
  if (!bench) {
    tell(`There is no benchmark "${name}". There are:`);
    list(tell);
    return 2;
  }
  const data = platesFolder(command.data);
  if (command.data !== undefined && data === null) {
    tell(`--data ${command.data}: no manifest.jsonl lies there.`);
    return 2;
  }
  const print = json ? tell : put;
  try {
    const { figures, targets } = await bench.run({ data, args, print });
    for (const [key, target] of Object.entries(targets)) {
      const value = figures[key] ?? NaN;
      const met = 'min' in target ? value >= target.min : value <= target.max;
      print(`${met ? 'met   ' : 'missed'} ${key}: ${value} (${JSON.stringify(target)})`);
    }
    if (json) put(JSON.stringify({ bench: name, figures, targets }));
    return 0;
  } catch (error) {
    tell(errorMessage(error));
    return 1;
  }
}

process.exitCode = await main();
