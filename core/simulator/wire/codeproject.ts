/** CodeProject.AI through Blue Iris, as it posts to ALPR-Database: several predictions, the picture in base64. */
import { base64, jsonPost, type Encode, type WireVariant } from './encoded.ts';
import { edges, localParts } from './device-words.ts';

const push: Encode = (event, pictures) => {
  if (event.plateNumber === '') return null;
  const [x_min, y_min, x_max, y_max] = edges(event);
  const { day, clock, date, time, ms } = localParts(event.deviceAt);
  const prediction = {
    ...{ label: `Plate: ${event.plateNumber}`, plate: event.plateNumber, confidence: event.confidence },
    ...{ x_min, y_min, x_max, y_max },
  };
  return jsonPost({
    ai_dump: [{ api: 'alpr', found: { success: true, predictions: [prediction] } }],
    Image: base64(pictures?.frame),
    camera: event.camera.cameraId,
    ALERT_PATH: `${event.camera.cameraId}.${day}_${clock}${ms}.${event.trackId}-1.jpg`,
    timestamp: `${date}T${time}.${ms}+07:00`,
  });
};

export const codeproject: Readonly<Record<string, WireVariant>> = {
  alert: { about: 'Blue Iris alert', transport: 'http', reports: 'pass', encode: push },
};
