/** Reads a straightened plate with Tesseract: series, number and province apart. Runs in a worker of the hub's pool. */
import type { CharacterRead, EngineRead, Pixels, ReadOptions } from '../../core/plugins/define.ts';
import { cutPiece, preparePlate, resized, type Line, type Look, type PreparedPlate } from './lines.ts';
import { openCv } from './opencv.ts';
import type { Grey } from './sheet.ts';
import { loadTesseract, type Language, type LineRead, type Tesseract } from './tesseract.ts';

/** The 38 consonants of ordinary series (shared facts on plates): the other six would only be misreads of these. */
const CONSONANTS = 'กขคฆงจฉชฌญฎฐฒณดตถทธนบปผพฟภมยรลวศษสหฬอฮ';
const DIGITS = '0123456789';
const LATIN = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

const look = (characterHeight: number, stretch: number, hardness: number): Look => ({
  characterHeight,
  stretch,
  hardness,
});

export interface ReadArgs extends Pixels {
  readonly options: ReadOptions;
}

interface Vote {
  readonly read: LineRead;
  readonly weight: number;
}

/** A text with what its reads said of it. */
interface Opinion {
  readonly text: string;
  readonly confidence: number;
  readonly characters: readonly CharacterRead[];
}

const NOTHING: Opinion = { text: '', confidence: 0, characters: [] };

/** Reads one piece under several looks and lets the reads vote; a text of the wanted form weighs more. */
function vote(
  tesseract: Tesseract,
  language: Language,
  looks: readonly Look[],
  draw: (look: Look) => Grey,
  whitelist: string,
  form: RegExp,
): readonly Vote[] {
  return looks.map((one) => {
    const read = tesseract.read(language, draw(one), whitelist, /[A-Z]/.test(whitelist) ? 'symbols' : 'word');
    return { read, weight: read.confidence ** 2 * (form.test(read.text) ? 1 : 0.1) };
  });
}

/** The best text of the votes, most of them first; then the other texts. */
function decide(votes: readonly Vote[]): readonly Opinion[] {
  const total = votes.length;
  const byText = new Map<string, Vote[]>();
  for (const one of votes) {
    if (one.read.text !== '') byText.set(one.read.text, [...(byText.get(one.read.text) ?? []), one]);
  }
  return [...byText]
    .map(([text, group]) => {
      const best = group.reduce((a, b) => (b.read.confidence > a.read.confidence ? b : a)).read;
      const strongest = Math.max(...group.map((v) => v.weight));
      const sum = group.reduce((s, v) => s + v.weight, 0);
      const agreement = group.length / total;
      const characters = best.symbols.map((symbol, place): CharacterRead => {
        const others = new Map(symbol.alternatives.map((a) => [a.char, a.confidence]));
        for (const { read } of votes) {
          const other = read.symbols[place];
          if (read.symbols.length === best.symbols.length && other && other.char !== symbol.char) {
            others.set(other.char, Math.max(others.get(other.char) ?? 0, other.confidence / 2));
          }
        }
        const alternatives = [...others].map(([char, confidence]) => ({ char, confidence }));
        return {
          char: symbol.char,
          confidence: symbol.confidence * (0.6 + 0.4 * agreement),
          alternatives: alternatives.sort((a, b) => b.confidence - a.confidence).slice(0, 4),
        };
      });
      return { text, confidence: best.confidence * (0.6 + 0.4 * agreement), characters, rank: strongest + sum / total };
    })
    .sort((a, b) => b.rank - a.rank)
    .map(({ text, confidence, characters }) => ({ text, confidence, characters }));
}

const join = (parts: readonly Opinion[]): Opinion => ({
  text: parts.map((p) => p.text).join(''),
  // A text is as sure as its weakest part.
  confidence: Math.min(...parts.map((p) => p.confidence)),
  characters: parts.flatMap((p) => p.characters),
});

/** Index after which series ends and number begins: the one wide gap, or null. */
function widestGap(line: Line): number | null {
  const gaps = line.spans.slice(1).map((span, i) => span.from - (line.spans[i]?.to ?? span.from));
  const widest = Math.max(...gaps);
  const sorted = [...gaps].sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  if (gaps.length < 2 || widest < line.height * 0.16 || widest < middle * 1.5 + 2) return null;
  return gaps.indexOf(widest);
}

const ends = (line: Line, from: number, to: number): readonly [number, number] => [
  line.spans[from]?.from ?? 0,
  line.spans[to]?.to ?? 0,
];

const DIGIT_LOOKS = [look(56, 1, 0.4), look(44, 1, 0), look(44, 1.1, 0.8)];
const SERIES_LOOKS = [look(42, 1.1, 0), look(36, 1.3, 0.4), look(36, 1.1, 0.4), look(48, 1.25, 0.4), look(42, 1, 0)];
const LINE_LOOKS = [look(42, 1, 0.2), look(42, 1.15, 0.2), look(54, 1, 0.4)];
const LATIN_LOOKS = [look(42, 1, 0.2), look(36, 1.1, 0.5), look(54, 1, 0)];

/** A car's line: series and number apart where a gap shows, beside the line as a whole. */
function readThaiLine(tesseract: Tesseract, plate: PreparedPlate, line: Line): readonly Opinion[] {
  const draw = (from: number, to: number) => (one: Look) => cutPiece(plate.grey, line, ...ends(line, from, to), one);
  const last = line.spans.length - 1;
  const whole = decide(
    vote(tesseract, 'tha', LINE_LOOKS, draw(0, last), CONSONANTS + DIGITS, /^([1-9]?[ก-ฮ]{1,3}\d{1,4}|\d{6,7})$/),
  );
  const split = widestGap(line);
  if (split === null) {
    const digits = decide(vote(tesseract, 'eng', DIGIT_LOOKS.slice(0, 1), draw(0, last), DIGITS, /^\d{5,7}$/));
    return [...whole, ...digits.filter(({ text }) => /^\d{6,7}$/.test(text))].sort(
      (a, b) => b.confidence - a.confidence,
    );
  }
  const number = decide(vote(tesseract, 'eng', DIGIT_LOOKS, draw(split + 1, last), DIGITS, /^[1-9]\d{0,3}$|^\d{4}$/));
  const series = decide(
    vote(tesseract, 'tha', SERIES_LOOKS, draw(0, split), CONSONANTS + DIGITS, /^([1-9]?[ก-ฮ]{1,3})$/),
  );
  // A truck's class is two or three digits, and its number always has four.
  const truck =
    (number[0]?.text.length ?? 0) === 4 && split >= 1
      ? decide(vote(tesseract, 'eng', DIGIT_LOOKS, draw(0, split), DIGITS, /^[1-9]\d{1,2}$/))
      : [];
  const heads = [...series, ...truck.filter(({ text }) => /^[1-9]\d{1,2}$/.test(text))]
    .filter(({ text }) => /^([1-9]?[ก-ฮ]{1,3}|[1-9]\d{1,2})$/.test(text))
    .sort((a, b) => b.confidence - a.confidence)
    .map((head) => withLeadDigit(tesseract, draw, head, split));
  const apart = heads.slice(0, 4).flatMap((head) => number.slice(0, 2).map((tail) => join([head, tail])));
  return merge([...apart, ...whole]);
}

/** The digit before two consonants is read once more by itself: Tesseract takes 8 for 6 and 7 for ว among Thai letters. */
function withLeadDigit(
  tesseract: Tesseract,
  draw: (from: number, to: number) => (one: Look) => Grey,
  head: Opinion,
  split: number,
): Opinion {
  if (split !== 2 || !/^[1-9][ก-ฮ]{2}$/.test(head.text)) return head;
  const [digit] = decide(vote(tesseract, 'eng', DIGIT_LOOKS.slice(0, 2), draw(0, 0), '123456789', /^[1-9]$/));
  const [first, ...rest] = head.characters;
  if (!digit || digit.text.length !== 1 || !first || digit.text === first.char || digit.confidence < 0.7) return head;
  return {
    text: digit.text + head.text.slice(1),
    confidence: Math.min(head.confidence, digit.confidence) * 0.95,
    characters: [{ ...first, char: digit.text, confidence: digit.confidence }, ...rest],
  };
}

/** Equal texts strengthen each other. */
function merge(opinions: readonly Opinion[]): readonly Opinion[] {
  const byText = new Map<string, Opinion>();
  for (const one of opinions) {
    const known = byText.get(one.text);
    if (!known) byText.set(one.text, one);
    else {
      const better = known.confidence >= one.confidence ? known : one;
      byText.set(one.text, { ...better, confidence: 1 - (1 - known.confidence) * (1 - 0.5 * one.confidence) });
    }
  }
  return [...byText.values()].sort((a, b) => b.confidence - a.confidence);
}

function readLatin(tesseract: Tesseract, plate: PreparedPlate, line: Line): readonly Opinion[] {
  const draw = (one: Look): Grey => cutPiece(plate.grey, line, ...ends(line, 0, line.spans.length - 1), one);
  return decide(vote(tesseract, 'eng', LATIN_LOOKS, draw, LATIN + DIGITS, /^[A-Z0-9]{4,9}$/));
}

/** Two lines are read one after the other. */
function readLatinLines(tesseract: Tesseract, plate: PreparedPlate, lines: readonly Line[]): readonly Opinion[] {
  const [first = [], ...rest] = lines.map((line) => readLatin(tesseract, plate, line));
  return rest.reduce((above, below) => (above[0] && below[0] ? [join([above[0], below[0]])] : above), first);
}

interface SeenProvince {
  readonly text: string;
  readonly confidence: number;
}

function readProvince(tesseract: Tesseract, band: Grey | null): SeenProvince | null {
  if (!band) return null;
  const reads = [0.9, 0.3].map((hardness) => {
    const height = 52;
    // A flat band is more likely a slogan's or a frame's; drawn wide it would cost seconds.
    const width = Math.min(900, Math.max(40, Math.round((band.width * height) / band.height)));
    const image = resized(band, width, height, hardness);
    const { text, confidence } = tesseract.read('tha', image, '');
    const thai = text.replace(/[^\u0E01-\u0E4E]/g, '');
    return { text: thai, confidence };
  });
  const best = reads.filter(({ text }) => text.length >= 3).sort((a, b) => b.confidence - a.confidence)[0];
  return best ?? null;
}

/** Without a line of characters: the band where a car plate has its number. */
const assumedLine = (plate: PreparedPlate): Line => ({
  cx: plate.grey.width / 2,
  cy: plate.grey.height * 0.4,
  angle: 0,
  height: plate.grey.height * 0.5,
  spans: [{ from: -plate.grey.width * 0.46, to: plate.grey.width * 0.46 }],
});

export async function read({ options, ...patch }: ReadArgs): Promise<EngineRead> {
  const [{ cv }, tesseract] = await Promise.all([openCv(), loadTesseract()]);
  const plate = preparePlate(cv, patch);
  if (plate.isBlank) return { text: '', confidence: 0, characters: [], province: null, alternatives: [] };
  const lines = plate.lines.length > 0 ? plate.lines : [assumedLine(plate)];
  const { countries } = options;
  const mayBeThai = countries.length === 0 || countries.includes('TH');
  const mayBeLatin = countries.length === 0 || countries.some((country) => country !== 'TH');

  const province = mayBeThai ? readProvince(tesseract, plate.below) : null;
  const thai = mayBeThai ? readThai(tesseract, plate, lines) : [];
  const factor = latinFactor(mayBeThai, province);
  // What Latin letters could still reach decides whether they are tried: half of the time goes there.
  const latin = mayBeLatin && (thai[0]?.confidence ?? 0) < factor ? readLatinLines(tesseract, plate, lines) : [];
  const merged = merge([...thai, ...weighed(latin, factor)]);
  // The factor decides between the scripts; once Latin has won without a contest it says nothing about the text.
  const isLatin = /[A-Z]/.test(merged[0]?.text ?? '');
  const ranked = isLatin && factor === UNDECIDED ? weighed(merged, 1 / UNDECIDED) : merged;
  const best = ranked[0] ?? NOTHING;
  return {
    text: best.text,
    confidence: best.confidence,
    characters: best.characters,
    province,
    alternatives: ranked.slice(1, 8).map(({ text, confidence }) => ({ text, confidence })),
  };
}

/**
 * What a Latin opinion counts beside a Thai one. Tesseract reads กก as NN with full confidence, so the letters alone do not
 * tell: a line of Thai words below does, and without one a Thai text must still be the surer of two.
 */
function latinFactor(mayBeThai: boolean, province: SeenProvince | null): number {
  if (!mayBeThai) return 1;
  const consonants = (province?.text ?? '').replace(/[^ก-ฮ]/g, '').length;
  return consonants >= 3 && (province?.confidence ?? 0) >= 0.75 ? 0.4 : UNDECIDED;
}

/** What Latin counts where nothing but the line itself tells the script. */
const UNDECIDED = 0.8;

const weighed = (opinions: readonly Opinion[], factor: number): readonly Opinion[] =>
  opinions.map((one) => ({ ...one, confidence: Math.min(1, one.confidence * factor) }));

/** One line of a car or truck, or the two lines of a motorcycle. */
function readThai(tesseract: Tesseract, plate: PreparedPlate, lines: readonly Line[]): readonly Opinion[] {
  const [first, second] = lines;
  if (!first) return [];
  if (!second) return readThaiLine(tesseract, plate, first);
  const draw = (line: Line) => (one: Look) => cutPiece(plate.grey, line, ...ends(line, 0, line.spans.length - 1), one);
  const series = decide(vote(tesseract, 'tha', SERIES_LOOKS, draw(first), CONSONANTS + DIGITS, /^([1-9]?[ก-ฮ]{2,3})$/));
  const number = decide(vote(tesseract, 'eng', DIGIT_LOOKS, draw(second), DIGITS, /^[1-9]\d{0,3}$/));
  return series.slice(0, 3).flatMap((head) => number.slice(0, 2).map((tail) => join([head, tail])));
}
