/** Canned answers of the places room, for `fake-hub.ts`. */
import type { Hub } from '../core/hub.ts';
import type { Place } from '../core/places/places.ts';
import { DEFAULT_RULES, type Geofence, type GeofenceEvent } from '../core/places/geofences.ts';

const AT = new Date('2026-11-23T08:15:30.250Z');
const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const none = Promise.resolve();
const unused = (): never => {
  throw new Error('This part of the fake hub is not in use.');
};

export const sampleGeofence: Geofence = {
  ...{ geofenceId: id(50), name: 'Port', colour: '#0e6a6a', notes: '', enabled: true, rules: DEFAULT_RULES },
  shape: { kind: 'circle', centre: [100.5, 13.7], radius: 200 },
  ...{ bounds: [100.49, 13.69, 100.51, 13.71], area: 125_663.7, cameraIds: [id(3)], createdAt: AT, updatedAt: AT },
};
const sampleGeofenceEvent: GeofenceEvent = {
  ...{ geofenceEventId: id(51), geofenceId: id(50), geofenceName: 'Port', event: 'leave', at: AT, seconds: 60 },
  ...{ bySilence: false, cause: 'live', plateNumber: '1กก1234', issuingEntity: 'TH-10', countryCode: 'TH' },
  ...{ detectionId: id(1), cameraId: id(3), cameraName: 'Gate', createdAt: AT, retractedAt: null },
};

const place: Place = {
  ...{ placeId: 'TH-1001', level: 'district', parentId: 'TH-10', nameTh: 'พระนคร', nameEn: 'Phra Nakhon' },
  ...{ latitude: 13.7559, longitude: 100.4982, cameraId: null, childCount: 0, cameraCount: 1 },
};

export const fakePlaces: Pick<Hub, 'geofences' | 'places'> = {
  geofences: {
    list: () => Promise.resolve({ items: [sampleGeofence], nextCursor: null }),
    get: () => Promise.resolve(sampleGeofence),
    create: () => Promise.resolve(sampleGeofence),
    update: () => Promise.resolve(sampleGeofence),
    remove: () => none,
    check: (shape) => ({
      ...{ problems: [], shape, bounds: sampleGeofence.bounds, area: 12.5, points: 1 },
      cameras: [{ cameraId: id(3), relation: 'inside' }],
    }),
    preview: () => ({
      ...{ format: 'geojson', ok: false },
      features: [
        {
          ...{ number: 1, name: 'Port', shape: null, area: null, points: 3, cameraIds: [] },
          problems: [{ field: 'features.1', problem: 'has no geometry' }],
        },
      ],
    }),
    import: () => Promise.resolve([sampleGeofence]),
    export: () => ({ type: 'FeatureCollection', features: [] }),
    at: () => [id(50)],
    ofCamera: () => [id(50)],
    observe: unused,
    reconsider: unused,
    events: () => Promise.resolve({ items: [sampleGeofenceEvent], nextCursor: null }),
    visits: () =>
      Promise.resolve([
        {
          ...{ geofenceId: id(50), plateNumber: '1กก1234', issuingEntity: null, countryCode: 'TH', enteredAt: AT },
          ...{ lastSeenAt: AT, lastCameraId: id(3), lastCameraName: 'Gate', lastDetectionId: id(1) },
          ...{ isLeaving: false, dwells: true },
        },
      ]),
    start: () => none,
    stop: () => none,
  },
  places: {
    get: () => place,
    children: () => [place],
    search: () => [place],
    at: () => [place],
    cameras: () => [
      {
        ...{ cameraId: id(3), latitude: 13.75, longitude: 100.5, provinceId: 'TH-10', districtId: 'TH-1001' },
        ...{ checkpointId: null, geofenceIds: [id(50)] },
      },
    ],
    travelTimes: () =>
      Promise.resolve([
        {
          ...{ fromCameraId: id(3), toCameraId: id(4), metres: 1_200, count: 3, floorSeconds: 60.5, medianSeconds: 90 },
          updatedAt: AT,
        },
      ]),
    learn: () => none,
  },
};
