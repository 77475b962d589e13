/** Genetec SharpV in both of its forms (parkpow/genetec): date and time apart and in UTC, confidence as text of 100. */
import { base64, jsonPost, type Encode, type WireVariant } from './encoded.ts';
import { provinceEn } from './device-words.ts';

const attributes: Encode = (event, pictures) => {
  if (event.plateNumber === '') return null;
  const utc = event.deviceAt.toISOString();
  const [year, month, day] = utc.slice(0, 10).split('-');
  return jsonPost({
    CameraName: event.camera.cameraId,
    ContextImage: base64(pictures?.frame),
    PlateImage: base64(pictures?.patch),
    Plate: event.plateNumber,
    State: provinceEn(event) ?? '',
    ConfidenceScore: String(Math.round(event.confidence * 100)),
    DateUtc: `${day}/${month}/${year}`,
    TimeUtc: utc.slice(11, 19),
    Attributes: {
      'State Name Confidence Score': String(Math.round(event.provinceConfidence * 100)),
      'Vehicle Make': event.make,
      'Vehicle Model': '',
      'Vehicle Color': event.colour,
      'Relative Motion': event.direction === 'away' ? 'Moving away' : 'Approaching',
    },
  });
};

const analytics: Encode = (event, pictures) =>
  event.plateNumber === ''
    ? null
    : jsonPost({
        LprCameraName: event.camera.cameraId,
        PlateRead: event.plateNumber,
        PlateImage: base64(pictures?.patch),
        ContextImage: base64(pictures?.frame),
        Timestamp: event.deviceAt.toISOString(),
        Latitude: event.camera.latitude,
        Longitude: event.camera.longitude,
        PlateAnalytics: [
          { Key: 'State Name', Value: provinceEn(event) ?? '', Score: Math.round(event.provinceConfidence * 100) },
          { Key: 'Vehicle Make', Value: event.make, Score: 60 },
          { Key: 'Confidence Score', Value: String(Math.round(event.confidence * 100)), Score: 100 },
        ],
      });

export const genetec: Readonly<Record<string, WireVariant>> = {
  sharpv: { about: 'Plate with Attributes', transport: 'http', reports: 'pass', encode: attributes },
  analytics: { about: 'PlateRead with PlateAnalytics', transport: 'http', reports: 'pass', encode: analytics },
};
