/** Where plates are in the picture, and how they move there. */
import type { Box } from '../message.ts';

function overlapOf([ax, ay, aw, ah]: Box, [bx, by, bw, bh]: Box): number {
  const width = Math.min(ax + aw, bx + bw) - Math.max(ax, bx);
  const height = Math.min(ay + ah, by + bh) - Math.max(ay, by);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (aw * ah + bw * bh - width * height);
}

/** Intersection over union, 0..1; of places that nobody knows 0. */
export const overlap = (a: Box | null, b: Box | null): number => (a === null || b === null ? 0 : overlapOf(a, b));

/** From the middle of one box to that of another, in widths of a plate. */
export function moved([ax, ay, aw, ah]: Box, [bx, by, bw, bh]: Box): readonly [x: number, y: number] {
  const width = Math.max(1, (aw + bw) / 2);
  return [(bx + bw / 2 - ax - aw / 2) / width, (by + bh / 2 - ay - ah / 2) / width];
}

/** So many sure movements tell how vehicles move before a camera. */
const LEAST_SEEN = 12;
/** Older ones fade: a camera may be turned. */
const FADING = 0.98;
/** Sideways, in widths of a plate, a vehicle stays in its lane. */
const SIDEWAYS = 1.2;
/** Against the usual direction, in widths: shaking and a jumping box. */
const BACKWARD = 0.4;
/** Before anything is known of the camera: this far in any direction. */
const UNKNOWN_REACH = 2;
/** The furthest along the way: a picture is seldom longer. */
const REACH = 9;
const ONE_WAY = 0.8;

/** A plate that grew or shrank at least this much tells where the road ends in the picture. */
const LEAST_GROWTH = 0.12;
const MOST_VANISHING = 64;
/** How far from where perspective puts it, in widths of a plate. */
const ASTRAY = 1.2;
/** Against the usual growth: boxes jump by a pixel or two. */
const SHRINKING = 0.1;

const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/**
 * A vehicle in its lane keeps its distance from the road's vanishing point, counted in widths of its own plate, for both
 * shrink alike with the way. So lanes that lie beside each other move in other directions, and far along.
 */
function createPerspective(): CameraMotion {
  let vanishing: readonly number[] = [];
  let [dwdw, dwdy, growing, seen] = [0, 0, 0, 0];
  const centre = ([x, , w]: Box): number => x + w / 2;
  const foot = ([, y, , h]: Box): number => y + h / 2;
  return {
    learn(from, to) {
      const [a, b] = [from[2], to[2]];
      const growth = Math.log(b / a);
      if (Math.abs(growth) < LEAST_GROWTH) return;
      vanishing = [...vanishing, (centre(from) * b - centre(to) * a) / (b - a)].slice(-MOST_VANISHING);
      dwdw = dwdw * FADING + (b - a) ** 2;
      dwdy = dwdy * FADING + (b - a) * (foot(to) - foot(from));
      growing = growing * FADING + Math.sign(growth);
      seen = seen * FADING + 1;
    },
    fits(from, to) {
      if (vanishing.length < LEAST_SEEN) return 0;
      const [a, b] = [from[2], to[2]];
      const isOneWay = Math.abs(growing) >= ONE_WAY * seen;
      if (isOneWay && Math.log(b / a) * Math.sign(growing) < -SHRINKING) return 0;
      const point = middle(vanishing);
      const sideways = Math.abs((centre(from) - point) / a - (centre(to) - point) / b);
      const along = Math.abs(foot(to) - foot(from) - (dwdy / dwdw) * (b - a)) / ((a + b) / 2);
      return Math.max(0, 1 - Math.hypot(sideways, along) / ASTRAY);
    },
  };
}

/** How vehicles move before one camera, learned from plates that were read alike. */
export interface CameraMotion {
  /** Of one vehicle, in the order of capture. */
  learn(from: Box, to: Box): void;
  /** How well a movement fits, 0 (not at all) .. 1. */
  fits(from: Box, to: Box): number;
}

function createAxis(): CameraMotion {
  let seen = 0;
  let [sumX, sumY, xx, yy, xy] = [0, 0, 0, 0, 0];
  return {
    learn(from, to) {
      const [x, y] = moved(from, to);
      // What stands teaches no direction.
      if (Math.hypot(x, y) < 0.3) return;
      seen = seen * FADING + 1;
      sumX = sumX * FADING + x;
      sumY = sumY * FADING + y;
      xx = xx * FADING + x * x;
      yy = yy * FADING + y * y;
      xy = xy * FADING + x * y;
    },
    fits(from, to) {
      const [x, y] = moved(from, to);
      const distance = Math.hypot(x, y);
      if (seen < LEAST_SEEN) return Math.max(0, 1 - distance / UNKNOWN_REACH);
      // The axis along which movements vary most.
      const angle = Math.atan2(2 * xy, xx - yy) / 2;
      const [ux, uy] = [Math.cos(angle), Math.sin(angle)];
      const along = x * ux + y * uy;
      const sideways = Math.abs(y * ux - x * uy);
      const drift = sumX * ux + sumY * uy;
      const usual = Math.sqrt(xx + yy) * Math.sqrt(seen);
      const isOneWay = Math.abs(drift) >= ONE_WAY * usual;
      const forward = isOneWay ? along * Math.sign(drift) : Math.abs(along);
      if (forward < -BACKWARD || forward > REACH || sideways > SIDEWAYS) return 0;
      return 1 - sideways / SIDEWAYS / 2 - Math.max(0, forward) / REACH / 2;
    },
  };
}

/** Along one line, as before a camera that looks at the road from beside it, or in perspective, as along the road: what fits better. */
export function createCameraMotion(): CameraMotion {
  const motions = [createAxis(), createPerspective()];
  return {
    learn(from, to) {
      for (const motion of motions) motion.learn(from, to);
    },
    fits: (from, to) => Math.max(...motions.map((motion) => motion.fits(from, to))),
  };
}
