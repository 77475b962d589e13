/** What a camera's last plates say about how it stands: too far, out of focus, against the sun. Pure. */

/** Of the newest detections of one camera. Null where there is none. */
export interface CameraSight {
  readonly detections: number;
  /** Medians. Pixels of height in the frame; the rest as in `Quality`. */
  readonly plateHeight: number;
  readonly sharpness: number;
  readonly contrast: number;
  readonly glare: number;
  /** Degrees, without sign. */
  readonly angle: number;
  /** Share of reads below 0.6. */
  readonly unsure: number;
}

export interface CameraAdvice {
  readonly code:
    'plates_small' | 'plates_blurred' | 'plates_faint' | 'plates_glaring' | 'plates_tilted' | 'reads_unsure';
  /** What was measured, in the unit of its kind. */
  readonly value: number;
}

/** Fewer say nothing about a camera. */
export const LEAST_DETECTIONS = 10;
/** Of the labelled photographs, plates lower than this were read less and less well. */
const SMALL = 18;
const BLURRED = 0.25;
const FAINT = 0.25;
const GLARING = 0.15;
const TILTED = 20;
const UNSURE = 0.4;

/** Most hindering first. */
export function adviceFor(sight: CameraSight | null): readonly CameraAdvice[] {
  if (sight === null || sight.detections < LEAST_DETECTIONS) return [];
  const advice: CameraAdvice[] = [];
  if (sight.plateHeight < SMALL) advice.push({ code: 'plates_small', value: sight.plateHeight });
  if (sight.sharpness < BLURRED) advice.push({ code: 'plates_blurred', value: sight.sharpness });
  if (sight.contrast < FAINT) advice.push({ code: 'plates_faint', value: sight.contrast });
  if (sight.glare > GLARING) advice.push({ code: 'plates_glaring', value: sight.glare });
  if (sight.angle > TILTED) advice.push({ code: 'plates_tilted', value: sight.angle });
  if (advice.length === 0 && sight.unsure > UNSURE) advice.push({ code: 'reads_unsure', value: sight.unsure });
  return advice;
}
