/** Splits a straightened plate into its lines and characters. Runs in a worker, after `openCv` is loaded. */
import type { Pixels } from '../../core/plugins/define.ts';
import { withMats, type Cv } from './opencv.ts';
import { findRows, isCharacterLike, type Blob, type Row } from './rows.ts';
import { findSlant, type Grey } from './sheet.ts';

/** Height at which lines are looked for. */
const HEIGHT = 160;

/** One character's columns in the line, left to right. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Line {
  /** Row coordinates: middle, direction and character height in the prepared plate. */
  readonly cx: number;
  readonly cy: number;
  readonly angle: number;
  readonly height: number;
  /** Along the base line, from `cx`. */
  readonly spans: readonly Span[];
}

export interface PreparedPlate {
  /** Dark ink on a light sheet, full contrast, `HEIGHT` pixels high. */
  readonly grey: Grey;
  /** Nothing is printed on it: all pixels are alike. */
  readonly isBlank: boolean;
  /** Large lines from the top; a Thai car has one, a motorcycle two. Empty when no characters stand out. */
  readonly lines: readonly Line[];
  /** The band under the last large line, or between two: where a province stands. Null when there is no room for one. */
  readonly below: Grey | null;
}

export function preparePlate(cv: Cv, patch: Pixels): PreparedPlate {
  return withMats(cv, (keep) => {
    const colour = keep(new cv.Mat(patch.height, patch.width, cv.CV_8UC3));
    colour.data.set(patch.data);
    const full = keep(new cv.Mat());
    cv.cvtColor(colour, full, cv.COLOR_RGB2GRAY);
    const grey = keep(new cv.Mat());
    const width = Math.max(40, Math.min(1200, Math.round((patch.width * HEIGHT) / patch.height)));
    cv.resize(full, grey, new cv.Size(width, HEIGHT), 0, 0, patch.height > HEIGHT ? cv.INTER_AREA : cv.INTER_CUBIC);
    const picture: Grey = { data: new Uint8Array(grey.data), width, height: HEIGHT };
    if (isBlank(picture)) return { grey: picture, isBlank: true, lines: [], below: null };
    const flat = stretch(isDarkSheet(picture) ? invert(picture) : picture);
    const rows = (prepared: Grey): { lines: Line[]; main: Row | null } => {
      grey.data.set(prepared.data);
      return largeLines(components(), width);
    };
    const binary = keep(new cv.Mat());
    const labels = keep(new cv.Mat());
    const stats = keep(new cv.Mat());
    const centroids = keep(new cv.Mat());
    const components = (): Blob[] => {
      cv.adaptiveThreshold(grey, binary, 255, cv.ADAPTIVE_THRESH_MEAN_C, cv.THRESH_BINARY_INV, 75, 22);
      const count = cv.connectedComponentsWithStats(binary, labels, stats, centroids, 8, cv.CV_32S as number);
      const blobs: Blob[] = [];
      for (let label = 1; label < count; label++) {
        const [x = 0, y = 0, w = 0, h = 0, area = 0] = stats.data32S.subarray(label * 5, label * 5 + 5);
        if (area > 20) blobs.push({ x, y, width: w, height: h, area });
      }
      return blobs;
    };

    const first = rows(flat);
    const slant = first.main ? findSlant(flat, first.main, false) : 0;
    if (Math.abs(slant) < LEAST_SLANT || !first.main) {
      return { grey: flat, isBlank: false, lines: first.lines, below: provinceBand(flat, first.lines) };
    }
    const upright = sheared(flat, slant, first.main.cy);
    const { lines } = rows(upright);
    return { grey: upright, isBlank: false, lines, below: provinceBand(upright, lines) };
  });
}

/** Corners are never found so well that a smaller lean is more than chance. */
const LEAST_SLANT = 0.12;

/** Leaning characters set upright: each row of pixels is moved by its distance from `cy`. */
function sheared({ data, width, height }: Grey, slant: number, cy: number): Grey {
  const out = new Uint8Array(data.length).fill(255);
  for (let y = 0; y < height; y++) {
    const shift = slant * (y + 0.5 - cy);
    for (let x = 0; x < width; x++) {
      const from = x + shift;
      const left = Math.floor(from);
      if (left < 0 || left + 1 >= width) continue;
      const share = from - left;
      out[y * width + x] = (data[y * width + left] ?? 255) * (1 - share) + (data[y * width + left + 1] ?? 255) * share;
    }
  }
  return { data: out, width, height };
}

const invert = (grey: Grey): Grey => ({ ...grey, data: grey.data.map((v) => 255 - v) });

/** Ink covers less than half of a plate: what most inner pixels are is the sheet. */
function isDarkSheet({ data, width, height }: Grey): boolean {
  const inner: number[] = [];
  for (let y = Math.round(height * 0.15); y < height * 0.85; y += 2)
    for (let x = Math.round(width * 0.08); x < width * 0.92; x += 2) inner.push(data[y * width + x] ?? 0);
  inner.sort((a, b) => a - b);
  const at = (share: number): number => inner[Math.floor(share * (inner.length - 1))] ?? 0;
  return at(0.5) < (at(0.04) + at(0.96)) / 2;
}

/** Gives the grey level below which a share of the pixels lies. */
function levels({ data }: Grey): (share: number) => number {
  const histogram = new Uint32Array(256);
  for (const value of data) histogram[value] = (histogram[value] ?? 0) + 1;
  return (share) => {
    let left = share * data.length;
    for (let v = 0; v < 256; v++) if ((left -= histogram[v] ?? 0) <= 0) return v;
    return 255;
  };
}

/** Less than this between the darkest and the lightest pixels is noise, and Tesseract reads digits into noise. */
const LEAST_CONTRAST = 14;

function isBlank(grey: Grey): boolean {
  const level = levels(grey);
  return level(0.995) - level(0.005) < LEAST_CONTRAST;
}

function stretch(grey: Grey): Grey {
  const level = levels(grey);
  const low = level(0.04);
  const range = Math.max(16, level(0.8) - low);
  return { ...grey, data: grey.data.map((v) => Math.min(255, Math.max(0, ((v - low) * 255) / range))) };
}

function largeLines(blobs: readonly Blob[], width: number): { readonly lines: Line[]; readonly main: Row | null } {
  const inside = blobs.filter((b) => b.x > 1 && b.x + b.width < width - 1);
  const characters = inside.filter((b) => isCharacterLike(b, HEIGHT * 0.2, HEIGHT * 0.88));
  const ranked = findRows(characters, 2)
    .filter((row) => Math.abs(row.angle) < 0.3)
    .sort((a, b) => weight(b) - weight(a));
  const main = ranked[0];
  if (!main) return { lines: [], main: null };
  const rows = [main];
  for (const row of ranked.slice(1)) {
    const isApart = rows.every((other) => Math.abs(row.cy - other.cy) > 0.75 * Math.max(row.height, other.height));
    // A province's or a slogan's letters stay under two thirds of the number's.
    if (isApart && row.height > 0.7 * main.height) rows.push(row);
  }
  return { lines: rows.sort((a, b) => a.cy - b.cy).map((row) => toLine(row, inside)), main };
}

const weight = (row: Row): number => row.height * Math.sqrt(row.blobs.length) * (1 - row.misfit - row.unevenness);

/** Everything that stands in the row's band joins its characters: broken ones, hyphens, wide ones. */
function toLine(row: Row, blobs: readonly Blob[]): Line {
  const slope = Math.tan(row.angle);
  const spans: { from: number; to: number }[] = [];
  const middle = (b: Blob): number => b.y + b.height / 2 - (row.cy + slope * (b.x + b.width / 2 - row.cx));
  for (const b of blobs) {
    const isMember = row.blobs.includes(b);
    const fits =
      Math.abs(middle(b)) + b.height / 2 < row.height * 0.72 &&
      b.height > row.height * 0.3 &&
      b.width < row.height * 1.6 &&
      b.area > row.height * row.height * 0.02;
    if (isMember || fits) spans.push({ from: b.x - row.cx, to: b.x + b.width - row.cx });
  }
  spans.sort((a, b) => a.from - b.from);
  const merged: { from: number; to: number }[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    const shared = last ? Math.min(last.to, span.to) - span.from : 0;
    // Parts of one letter lie above each other; neighbours only touch.
    if (last && shared > 0.4 * Math.min(last.to - last.from, span.to - span.from)) last.to = Math.max(last.to, span.to);
    else merged.push({ ...span });
  }
  // What stands far from the rest is a bolt or the frame.
  const start = merged.findIndex((s) => row.blobs.some((b) => b.x - row.cx >= s.from - 1 && b.x - row.cx <= s.to));
  let first = Math.max(0, start);
  while (first > 0 && gap(merged, first - 1) < row.height * 0.9) first -= 1;
  let last = first;
  while (last + 1 < merged.length && gap(merged, last) < row.height * 1.6) last += 1;
  return { cx: row.cx, cy: row.cy, angle: row.angle, height: row.height, spans: merged.slice(first, last + 1) };
}

const gap = (spans: readonly Span[], index: number): number =>
  (spans[index + 1]?.from ?? Infinity) - (spans[index]?.to ?? -Infinity);

/** How a piece of a line is drawn for Tesseract: its looks vary, so that several reads of it are several opinions. */
export interface Look {
  readonly characterHeight: number;
  /** Width over what it was. */
  readonly stretch: number;
  /** 0 leaves the greys, 1 leaves almost none between black and white. */
  readonly hardness: number;
}

const MARGIN = 14;

/** Brings characters that perspective or the source squeezed back to usual proportions: about half as wide as high. */
function proportion(line: Line): number {
  const widths = line.spans.map((s) => (s.to - s.from) / line.height).sort((a, b) => a - b);
  const middle = widths[Math.floor(widths.length / 2)] ?? 0.5;
  const isUsual = widths.length < 3 || (middle > 0.38 && middle < 0.7);
  return isUsual ? 1 : Math.min(1.8, Math.max(0.8, 0.5 / middle));
}

/** Cuts a piece out of a line, level, with white around it. */
export function cutPiece(grey: Grey, line: Line, from: number, to: number, look: Look): Grey {
  const scale = look.characterHeight / line.height;
  const pad = line.height * 0.08;
  const wanted = Math.round((to - from + 2 * pad) * scale * look.stretch * proportion(line));
  const innerWidth = Math.min(900, Math.max(4, wanted));
  const innerHeight = Math.round((line.height + 2 * pad) * scale);
  return drawPiece(grey, innerWidth, innerHeight, look.hardness, (x, y) => {
    const along = from - pad + (x / innerWidth) * (to - from + 2 * pad);
    const down = (y / innerHeight - 0.5) * (line.height + 2 * pad);
    const c = Math.cos(line.angle);
    const s = Math.sin(line.angle);
    return [line.cx + along * c - down * s, line.cy + along * s + down * c];
  });
}

/** Draws any part of the plate at another size. */
export function resized(grey: Grey, width: number, height: number, hardness: number): Grey {
  return drawPiece(grey, width, height, hardness, (x, y) => [(x * grey.width) / width, (y * grey.height) / height]);
}

function drawPiece(
  grey: Grey,
  innerWidth: number,
  innerHeight: number,
  hardness: number,
  source: (x: number, y: number) => readonly [number, number],
): Grey {
  const width = innerWidth + 2 * MARGIN;
  const height = innerHeight + 2 * MARGIN;
  const data = new Uint8Array(width * height).fill(255);
  const gain = 1 + 3 * hardness;
  for (let y = 0; y < innerHeight; y++) {
    for (let x = 0; x < innerWidth; x++) {
      const [px, py] = source(x + 0.5, y + 0.5);
      const fx = Math.min(grey.width - 1, Math.max(0, px - 0.5));
      const fy = Math.min(grey.height - 1, Math.max(0, py - 0.5));
      const left = Math.floor(fx);
      const top = Math.floor(fy);
      const right = Math.min(grey.width - 1, left + 1);
      const below = Math.min(grey.height - 1, top + 1);
      const at = (ax: number, ay: number): number => grey.data[ay * grey.width + ax] ?? 255;
      const u = fx - left;
      const v = fy - top;
      const value =
        (at(left, top) * (1 - u) + at(right, top) * u) * (1 - v) +
        (at(left, below) * (1 - u) + at(right, below) * u) * v;
      data[(y + MARGIN) * width + x + MARGIN] = Math.min(255, Math.max(0, 128 + (value - 128) * gain));
    }
  }
  return { data, width, height };
}

function provinceBand(grey: Grey, lines: readonly Line[]): Grey | null {
  const last = lines.at(-1);
  const previous = lines.at(-2);
  if (!last) return null;
  // A motorcycle has its province between series and number.
  const between = previous && last.cy - previous.cy - (last.height + previous.height) / 2 > 0.25 * last.height;
  const top = between
    ? previous.cy + previous.height * 0.52
    : Math.max(last.cy, last.cy + Math.tan(last.angle) * 0) + last.height * 0.53;
  const bottom = between ? last.cy - last.height * 0.52 : grey.height - 2;
  const height = Math.round(bottom - top);
  if (height < HEIGHT * 0.08) return null;
  const left = Math.round(grey.width * 0.03);
  const width = grey.width - 2 * left;
  const slope = Math.tan(last.angle);
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const sy = Math.round(top + y + slope * (x + left - last.cx));
      data[y * width + x] = sy < 0 || sy >= grey.height ? 255 : (grey.data[sy * grey.width + x + left] ?? 255);
    }
  return trimmed({ data, width, height });
}

/** Frame and dirt at the rim go: rows that are mostly ink, and what lies outside them. */
function trimmed(band: Grey): Grey | null {
  const share = (y: number): number => {
    let ink = 0;
    for (let x = 0; x < band.width; x++) ink += (band.data[y * band.width + x] ?? 255) < 128 ? 1 : 0;
    return ink / band.width;
  };
  let bottom = band.height;
  for (let y = Math.floor(band.height * 0.45); y < band.height; y++) {
    if (share(y) > 0.62) {
      bottom = y;
      break;
    }
  }
  if (bottom < 8) return null;
  return { data: band.data.subarray(0, bottom * band.width), width: band.width, height: bottom };
}
