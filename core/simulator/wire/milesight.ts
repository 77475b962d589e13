/** Milesight HTTP post (their article 69000880498): texts throughout, `No Plates` where none was read, a field with a blank in its name. */
import { base64, jsonPost, type Encode, type WireVariant } from './encoded.ts';
import { alpha3, edges, localParts } from './device-words.ts';

const push: Encode = (event, pictures) => {
  const { date, time, ms } = localParts(event.deviceAt);
  const [x1, y1, x2, y2] = edges(event);
  return jsonPost({
    device: event.camera.cameraId,
    time: `${date} ${time}`,
    time_msec: `${date} ${time}.${ms}`,
    plate: event.plateNumber === '' ? 'No Plates' : event.plateNumber,
    type: 'Visitor',
    speed: String(event.speedKmh),
    direction: event.direction === 'away' ? 'Away' : 'Approach',
    detection_region: String(event.lane),
    region: alpha3(event.countryCode),
    resolution_width: String(event.frame.width),
    resolution_height: String(event.frame.height),
    coordinate_x1: String(x1),
    coordinate_y1: String(y1),
    coordinate_x2: String(x2),
    coordinate_y2: String(y2),
    confidence: event.confidence.toFixed(2),
    plate_color: 'White',
    vehicle_type: event.body === 'truck' ? 'Truck' : 'Car',
    vehicle_color: event.colour,
    'Vehicle Brand': event.make,
    plate_image: base64(pictures?.patch),
    full_image: base64(pictures?.frame),
    evidence_image0: '',
    evidence_image1: '',
  });
};

export const milesight: Readonly<Record<string, WireVariant>> = {
  push: { about: 'HTTP post', transport: 'http', reports: 'pass', encode: push },
};
