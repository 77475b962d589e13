/** Old reads as text, NDJSON or CSV, parted into lines; nothing is held but the line that is being read. */
import { LprError, type FieldProblem } from '../errors.ts';
import { UNKNOWN_READ, type DeviceRead } from '../plugins/device-format.ts';

export type ImportFormat = 'ndjson' | 'csv';
export type ImportEncoding = 'utf-8' | 'windows-874';

/** A picture of 20 MB in base64, and the fields beside it. */
const LONGEST_LINE = 28 * 1024 * 1024;

/** One line of the file: what stands in it, by field. */
export interface ImportLine {
  /** From 1; a header counts. */
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Why it cannot be read at all. */
  readonly problem: string | null;
}

export interface ImportedRead {
  /** Name or id. */
  readonly camera: string | null;
  readonly capturedAt: Date | { readonly wall: number };
  readonly id: string | null;
  readonly label: string | null;
  readonly read: DeviceRead;
  readonly image: Buffer | null;
}

/** Pieces of text → whole records; in CSV a quoted field may hold the separator. @throws invalid_input */
async function* records(
  chunks: AsyncIterable<Uint8Array>,
  encoding: string,
  isQuoted: boolean,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  let pending = '';
  let searched = 0;
  let inQuotes = false;
  function* whole(): Generator<string> {
    let start = 0;
    for (let at = searched; at < pending.length; at++) {
      const sign = pending.charCodeAt(at);
      if (isQuoted && sign === 0x22) inQuotes = !inQuotes;
      if (sign !== 0x0a || inQuotes) continue;
      yield pending.slice(start, at).replace(/\r$/, '');
      start = at + 1;
    }
    pending = pending.slice(start);
    searched = pending.length;
  }
  for await (const chunk of chunks) {
    pending += decoder.decode(chunk, { stream: true });
    yield* whole();
    if (pending.length > LONGEST_LINE) {
      throw new LprError(
        'body_too_large',
        `A line may have at most ${LONGEST_LINE / 1024 / 1024} MB: is this text with one read a line?`,
      );
    }
  }
  pending += decoder.decode();
  yield* whole();
  if (pending !== '') yield pending;
}

/** RFC 4180. */
function cells(record: string): string[] {
  return [...`,${record}`.matchAll(/,(?:"([^"]*(?:""[^"]*)*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain?.trim() ?? '',
  );
}

/** @throws invalid_input when the file as a whole cannot be one */
export async function* importLines(
  chunks: AsyncIterable<Uint8Array>,
  { format, encoding }: { readonly format: ImportFormat; readonly encoding: ImportEncoding },
): AsyncGenerator<ImportLine> {
  let line = 0;
  let names: readonly string[] | null = null;
  for await (const record of records(chunks, encoding, format === 'csv')) {
    line++;
    if (record.trim() === '') continue;
    if (format === 'ndjson') {
      let value: unknown;
      try {
        value = JSON.parse(record);
      } catch {
        // Told as a problem of this line.
      }
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
      const fields = isObject ? (value as Readonly<Record<string, unknown>>) : {};
      yield { line, fields, problem: isObject ? null : 'is no JSON object' };
      continue;
    }
    const values = cells(record);
    if (names === null) {
      names = values.map((name) => name.replace(/^\uFEFF/, ''));
      continue;
    }
    const known = names;
    const isFit = values.length === known.length;
    const problem = isFit ? null : `has ${values.length} fields where the header has ${known.length}`;
    // An empty cell is no value.
    const pairs = values.flatMap((value, i) => (value === '' ? [] : [[known[i] ?? '', value] as const]));
    yield { line, fields: Object.fromEntries(pairs), problem };
  }
}

const KNOWN = ['plate', 'province', 'country', 'capturedAt', 'camera', 'confidence', 'id', 'label', 'image'];
const WALL = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?$/;
/** NUL cannot be stored, and nothing of this is longer than a line of text. */
const isText = (value: unknown, longest: number): value is string =>
  typeof value === 'string' && value.length <= longest && !value.includes('\0');

function timeOf(value: unknown): ImportedRead['capturedAt'] | null {
  if (typeof value === 'number' && Number.isFinite(value)) return new Date(value < 1e11 ? value * 1_000 : value);
  if (typeof value !== 'string') return null;
  if (/^\d{10}(\d{3})?$/.test(value)) return timeOf(Number(value));
  const wall = WALL.exec(value);
  const time = Date.parse(wall === null ? value : `${value.replace(' ', 'T')}Z`);
  if (Number.isNaN(time)) return null;
  if (wall !== null) return { wall: time };
  return /(Z|[+-]\d{2}:?\d{2})$/i.test(value) ? new Date(time) : null;
}

/** @throws invalid_input naming every field that cannot be used */
export function readOfLine({ fields, problem }: ImportLine): ImportedRead {
  if (problem !== null)
    throw new LprError('invalid_input', `The line ${problem}.`, { problems: [{ field: '', problem }] });
  const problems: FieldProblem[] = [];
  const complain = (field: string, what: string): null => {
    problems.push({ field, problem: what });
    return null;
  };
  const text = (field: string, longest: number): string | null => {
    const value = fields[field];
    if (value === undefined || value === null) return null;
    if (typeof value === 'number') return String(value);
    return isText(value, longest) ? value.trim() : complain(field, `must be text of at most ${longest} characters`);
  };
  for (const field of Object.keys(fields)) {
    if (!KNOWN.includes(field)) complain(field, `is not known here: there are ${KNOWN.join(', ')}`);
  }
  const plate = text('plate', 40) ?? '';
  if (plate === '') complain('plate', 'is missing');
  const country = text('country', 2);
  if (country !== null && !/^[A-Za-z]{2}$/.test(country)) complain('country', 'must be two letters, such as TH');
  const capturedAt = timeOf(fields['capturedAt']);
  if (capturedAt === null) {
    complain(
      'capturedAt',
      'must be a time such as 2026-11-23T08:15:30+07:00 or, by the clock of the site, 2026-11-23 08:15:30',
    );
  }
  const given = fields['confidence'];
  const confidence = given === undefined || given === null ? null : Number(given);
  if (confidence !== null && !(confidence >= 0 && confidence <= 1)) complain('confidence', 'must be from 0 to 1');
  const base64 = fields['image'] ?? null;
  const isPicture = typeof base64 === 'string' && !/[^A-Za-z0-9+/_=-]/.test(base64);
  if (base64 !== null && !isPicture) complain('image', 'must be base64');
  const read = {
    ...{ camera: text('camera', 200), id: text('id', 200), label: text('label', 200) },
    ...{ province: text('province', 100) },
  };
  if (problems.length > 0 || capturedAt === null) {
    const all = problems.map((one) => `${one.field} ${one.problem}`).join('; ');
    throw new LprError('invalid_input', `The line cannot be used: ${all}.`, { problems });
  }
  return {
    ...{ camera: read.camera, id: read.id, label: read.label, capturedAt },
    image: isPicture ? Buffer.from(base64, 'base64') : null,
    read: {
      ...UNKNOWN_READ,
      text: plate,
      province: read.province,
      countryCode: country?.toUpperCase() ?? null,
      confidence,
      isFinal: true,
    },
  };
}
