/** Great-circle distance. */
import type { Position } from './geofences.ts';

/** IUGG mean radius of the earth, 6,371,008.8 m. */
const EARTH_RADIUS = 6_371_008.8;
export const METRES_PER_DEGREE = (EARTH_RADIUS * Math.PI) / 180;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Metres between two positions along the great circle (haversine). */
export function metresBetween([lon1, lat1]: Position, [lon2, lat2]: Position): number {
  const [a, b] = [radians(lat1), radians(lat2)];
  const half = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(radians(lon2 - lon1) / 2) ** 2;
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(half)));
}
