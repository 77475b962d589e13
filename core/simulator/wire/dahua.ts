/** Dahua ITSAPI push: local times beside a zone, boxes as corners in pixels, the camera waits for `"result":"true"`. */
import type { SimulatedEvent } from '../devices.ts';
import { base64, jsonPost, type Encode, type WireVariant } from './encoded.ts';
import { alpha3, edges, localParts } from './device-words.ts';

const stamp = (instant: Date): string => {
  const { date, time, ms } = localParts(instant);
  return `${date} ${time}.${ms}`;
};
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const push: Encode = (event, pictures) => {
  const { day, clock } = localParts(event.deviceAt);
  const picture = (bytes: Buffer | null | undefined, kind: string): object => ({
    Content: base64(bytes),
    PicName: `${day}${clock}_${kind}_${event.trackId}.jpg`,
  });
  return jsonPost(
    {
      Picture: {
        NormalPic: picture(pictures?.frame, 'normal'),
        CutoutPic: picture(pictures?.patch, 'cutout'),
        Plate: {
          BoundingBox: edges(event),
          Channel: 0,
          Confidence: Math.round(event.confidence * 100),
          IsExist: event.plateNumber !== '',
          PlateColor: 'White',
          PlateNumber: event.plateNumber,
          PlateType: 'Unknown',
          Region: alpha3(event.countryCode),
          UploadNum: 1,
        },
        SnapInfo: {
          AccurateTime: stamp(event.deviceAt),
          DeviceID: event.camera.cameraId,
          Direction: event.direction === 'away' ? 'Reverse' : 'Obverse',
          LanNo: event.lane,
          SnapTime: stamp(event.deviceAt).slice(0, 19),
          TimeZone: 7,
        },
        Vehicle: {
          VehicleColor: capital(event.colour),
          VehicleSeries: 'Unknown',
          VehicleSign: event.make,
          VehicleType: event.body === 'truck' ? 'HeavyTruck' : 'PassengerCar',
        },
      },
    },
    {},
    '/NotificationInfo/TollgateInfo',
  );
};

export const dahua: Readonly<Record<string, WireVariant>> = {
  push: {
    ...{ about: 'POST /NotificationInfo/TollgateInfo', transport: 'http', reports: 'pass', encode: push },
    heartbeat: (event: SimulatedEvent) =>
      jsonPost({ DeviceID: event.camera.cameraId, Active: 'keepAlive' }, {}, '/NotificationInfo/KeepAlive'),
  },
};
