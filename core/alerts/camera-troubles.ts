/** What is wrong with cameras, as matters that rules judge. One trouble is one matter for as long as it lasts. */
import type { Camera } from '../cameras/cameras.ts';
import type { Matter } from './compile-rule.ts';
import type { CameraTrouble } from './rules.ts';

const OF_STATE: Readonly<Partial<Record<Camera['health']['state'], CameraTrouble>>> = {
  offline: 'offline',
  failing: 'failing',
  flapping: 'flapping',
};
const OF_WARNING: Readonly<Record<Camera['health']['warnings'][number]['code'], CameraTrouble>> = {
  clock_zone: 'clock',
  clock_off: 'clock',
  frames_fell: 'fewer_reads',
  reads_fell: 'fewer_reads',
};

/** @param day of the site: warnings do not say since when they stand, so each is a matter once a day */
export function cameraMatters(
  cameras: readonly Pick<Camera, 'cameraId' | 'health'>[],
  day: string,
  now: Date,
): readonly Matter[] {
  return cameras.flatMap(({ cameraId, health }): Matter[] => {
    const { state, since, warnings } = health;
    const trouble = OF_STATE[state];
    const troubles: readonly { readonly trouble: CameraTrouble; readonly since: string }[] = [
      ...(trouble === undefined ? [] : [{ trouble, since: since.toISOString() }]),
      ...[...new Set(warnings.map(({ code }) => OF_WARNING[code]))].map((one) => ({ trouble: one, since: day })),
    ];
    return troubles.map((camera) => ({
      ...{ cameraId, capturedAt: now, isLate: false, detection: null, hit: null, geofence: null, camera },
    }));
  });
}
