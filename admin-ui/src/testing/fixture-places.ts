/** Geofences and the cameras that stand in them, for the hub of cardboard; what was saved and brought in is kept. */
import type { Camera, Geofence, GeofenceCheckInput, GeofenceInput } from '../api/contract.ts';

const AT = '2026-11-26T03:00:00.000Z';
const RULES: Geofence['rules'] = {
  ...{ events: ['enter', 'leave'], dwellSeconds: 1_800, calendarId: null, direction: null, marginMetres: 0 },
  ...{ leaveDelaySeconds: 0, silenceSeconds: null, rearmSeconds: 300, minConfidence: 0 },
};

const camera = (cameraId: string, name: string, longitude: number, latitude: number): Camera =>
  ({
    ...{ cameraId, name, latitude, longitude, heading: 45, checkpointId: null, enabled: true, protocol: 'push' },
    health: { state: 'online' },
  }) as unknown as Camera;

const fence = (geofenceId: string, name: string, shape: Geofence['shape']): Geofence => ({
  ...{ geofenceId, name, shape, colour: '#0e6a6a', notes: '', enabled: true, rules: RULES, bounds: null },
  ...{ area: 1_200_000, cameraIds: ['camera-1'], createdAt: AT, updatedAt: AT },
});

export interface FixturePlaces {
  /** Undefined: none of its addresses. */
  answer(method: string, path: string, body: unknown): unknown;
  readonly saved: GeofenceInput[];
}

export function createFixturePlaces(): FixturePlaces {
  const saved: GeofenceInput[] = [];
  const cameras = [camera('camera-1', 'ประตูทางเข้า', 100.5018, 13.7563), camera('camera-2', 'Back gate', 100.51, 13.76)];
  const ring: [number, number][] = [
    [100.48, 13.74],
    [100.52, 13.74],
    [100.52, 13.78],
    [100.48, 13.74],
  ];
  const fences = [fence('fence-1', 'เขตพระนคร', { kind: 'polygon', polygons: [[ring]] })];
  return {
    saved,
    answer(method, path, body) {
      const [, room, rest = '', more] = path.split('/');
      if (room === 'geofence-events') return { items: [], nextCursor: null };
      if (['/zones', '/checkpoints', '/places/search', '/calendars'].includes(path)) return { items: [] };
      if (path === '/cameras') return { items: cameras };
      if (room !== 'geofences') return undefined;
      if (more === 'vehicles') return { items: [] };
      if (rest === 'check') {
        const { shape } = body as GeofenceCheckInput;
        const small = shape.kind === 'circle' && shape.radius < 10;
        const problems = small ? [{ field: 'shape.radius', problem: 'must be at least 10 m' }] : [];
        const inside = [{ cameraId: 'camera-1', relation: 'inside' }];
        return { problems, shape, bounds: null, area: 5_000, points: 0, cameras: inside };
      }
      if (method === 'POST') {
        const input = body as GeofenceInput;
        saved.push(input);
        const made = fence(`fence-${fences.length + 1}`, input.name, input.shape);
        fences.push(made);
        return made;
      }
      if (method === 'GET') return { items: fences, nextCursor: null };
      return undefined;
    },
  };
}
