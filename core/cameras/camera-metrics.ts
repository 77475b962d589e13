/** How well a camera does, in figures. */

export interface CameraMetrics {
  readonly days: number;
  readonly frames: number;
  /** Frames in which the flow found no plate. */
  readonly framesWithoutPlate: number;
  readonly detections: number;
  /** Reads that went into one detection, on average; null without detections. */
  readonly readsPerVehicle: number | null;
  /** Median, 0..1. */
  readonly confidence: number | null;
  /** Detections that a person looked at: corrected, confirmed or rejected. */
  readonly reviewed: number;
  /** Of them, those that the hub had read exactly as the person says. */
  readonly exact: number;
  /** Of them, those that were no plate. */
  readonly notPlates: number;
  /** From receipt to the recorded detection, ms; null without detections since this is measured. */
  readonly storedMs: { readonly p50: number; readonly p95: number } | null;
  /** From capture to receipt by the device's clock, ms; null without one. */
  readonly onTheWayMs: number | null;
  /** Detections per hour in which it was watched. */
  readonly detectionsPerHour: number | null;
}

export type MeasuredMetrics = Omit<CameraMetrics, 'days' | 'detectionsPerHour'> & {
  /** Hours with a row: in which the hub watched it. */
  readonly hours: number;
};

export const metricsOf = ({ hours, ...measured }: MeasuredMetrics, days: number): CameraMetrics => ({
  ...measured,
  days,
  detectionsPerHour: hours === 0 ? null : measured.detections / hours,
});
