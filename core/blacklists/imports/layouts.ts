/** The layouts of vendors' and agencies' lists, as data, and which of them a file has. Sources stand with each. */
import type { ImportField, ImportLayout, TableDelimiter } from '../imports.ts';
import facts from './layouts.json' with { type: 'json' };

export interface LayoutColumn {
  readonly name: string;
  readonly field: ImportField | null;
  readonly start: number | null;
  readonly end: number | null;
  /** Made of one character of another column. */
  readonly derived: { readonly from: number; readonly at: number } | null;
  /** What its codes mean. */
  readonly codes: Readonly<Record<string, string>> | null;
  /** The sender writes the letter O as a zero at times. */
  readonly zeroIsO: boolean;
}

export interface Layout extends Omit<ImportLayout, 'columns'> {
  readonly columns: readonly LayoutColumn[];
  /** A line that ends the list. */
  readonly footer: RegExp | null;
  /** Plates that would give false hits by the sender's own word. */
  readonly leaveOut: RegExp | null;
  /** How a row is known: the header's words, cells by position, or the whole line. */
  readonly header: readonly string[] | null;
  readonly cells: ReadonlyMap<number, RegExp>;
  readonly line: RegExp | null;
}

interface LayoutFact {
  readonly layoutId: string;
  readonly name: string;
  readonly country: string | null;
  readonly format: string;
  readonly delimiter: string | null;
  readonly headerLines: number;
  readonly columns: readonly {
    readonly name: string;
    readonly field: string | null;
    readonly start?: number;
    readonly end?: number | null;
    readonly from?: number;
    readonly at?: number;
    readonly codes?: string;
    readonly zeroIsO?: boolean;
  }[];
  readonly footer?: string;
  readonly leaveOut?: string;
  readonly header?: readonly string[];
  readonly cells?: Readonly<Record<string, string>>;
  readonly line?: string;
  readonly source: string;
}

const codeTables: Readonly<Record<string, Readonly<Record<string, string>>>> = facts.codes;
const pattern = (text: string | undefined): RegExp | null => (text === undefined ? null : new RegExp(text, 'u'));

export const layouts: readonly Layout[] = (facts.layouts as unknown as readonly LayoutFact[]).map((fact) => ({
  ...{ layoutId: fact.layoutId, name: fact.name, country: fact.country, headerLines: fact.headerLines },
  ...{ source: fact.source, format: fact.format as Layout['format'], header: fact.header ?? null },
  delimiter: fact.delimiter as TableDelimiter | null,
  ...{ footer: pattern(fact.footer), leaveOut: pattern(fact.leaveOut), line: pattern(fact.line) },
  cells: new Map(Object.entries(fact.cells ?? {}).map(([index, text]) => [Number(index), new RegExp(text, 'u')])),
  columns: fact.columns.map(({ name, field, start = null, end = null, from, at, codes, zeroIsO = false }) => ({
    ...{ name, field: field as ImportField | null, start, end, zeroIsO },
    derived: from === undefined || at === undefined ? null : { from, at },
    codes: codes === undefined ? null : (codeTables[codes] ?? null),
  })),
}));

export const layoutById = (layoutId: string | null): Layout | null =>
  layouts.find((layout) => layout.layoutId === layoutId) ?? null;

/** How many of the first rows must have its shape. */
const ENOUGH = 0.9;
const mostly = <T>(rows: readonly T[], is: (row: T) => boolean): boolean =>
  rows.length > 0 && rows.filter(is).length >= rows.length * ENOUGH;

/** Cells that the file has; derived ones are made of them. */
export const widthOf = ({ columns }: Layout): number => columns.filter(({ derived }) => derived === null).length;

const words = (cells: readonly string[]): readonly string[] => cells.map((cell) => cell.trim().toLowerCase());

/** By its header, else by the shape of its rows. Null: none of them. */
export function layoutOfRows(rows: readonly (readonly string[])[], delimiter: TableDelimiter): Layout | null {
  const [first] = rows;
  if (first === undefined) return null;
  const named = words(first);
  for (const layout of layouts) {
    const { header, cells } = layout;
    if (layout.format !== 'delimited' || (layout.delimiter !== null && layout.delimiter !== delimiter)) continue;
    if (header?.every((word) => named.includes(word)) === true) return layout;
    if (header !== null || cells.size === 0) continue;
    const width = widthOf(layout);
    const isShaped = (row: readonly string[]): boolean =>
      row.length === width && [...cells].every(([index, shape]) => shape.test((row[index] ?? '').trim()));
    // A header that the layout does not speak of may stand before its rows.
    if (mostly(rows.slice(layout.headerLines), isShaped) && (layout.headerLines > 0 || isShaped(first))) return layout;
  }
  return null;
}

export function layoutOfLines(lines: readonly string[]): Layout | null {
  for (const layout of layouts) {
    const { line: shape, footer, headerLines } = layout;
    if (shape === null) continue;
    const body = lines.slice(headerLines).filter((line) => line.trim() !== '' && footer?.test(line) !== true);
    if (mostly(body, (line) => shape.test(line))) return layout;
  }
  return null;
}

/** The layouts as forms show them. */
export const shownLayouts = (): readonly ImportLayout[] =>
  layouts.map(({ layoutId, name, country, format, delimiter, headerLines, columns, source }) => ({
    ...{ layoutId, name, country, format, delimiter, headerLines, source },
    columns: columns.map(({ name: column, field, start, end }) => ({ name: column, field, start, end })),
  }));
