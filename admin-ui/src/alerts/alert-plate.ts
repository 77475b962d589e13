import type { Alert } from '../api/contract.ts';
import { previewOf, type PlateText } from '../plates/plate-layout.ts';

/** The plate of an alert as its badge draws it; null where it is of no vehicle. */
export function alertPlate(alert: Pick<Alert, 'plateNumber' | 'plate'>): PlateText | null {
  const { plateNumber, plate } = alert;
  if (plateNumber === null) return null;
  if (plate === undefined || plate === null) return previewOf(plateNumber, null);
  return { plateNumber, ...plate };
}
