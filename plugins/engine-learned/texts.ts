/** From the reader's outputs to texts with probabilities. Pure. */

/** One look at a plate. */
export interface Answer {
  /** Per slot the probability of each character, the first being "none": a text is one character per slot. */
  readonly slots: Float32Array;
  /** Per column of the picture the same: a text is what remains when repeats are merged and "none" is dropped. */
  readonly columns: Float32Array;
  /** How surely the plate has one line; the columns say nothing about others. */
  readonly single: number;
}

/** Characters as indices into the alphabet, 0 never among them. */
export type Indices = readonly number[];

export interface Guess {
  readonly indices: Indices;
  readonly probability: number;
}

/** How many texts are followed; and how many characters per slot or column. */
const BEAM = 8;
const CHOICES = 4;

const rowsOf = (values: Float32Array, size: number): Float32Array[] =>
  Array.from({ length: values.length / size }, (_, row) => values.subarray(row * size, (row + 1) * size));

interface Choice {
  readonly index: number;
  readonly probability: number;
}

/** The best few of a row, best first. */
function likeliest(row: Float32Array): readonly Choice[] {
  const best: Choice[] = [];
  for (let index = 0; index < row.length; index++) {
    const probability = row[index] ?? 0;
    if (best.length === CHOICES && probability <= (best[CHOICES - 1]?.probability ?? 0)) continue;
    let place = best.length;
    while (place > 0 && (best[place - 1]?.probability ?? 0) < probability) place--;
    best.splice(place, 0, { index, probability });
    if (best.length > CHOICES) best.pop();
  }
  return best;
}

/** What is so unlikely beside the best of its row changes no text that matters. */
const LEAST_SHARE = 1e-3;
const worthTrying = (row: Float32Array): readonly Choice[] => {
  const choices = likeliest(row);
  return choices.filter(({ probability }) => probability >= LEAST_SHARE * (choices[0]?.probability ?? 0));
};

const keyOf = (indices: Indices): string => indices.join();

/** The likeliest texts by the slots. */
function fromSlots(slots: readonly Float32Array[]): Indices[] {
  let beam: Guess[] = [{ indices: [], probability: 1 }];
  for (const row of slots) {
    const longer = new Map<string, Guess>();
    const choices = worthTrying(row);
    for (const { indices, probability } of beam) {
      for (const choice of choices) {
        const next = choice.index === 0 ? indices : [...indices, choice.index];
        const key = keyOf(next);
        const sum = (longer.get(key)?.probability ?? 0) + probability * choice.probability;
        longer.set(key, { indices: next, probability: sum });
      }
    }
    beam = [...longer.values()].sort((a, b) => b.probability - a.probability).slice(0, BEAM);
  }
  return beam.map(({ indices }) => indices);
}

/** The likeliest texts by the columns (prefix beam search, Hannun and others 2014). */
function fromColumns(columns: readonly Float32Array[]): Indices[] {
  let beam = new Map<string, { indices: Indices; blank: number; last: number }>([
    ['', { indices: [], blank: 1, last: 0 }],
  ]);
  for (const row of columns) {
    const next: typeof beam = new Map();
    const at = (indices: Indices): { indices: Indices; blank: number; last: number } => {
      const key = keyOf(indices);
      const known = next.get(key) ?? { indices, blank: 0, last: 0 };
      next.set(key, known);
      return known;
    };
    const choices = worthTrying(row);
    for (const { indices, blank, last } of beam.values()) {
      for (const { index, probability } of choices) {
        if (index === 0) at(indices).blank += (blank + last) * probability;
        else if (index === indices.at(-1)) {
          at(indices).last += last * probability;
          at([...indices, index]).last += blank * probability;
        } else at([...indices, index]).last += (blank + last) * probability;
      }
    }
    const best = [...next].sort(([, a], [, b]) => b.blank + b.last - a.blank - a.last);
    beam = new Map(best.slice(0, BEAM));
  }
  return [...beam.values()].map(({ indices }) => indices);
}

export function slotProbability(slots: readonly Float32Array[], indices: Indices): number {
  if (indices.length > slots.length) return 0;
  return slots.reduce((product, row, slot) => product * (row[indices[slot] ?? 0] ?? 0), 1);
}

/** Over all ways in which the columns can spell the text (forward algorithm, Graves and others 2006). */
export function columnProbability(columns: readonly Float32Array[], indices: Indices): number {
  // States: none, first character, none, second character, … none.
  const states = indices.length * 2 + 1;
  const symbols = Int32Array.from({ length: states }, (_, state) =>
    state % 2 === 0 ? 0 : (indices[(state - 1) / 2] ?? 0),
  );
  let before = new Float64Array(states);
  let now = new Float64Array(states);
  // Before the first column the text may begin with "none" or with its first character.
  before[0] = 1;
  for (const row of columns) {
    for (let state = 0; state < states; state++) {
      const symbol = symbols[state] as number;
      let reach = (before[state] as number) + (state > 0 ? (before[state - 1] as number) : 0);
      const skips = state > 2 && state % 2 === 1 && symbol !== symbols[state - 2];
      if (skips) reach += before[state - 2] as number;
      now[state] = reach * (row[symbol] as number);
    }
    [before, now] = [now, before];
  }
  return (before[states - 1] as number) + (states > 1 ? (before[states - 2] as number) : 0);
}

/**
 * What stands on the plate, likeliest first. Slots and columns are two readers that err in different ways: each text counts
 * with the mean of what both, in every look, think of it.
 */
export function guesses(looks: readonly Answer[], alphabet: number): Guess[] {
  const split = looks.map((look) => ({
    slots: rowsOf(look.slots, alphabet),
    columns: rowsOf(look.columns, alphabet),
    share: look.single / 2,
  }));
  const texts = new Map<string, Indices>();
  for (const { slots, columns, share } of split) {
    for (const text of fromSlots(slots)) texts.set(keyOf(text), text);
    if (share > 0.1) for (const text of fromColumns(columns)) texts.set(keyOf(text), text);
  }
  return [...texts.values()]
    .map((indices) => ({
      indices,
      probability:
        split.reduce(
          (sum, { slots, columns, share }) =>
            sum + (1 - share) * slotProbability(slots, indices) + share * columnProbability(columns, indices),
          0,
        ) / looks.length,
    }))
    .sort((a, b) => b.probability - a.probability);
}

/** Per character of a text its probability and what else it may be, as far as the slots can tell. */
export function charactersOf(
  looks: readonly Answer[],
  alphabet: number,
  guess: Guess,
): {
  readonly index: number;
  readonly probability: number;
  readonly others: { index: number; probability: number }[];
}[] {
  const means = looks.reduce<Float32Array | null>(
    (sum, { slots }) =>
      sum ? sum.map((value, k) => value + (slots[k] ?? 0) / looks.length) : slots.map((v) => v / looks.length),
    null,
  );
  const slots = means ? rowsOf(means, alphabet) : [];
  // Where the columns carried another text, the slots' opinion on single places means little.
  const even = guess.probability ** (1 / Math.max(1, guess.indices.length));
  return guess.indices.map((index, place) => {
    const row = slots[place] ?? new Float32Array(alphabet);
    const own = row[index] ?? 0;
    const others = likeliest(row).filter(
      (choice) => choice.index !== index && choice.index !== 0 && choice.probability >= 0.01,
    );
    return { index, probability: own >= 0.5 ? own : Math.max(own, even * 0.9), others };
  });
}
