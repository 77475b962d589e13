/** A detection as connectors are given it, and a context over real HTTP. */
import { post } from '../core/connectors/post.ts';
import { parseConfig, type Fields } from '../core/fields.ts';
import type { ConnectorContext, ConnectorDetection, ConnectorPlugin } from '../core/plugins/define.ts';

export const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
export const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);

export const outgoing: ConnectorDetection = {
  ...{ detectionId: '00000000-0000-7000-8000-000000000001', revision: 0, isTest: false, status: 'confirmed' },
  ...{ plateNumber: '1กก1234', series: '1กก', serial: '1234', issuingEntity: 'TH-10', countryCode: 'TH' },
  ...{ plateType: 'RY1', confidence: 0.9387 },
  candidates: [
    { plateNumber: '1กก1234', issuingEntity: 'TH-10', confidence: 0.9387 },
    { plateNumber: '1กก1284', issuingEntity: 'TH-10', confidence: 0.21 },
  ],
  ...{ capturedAt: new Date('2026-11-23T08:15:30.250Z'), lastSeenAt: new Date('2026-11-23T08:15:33.000Z') },
  ...{ capturedAtSource: 'device', receivedAt: new Date('2026-11-23T08:15:31.000Z'), isLate: false, isParked: false },
  readCount: 4,
  camera: {
    ...{ cameraId: '00000000-0000-7000-8000-0000000000aa', name: 'ด่านเหนือ', checkpoint: 'Bridge' },
    ...{ latitude: 13.75, longitude: 100.5, heading: 90 },
  },
  frame: { imageId: 'frame', width: 1280, height: 720 },
  patch: { imageId: 'patch', width: 240, height: 120 },
  ...{ box: [100.4, 200.25, 240, 120], corners: null },
  vehicle: { type: 'Sedan', make: 'Toyota', model: 'Camry', colour: 'White' },
  ...{ motion: null, hits: [], link: null },
};

/** @param pictures by id; what is not there is removed */
export function contextOf<F extends Fields>(
  plugin: ConnectorPlugin<F>,
  config: Readonly<Record<string, unknown>>,
  pictures: Readonly<Record<string, Uint8Array>> = {},
): ConnectorContext<F> {
  const signal = AbortSignal.timeout(10_000);
  return {
    ...{ config: parseConfig(plugin.fields, config), signal, timeZone: 'Asia/Bangkok' },
    picture: (imageId) => Promise.resolve(pictures[imageId] ?? null),
    post: (url, request) => post(url, request, { allowPrivate: true, signal }),
  };
}
