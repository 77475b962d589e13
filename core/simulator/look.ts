/** Everything about a plate that its text does not say: letterforms, spacing, colours, what is fixed on and around it. */
import { PLAIN_CUT, type Cut, type Face } from './lettering.ts';
import type { Random } from './random.ts';

export interface Look {
  /** Of the number. */
  readonly face: Face;
  /** Of the province, the state, the town. */
  readonly smallFace: Face;
  readonly cut: Cut;
  readonly smallCut: Cut;
  /** Sizes as factors. */
  readonly size: number;
  readonly smallSize: number;
  /** The number's place, in tenths of a millimetre from where it usually stands. */
  readonly shift: readonly [number, number];
  readonly hasBorder: boolean;
  readonly hasBolts: boolean;
  /** Printed behind the text: SVG for a square of 1 by 1. */
  readonly backdrop: string | null;
  /** A holder around the plate, with or without the name of a dealer. */
  readonly frame: {
    readonly colour: string;
    readonly text: string;
    /** Width of its sides, in decimetres. */
    readonly covers: number;
    /** Of its upper side, as a share of the plate's height. */
    readonly coversTop: number;
    /** Of its lower side; some hide the feet of the letters. */
    readonly coversFoot: number;
  } | null;
  /** Draws what varies from plate to plate of one kind, such as stickers and emblems. */
  readonly random: Random | null;
}

export const plainLook = (face: Face): Look => ({
  face,
  smallFace: face,
  cut: PLAIN_CUT,
  smallCut: { ...PLAIN_CUT, tracking: 0 },
  size: 1,
  smallSize: 1,
  shift: [0, 0],
  hasBorder: true,
  hasBolts: true,
  backdrop: null,
  frame: null,
  random: null,
});

const DEALERS: readonly [string, ...string[]] = [
  'ศูนย์รถยนต์',
  'AUTO GALLERY',
  'รถดีเด่น',
  'CITY MOTORS',
  'www.example.com',
  'MOTORWAGEN',
  'TOYS OF OAKLAND',
  'NORTHFIELD FORD',
  '',
];

const colour = (random: Random, from: number, to: number): string =>
  `rgb(${random.whole(from, to)},${random.whole(from, to)},${random.whole(from, to)})`;

/** A printed picture, as personalised and American plates have: washes of colour and a few shapes. */
export function inventBackdrop(random: Random): string {
  const light = (): string => colour(random, 130, 255);
  const shapes = Array.from({ length: random.whole(1, 6) }, () => {
    const fill = random.chance(0.8) ? light() : colour(random, 30, 230);
    const opacity = random.between(0.2, 0.9).toFixed(2);
    const [x, y] = [random.next().toFixed(2), random.between(0, 1.1).toFixed(2)];
    return random.chance(0.5)
      ? `<ellipse cx="${x}" cy="${y}" rx="${random.between(0.05, 0.5).toFixed(2)}" ry="${random.between(0.05, 0.5).toFixed(2)}" fill="${fill}" opacity="${opacity}"/>`
      : `<path d="M0 ${y}L${x} ${random.between(0.2, 1).toFixed(2)}L1 ${random.next().toFixed(2)}V1H0Z" fill="${fill}" opacity="${opacity}"/>`;
  });
  const direction = random.chance(0.7) ? 'x2="0" y2="1"' : 'x2="1" y2="0"';
  return `<linearGradient id="wash" ${direction}><stop stop-color="${light()}"/><stop offset="${random.between(0.2, 0.8).toFixed(2)}" stop-color="${light()}"/><stop offset="1" stop-color="${light()}"/></linearGradient><rect width="1" height="1" fill="url(#wash)"/>${shapes.join('')}`;
}

/** A look as far from the usual as real plates are, for training. */
export function inventLook(
  random: Random,
  faces: readonly [Face, ...Face[]],
  smallFaces: readonly [Face, ...Face[]],
): Look {
  return {
    face: random.pick(faces),
    smallFace: random.pick(smallFaces),
    cut: {
      stretch: random.between(0.75, 1.3),
      weight: random.chance(0.5) ? random.between(0, 0.05) : 0,
      tracking: random.between(-0.01, 0.14),
    },
    smallCut: {
      stretch: random.between(0.9, 1.35),
      weight: random.chance(0.4) ? random.between(0, 0.05) : 0,
      tracking: random.between(0, 0.08),
    },
    size: random.between(0.85, 1.1),
    smallSize: random.between(0.75, 1.15),
    shift: [random.between(-60, 60), random.between(-40, 40)],
    hasBorder: random.chance(0.7),
    hasBolts: random.chance(0.5),
    backdrop: null,
    frame: random.chance(0.3)
      ? {
          colour: colour(random, 5, random.chance(0.7) ? 60 : 240),
          text: random.pick(DEALERS),
          covers: random.between(0, random.chance(0.25) ? 0.14 : 0.05),
          coversTop: random.chance(0.3) ? random.between(0.06, 0.16) : 0,
          coversFoot: random.chance(0.35) ? random.between(0.08, 0.26) : 0,
        }
      : null,
    random,
  };
}
