/**
 * Whether a picture shows something that was not there before: a small grey copy is held against a background that follows
 * the light. Built to let every vehicle through; what it lets through in vain only costs a look.
 */
import sharp from 'sharp';

export type Sensitivity = 'low' | 'high';

export interface MotionGate {
  /**
   * @param bytes an encoded picture; one that cannot be decoded counts as moving, so that ingest says what is wrong with it
   * @param at milliseconds of a clock that never steps back
   */
  moves(bytes: Uint8Array, at: number): Promise<boolean>;
}

/** Cells of the small copy: about 30 pixels of a 1080p picture each, so that the sensor's grain averages out. */
export const COLUMNS = 64;
export const ROWS = 36;
const CELLS = COLUMNS * ROWS;

interface Thresholds {
  /** Grey levels (of 255) by which a cell must differ, however quiet it was. */
  readonly floor: number;
  /** However restless it was: a busy road must not make itself invisible. */
  readonly cap: number;
  /** Cells that must differ together. */
  readonly cells: number;
}
const THRESHOLDS: Readonly<Record<Sensitivity, Thresholds>> = {
  high: { floor: 8, cap: 18, cells: 3 },
  low: { floor: 14, cap: 40, cells: 24 },
};

/** How long the background takes to follow, ms: where nothing moves, where something does, and when all has changed. */
const FOLLOW_MS = { still: 10_000, moving: 15_000, everywhere: 2_000 } as const;
const RESTLESSNESS_MS = 30_000;
/** So many times its usual restlessness makes a cell differ. */
const BEYOND = 3;
/** Rows at the upper and lower edge where cameras write the running time: restlessness has no cap there. */
const STAMPED_ROWS = 4;
/** Above this share the camera was turned or its lamp switched: that is a new background, not a vehicle. */
const EVERYWHERE = 0.6;
/** Every so many cells are enough to tell how the light has changed. */
const SAMPLE = 4;

const isStamped = (cell: number): boolean => {
  const row = Math.floor(cell / COLUMNS);
  return row < STAMPED_ROWS || row >= ROWS - STAMPED_ROWS;
};

const median = (values: Float32Array): number => values.sort()[values.length >> 1] ?? 0;

/** The light changes for the whole picture at once, by a factor or a step: what is left after that is a change of the scene. */
function followLight(grey: Uint8Array, background: Float32Array): (cell: number) => number {
  const count = Math.floor(CELLS / SAMPLE);
  const steps = new Float32Array(count);
  const factors = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const seen = grey[i * SAMPLE] ?? 0;
    const before = background[i * SAMPLE] ?? 0;
    steps[i] = seen - before;
    // Dark cells tell nothing of a factor.
    factors[i] = before > 16 ? seen / before : 1;
  }
  const step = median(steps);
  const factor = median(factors);
  let left = { step: 0, factor: 0 };
  for (let i = 0; i < CELLS; i += SAMPLE) {
    const seen = grey[i] ?? 0;
    const before = background[i] ?? 0;
    // Capped, so that a vehicle does not decide which of the two explains the light.
    left = {
      step: left.step + Math.min(20, Math.abs(seen - before - step)),
      factor: left.factor + Math.min(20, Math.abs(seen - before * factor)),
    };
  }
  return left.step <= left.factor
    ? (cell) => (grey[cell] ?? 0) - (background[cell] ?? 0) - step
    : (cell) => (grey[cell] ?? 0) - (background[cell] ?? 0) * factor;
}

/** The look at one small copy after the other, without the decoding. */
export function createBackground({ floor, cap, cells }: Thresholds): (grey: Uint8Array, at: number) => boolean {
  const background = new Float32Array(CELLS);
  const restlessness = new Float32Array(CELLS).fill(2);
  const differs = new Uint8Array(CELLS);
  let last: number | null = null;
  return (grey, at) => {
    if (last === null) {
      background.set(grey);
      last = at;
      return true;
    }
    const passed = Math.max(0, at - last);
    last = at;
    const share = (ms: number): number => Math.min(0.9, 1 - Math.exp(-passed / ms));
    const change = followLight(grey, background);
    const learn = share(RESTLESSNESS_MS);
    let different = 0;
    for (let cell = 0; cell < CELLS; cell++) {
      const size = Math.abs(change(cell));
      const usual = restlessness[cell] ?? 0;
      const limit = Math.max(floor, isStamped(cell) ? BEYOND * usual : Math.min(cap, BEYOND * usual));
      differs[cell] = size > limit ? 1 : 0;
      different += differs[cell] ?? 0;
      restlessness[cell] = usual + learn * (size - usual);
    }
    const isEverywhere = different > CELLS * EVERYWHERE;
    const still = share(isEverywhere ? FOLLOW_MS.everywhere : FOLLOW_MS.still);
    const moving = share(isEverywhere ? FOLLOW_MS.everywhere : FOLLOW_MS.moving);
    let together = 0;
    for (let cell = 0; cell < CELLS; cell++) {
      const before = background[cell] ?? 0;
      const isDifferent = differs[cell] === 1;
      background[cell] = before + (isDifferent ? moving : still) * ((grey[cell] ?? 0) - before);
      if (!isDifferent) continue;
      const column = cell % COLUMNS;
      const hasNeighbour =
        (column > 0 && differs[cell - 1] === 1) ||
        (column < COLUMNS - 1 && differs[cell + 1] === 1) ||
        differs[cell - COLUMNS] === 1 ||
        differs[cell + COLUMNS] === 1;
      if (hasNeighbour) together++;
    }
    return together >= cells;
  };
}

export function createMotionGate(sensitivity: Sensitivity): MotionGate {
  const look = createBackground(THRESHOLDS[sensitivity]);
  return {
    async moves(bytes, at) {
      let grey: Uint8Array;
      try {
        // A JPEG is decoded at an eighth of its size: this is what makes the gate cheap.
        grey = await sharp(bytes, { failOn: 'none' })
          .greyscale()
          .resize(COLUMNS, ROWS, { fit: 'fill', kernel: 'linear' })
          .raw()
          .toBuffer();
      } catch {
        return true;
      }
      return look(grey, at);
    },
  };
}
