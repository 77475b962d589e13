/** Measures of a patch as words: what a person can act on (move the camera, clean the glass), not bare numbers. */
import type { Detection } from '../api/contract.ts';

export type Grade = 'good' | 'fair' | 'poor';

export interface QualityWord {
  /** Key below `quality`: its label, and `quality.<key>Is.<grade>`. */
  readonly key: 'plateHeight' | 'sharpness' | 'glare' | 'contrast' | 'angle';
  readonly grade: Grade;
  readonly value: number;
  readonly unit: 'pixel' | 'percent' | 'degree';
}

function grade(value: number, good: number, fair: number): Grade {
  const isMoreBetter = good > fair;
  if (isMoreBetter ? value >= good : value <= good) return 'good';
  return (isMoreBetter ? value >= fair : value <= fair) ? 'fair' : 'poor';
}

/** Plate heights below 20 px rarely give a province line; 40 px read well. */
export function qualityWords(quality: NonNullable<Detection['quality']>): readonly QualityWord[] {
  const { plateHeight, sharpness, glare, contrast, angle } = quality;
  return [
    { key: 'plateHeight', grade: grade(plateHeight, 40, 20), value: Math.round(plateHeight), unit: 'pixel' },
    { key: 'sharpness', grade: grade(sharpness, 0.6, 0.3), value: sharpness, unit: 'percent' },
    { key: 'contrast', grade: grade(contrast, 0.5, 0.25), value: contrast, unit: 'percent' },
    { key: 'glare', grade: grade(glare, 0.05, 0.2), value: glare, unit: 'percent' },
    { key: 'angle', grade: grade(Math.abs(angle), 6, 15), value: Math.round(angle), unit: 'degree' },
  ];
}
