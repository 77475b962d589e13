/** `Picture` of an ITSAPI TollgateInfo message. */
import {
  at,
  countryCodeOf,
  instantAt,
  isObject,
  numberAt,
  pictureAt,
  textAt,
  UNKNOWN_READ,
  wallTime,
  type DeviceEvent,
  type WireObject,
} from '../../core/plugins/define.ts';
import { boxOf, confidenceOf, known, motionOf, plateText, type ReadingOptions } from './words.ts';

/**
 * Minutes ahead of UTC by the index that Dahua gives zones (0: GMT; 12: GMT+7). `TimeZone` is this index in some messages and
 * hours in others.
 */
const ZONES = [0, 60, 120, 180, 210, 240, 270, 300, 330, 345, 360, 390, 420, 480, 540, 570, 600, 660, 720, 780];

/** Times are of the camera's wall clock. The zone set for the device counts; the message's own is looked at to say when it differs. */
function capturedAtOf(snap: WireObject, timeZone: string, coerced: string[]): Date | null {
  const field = snap['AccurateTime'] === undefined ? 'SnapTime' : 'AccurateTime';
  const time = instantAt(snap[field], `SnapInfo.${field}`, timeZone);
  const said = numberAt(snap['TimeZone'], 'SnapInfo.TimeZone');
  if (time === null || said === null) return time;
  const utc = [
    time.getUTCFullYear(),
    time.getUTCMonth() + 1,
    time.getUTCDate(),
    time.getUTCHours(),
    time.getUTCMinutes(),
    time.getUTCSeconds(),
  ];
  const ahead = Math.round((Math.floor(time.getTime() / 1000) * 1000 - wallTime(utc, timeZone).getTime()) / 60_000);
  if (![said * 60, ZONES[said]].includes(ahead)) {
    coerced.push(`TimeZone ${said} is not the zone set for this device, which counts`);
  }
  return time;
}

const TWO_PICTURES = Buffer.from([0xff, 0xd9, 0xff, 0xd8, 0xff]);

interface Pictures {
  readonly scene: Uint8Array | null;
  readonly vehicle: Uint8Array | null;
  readonly patch: Uint8Array | null;
}

function picturesOf(picture: WireObject): Pictures {
  const content = (kind: string): Uint8Array | null =>
    pictureAt(at(picture, `${kind}.Content`), `Picture.${kind}.Content`);
  const [scene, vehicle, patch] = [content('NormalPic'), content('VehiclePic'), content('CutoutPic')];
  // Some models write the plate's picture right behind the vehicle's.
  const seam = vehicle === null ? -1 : Buffer.from(vehicle).indexOf(TWO_PICTURES);
  if (vehicle === null || seam < 0) return { scene, vehicle, patch };
  return { scene, vehicle: vehicle.subarray(0, seam + 2), patch: patch ?? vehicle.subarray(seam + 2) };
}

/** @throws invalid_input naming the field */
export function tollgateEvent(picture: WireObject, { boxUnit, whole, timeZone }: ReadingOptions): DeviceEvent {
  const plate = isObject(picture['Plate']) ? picture['Plate'] : {};
  const snap = isObject(picture['SnapInfo']) ? picture['SnapInfo'] : {};
  const vehicle = isObject(picture['Vehicle']) ? picture['Vehicle'] : {};
  const coerced: string[] = [];
  const pictures = picturesOf(picture);
  const text = plate['IsExist'] === false ? '' : plateText(plate['PlateNumber']);
  const channel = numberAt(plate['Channel'], 'Plate.Channel') ?? 0;
  return {
    // Names of pictures are the same in each message of some models: the content is the key.
    eventKey: null,
    cameraRef: channel === 0 ? '' : String(channel),
    cameraName: null,
    capturedAt: capturedAtOf(snap, timeZone, coerced),
    isLate: false,
    frame: pictures.scene ?? pictures.vehicle,
    pull: null,
    reads: [
      {
        ...UNKNOWN_READ,
        text,
        countryCode: countryCodeOf(plate['Region']),
        confidence: text === '' ? null : confidenceOf(plate['Confidence'], 'Plate.Confidence', whole, coerced),
        box: boxOf(plate['BoundingBox'], 'Plate.BoundingBox', pictures.scene, boxUnit),
        patch: pictures.patch,
        vehicle: {
          type: known(vehicle['VehicleType']),
          make: known(vehicle['VehicleSign']),
          model: known(vehicle['VehicleSeries']),
          colour: known(vehicle['VehicleColor']),
        },
        motion: motionOf(snap['Direction'], snap['Speed'] ?? vehicle['Speed'], textAt(snap['LanNo'] ?? snap['Lane'])),
      },
    ],
    coerced,
  };
}
