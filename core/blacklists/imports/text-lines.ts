/** Lines of a text file. */
import { decodedText, type TextEncoding } from './text-encoding.ts';

export interface TextFile {
  readonly file: string;
  readonly encoding: TextEncoding;
  readonly size: number;
}

/** Characters: a longer line is no row of a list. */
export const LONGEST_LINE = 65_536;
const FIRST_LINES = 200;

/** Without their ends. A line that is too long comes cut. */
export async function* linesOf(
  { file, encoding }: TextFile,
  signal: AbortSignal,
  onRead?: (bytes: number) => void,
): AsyncGenerator<readonly string[]> {
  let rest = '';
  for await (const text of decodedText(file, encoding, signal, onRead)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) rest = rest.slice(0, LONGEST_LINE + 1);
    yield lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  }
  if (rest !== '') yield [rest.endsWith('\r') ? rest.slice(0, -1) : rest];
}

/** Enough to see what a file is. */
export async function firstLines(file: TextFile, signal: AbortSignal): Promise<readonly string[]> {
  const first: string[] = [];
  for await (const lines of linesOf(file, signal)) {
    first.push(...lines.slice(0, FIRST_LINES - first.length));
    if (first.length >= FIRST_LINES) break;
  }
  return first;
}
