/**
 * `npm run -s import -- reads.csv --user NAME` sends old reads to a hub, in batches; run again, it adds what is missing.
 * Exit code 0: all are stored; 1: some were refused, or the hub ended it; 2: the command was wrong.
 */
import { createReadStream } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import type { ImportAnswer } from '../core/api/contract.ts';
import { errorMessage } from '../core/errors.ts';
import { importLines, type ImportEncoding, type ImportLine } from '../core/ingest/import-lines.ts';

const USAGE = `usage: npm run -s import -- FILE --user NAME [options]

FILE holds one read a line: NDJSON, or CSV with a header. Fields: plate, capturedAt, camera (its name or id), and where known
province, country, confidence (0 to 1), id (the old system's own), label, picture (a file beside FILE, or an address).
The password comes from LPR_PASSWORD, or is asked for.

  --url URL          the hub; default http://127.0.0.1:3000
  --camera NAME      of lines that name none
  --format FORMAT    ndjson or csv; default: by the ending of FILE
  --encoding NAME    utf-8 (default) or windows-874
  --help             this
`;

/** A batch ends at the first of the two; a request that takes long is cut off by servers in between. */
const BATCH_LINES = 5_000;
const BATCH_BYTES = 24 * 1024 * 1024;
const PICTURE_MS = 10_000;

const tell = (line: string): void => void process.stderr.write(`${line}\n`);
function fail(message: string): never {
  tell(`${message}\n\nnpm run -s import -- --help lists the options.`);
  process.exit(2);
}

interface Command {
  readonly file: string;
  readonly url: string;
  readonly user: string;
  readonly camera: string | undefined;
  readonly format: 'ndjson' | 'csv';
  readonly encoding: ImportEncoding;
}

function readCommand(): Command {
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        ...{ url: { type: 'string', default: 'http://127.0.0.1:3000' }, user: { type: 'string' } },
        ...{ camera: { type: 'string' }, format: { type: 'string' }, encoding: { type: 'string', default: 'utf-8' } },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    fail(errorMessage(error));
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) fail('One file, please.');
  const format = values.format ?? (extname(file).toLowerCase() === '.csv' ? 'csv' : 'ndjson');
  if (format !== 'ndjson' && format !== 'csv') fail('--format is ndjson or csv.');
  const { encoding, user, camera } = values;
  if (encoding !== 'utf-8' && encoding !== 'windows-874') fail('--encoding is utf-8 or windows-874.');
  if (user === undefined) fail('--user is missing: whose name the import runs under.');
  if (!URL.canParse(values.url)) fail('--url must be an address such as http://127.0.0.1:3000.');
  // npm runs scripts in the project's folder; the file counts from where the command was given.
  const from = process.env['INIT_CWD'] ?? process.cwd();
  return { file: resolve(from, file), user, camera, format, encoding, url: values.url.replace(/\/+$/, '') };
}

async function signIn({ url, user }: Command): Promise<string> {
  let password = process.env['LPR_PASSWORD'];
  if (password === undefined) {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    password = await terminal.question(`Password of ${user}: `);
    terminal.close();
  }
  const answer = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: user, password }),
  });
  if (!answer.ok) throw new Error(`The hub refuses the sign-in (HTTP ${answer.status}): ${await answer.text()}`);
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
}

/** What the hub is told: the picture itself instead of where it lies. */
async function withPicture({ fields }: ImportLine, folder: string): Promise<Record<string, unknown>> {
  const { picture, ...rest } = fields;
  if (typeof picture !== 'string' || picture === '') return { ...fields };
  const bytes = /^https?:\/\//i.test(picture)
    ? await fetch(picture, { signal: AbortSignal.timeout(PICTURE_MS) }).then((answer) => {
        if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
        return answer.arrayBuffer();
      })
    : await readFile(resolve(folder, picture));
  return { ...rest, image: Buffer.from(bytes as Uint8Array).toString('base64') };
}

interface Total {
  accepted: number;
  duplicates: number;
  refused: number;
}

/** @param numbers in the file, of the lines of this batch */
async function send(
  command: Command,
  cookie: string,
  body: string,
  numbers: readonly number[],
  total: Total,
): Promise<void> {
  const answer = await fetch(`${command.url}/api/v1/imports`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', cookie },
    body,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The hub answers HTTP ${answer.status}: ${text.slice(0, 500)}`);
  let isDone = false;
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const said = JSON.parse(line) as ImportAnswer;
    if ('error' in said) {
      total.refused++;
      process.stdout.write(`${numbers[said.line - 1] ?? 0}: ${said.error.message}\n`);
    } else if ('broken' in said) throw new Error(said.broken.message);
    else if ('done' in said) {
      isDone = true;
      total.accepted += said.done.accepted;
      total.duplicates += said.done.duplicates;
    }
  }
  if (!isDone) throw new Error('The hub broke off.');
}

async function main(): Promise<number> {
  const command = readCommand();
  const { file, format, encoding, camera } = command;
  await access(file).catch(() => fail(`${file} cannot be read.`));
  const cookie = await signIn(command);
  const total: Total = { accepted: 0, duplicates: 0, refused: 0 };
  const refuse = (line: number, message: string): void => {
    total.refused++;
    process.stdout.write(`${line}: ${message}\n`);
  };
  const from = performance.now();
  let body: string[] = [];
  let numbers: number[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    if (body.length === 0) return;
    await send(command, cookie, body.join('\n'), numbers, total);
    const done = total.accepted + total.duplicates + total.refused;
    tell(`line ${numbers.at(-1)}: ${done} done, ${Math.round((done / (performance.now() - from)) * 1_000)} a second`);
    [body, numbers, size] = [[], [], 0];
  };
  for await (const line of importLines(createReadStream(file), { format, encoding })) {
    if (line.problem !== null) {
      refuse(line.line, `The line ${line.problem}.`);
      continue;
    }
    let fields: Record<string, unknown>;
    try {
      fields = await withPicture(line, dirname(file));
    } catch (error) {
      refuse(line.line, `The picture cannot be read: ${errorMessage(error)}`);
      continue;
    }
    const text = JSON.stringify(camera === undefined ? fields : { camera, ...fields });
    body.push(text);
    numbers.push(line.line);
    size += text.length;
    if (body.length >= BATCH_LINES || size >= BATCH_BYTES) await flush();
  }
  await flush();
  tell(`${total.accepted} stored, ${total.duplicates} known already, ${total.refused} refused`);
  return total.refused === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  tell(`${errorMessage(error)}\nWhat was stored stays; run the same again and the rest is added.`);
  process.exitCode = 1;
}
