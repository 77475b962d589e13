/**
 * As an OpenALPR / Rekor Scout agent posts groups to `upload_address`. Source: openalpr/doc, `source/app_integration.include`
 * (March 2021). Confidences are of 100, times are milliseconds since 1970. What more reads may still change goes out as a
 * preview, which shares its uuid with the group that follows.
 */
import { createHash } from 'node:crypto';
import {
  defineConnector,
  flag,
  text,
  url,
  type ConnectorDetection,
  type ConnectorContext,
} from '../../core/plugins/define.ts';

/** Cameras have numbers there: the same camera always has the same one. */
export const cameraNumber = (cameraId: string): number =>
  createHash('sha256').update(cameraId).digest().readUInt32BE() >>> 1;

/** `<something>-<ms>`, as agents name the frame of the best read; receivers take the time of capture from its end. */
const uuidOf = ({ detectionId, capturedAt }: ConnectorDetection): string => `${detectionId}-${capturedAt.getTime()}`;

const percent = (share: number): number => Math.round(share * 10_000) / 100;
const guess = (name: string | null | undefined): readonly { name: string; confidence: number }[] =>
  // A device says a colour without saying how surely.
  name === null || name === undefined ? [] : [{ name: name.toLowerCase(), confidence: 100 }];

function coordinatesOf({ box, corners }: ConnectorDetection): readonly { x: number; y: number }[] {
  if (corners !== null) return corners.map(([x, y]) => ({ x: Math.round(x), y: Math.round(y) }));
  if (box === null) return [];
  const [left, top, width, height] = box.map(Math.round) as [number, number, number, number];
  const [right, bottom] = [left + width, top + height];
  return [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
}

async function jpegOf(imageId: string | undefined, picture: ConnectorContext<never>['picture']): Promise<string> {
  const bytes = imageId === undefined ? null : await picture(imageId);
  // The field promises a JPEG; a device's cut-out may be a PNG.
  return bytes?.[0] === 0xff && bytes[1] === 0xd8 ? Buffer.from(bytes).toString('base64') : '';
}

export default defineConnector({
  id: 'rekor',
  fields: {
    url: url({ required: true }),
    agent: text({ default: 'LPRHUB' }),
    company: text(),
    pictures: flag(true),
    scene: flag(false),
  },
  tells: ['provisional'],
  async send(detection, { config, picture, post }) {
    const { camera, vehicle, plateNumber } = detection;
    const uuid = uuidOf(detection);
    const confidence = percent(detection.confidence);
    const region = (detection.issuingEntity ?? detection.countryCode ?? '').toLowerCase();
    const candidates = detection.candidates.map((one) => ({
      ...{ plate: one.plateNumber, confidence: percent(one.confidence), matches_template: 0 },
    }));
    const others = candidates.filter(({ plate }) => plate !== plateNumber);
    const all = [{ plate: plateNumber, confidence, matches_template: detection.plateType === null ? 0 : 1 }, ...others];
    const crop = config.pictures ? await jpegOf(detection.patch?.imageId, picture) : '';
    const scene = config.scene ? await jpegOf(detection.frame?.imageId, picture) : '';
    const group = {
      ...{ data_type: 'alpr_group', version: 2 },
      ...{ epoch_start: detection.capturedAt.getTime(), epoch_end: detection.lastSeenAt.getTime() },
      ...{ agent_uid: config.agent, agent_type: 'alprd', company_id: config.company },
      ...{
        camera_id: cameraNumber(camera.cameraId),
        camera_name: camera.name,
        country: detection.countryCode?.toLowerCase() ?? '',
      },
      ...{ gps_latitude: camera.latitude ?? -1, gps_longitude: camera.longitude ?? -1 },
      ...{ uuids: [uuid], plate_indexes: [0], candidates: all },
      best_plate: {
        ...{ plate: plateNumber, confidence, matches_template: all[0]?.matches_template ?? 0, plate_index: 0 },
        ...{ region, region_confidence: 0, processing_time_ms: 0, requested_topn: all.length },
        ...{ coordinates: coordinatesOf(detection), candidates: all },
        ...(crop === '' ? {} : { plate_crop_jpeg: crop }),
      },
      ...{ best_confidence: confidence, best_uuid: uuid, best_plate_number: plateNumber, best_region: region },
      ...{ best_region_confidence: 0, best_image_width: detection.frame?.width ?? 0 },
      ...{ best_image_height: detection.frame?.height ?? 0, matches_template: detection.plateType !== null },
      ...{ travel_direction: 0, is_parked: detection.isParked, is_preview: detection.status === 'provisional' },
      vehicle: {
        ...{ color: guess(vehicle?.colour), make: guess(vehicle?.make), body_type: guess(vehicle?.type) },
        // `toyota_camry` beside `toyota`.
        make_model: guess(vehicle?.make && vehicle.model ? `${vehicle.make}_${vehicle.model}` : null),
        ...{ year: [], orientation: [] },
      },
      // The agent cuts the vehicle out; the hub has the scene alone.
      ...(scene === '' ? {} : { vehicle_crop_jpeg: scene }),
    };
    await post(config.url, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(group) });
  },
});
