/** The four generations of the predecessor's edge devices, with their quirks (popwandee/lprserver and aicamera, 2025). */
import type { SimulatedEvent } from '../devices.ts';
import { base64, jsonPost, type Encode, type EncodedMessage, type EventPictures, type WireVariant } from './encoded.ts';
import { edges, localParts, provinceEn, sqliteUtc, vehicleBox } from './device-words.ts';

/** G0 names the picture by the local second; it has no other time. */
const g0: Encode = (event, pictures) => {
  const { day, clock } = localParts(event.deviceAt);
  const detection = {
    license_plate: event.plateNumber,
    image_name: `image_${day}_${clock}.jpg`,
    image_binary: pictures?.frame ?? Buffer.alloc(0),
    location_lat: event.camera.latitude,
    location_lon: event.camera.longitude,
    info: '',
  };
  return { transport: 'socketio', namespace: '/', event: 'lpr_detection', args: [detection] };
};

/** G1: local time without zone, coordinates as text, longitude with a blank before it. */
const g1: Encode = (event, pictures) => {
  const { day, clock } = localParts(event.deviceAt);
  const data = {
    license_plate: event.plateNumber,
    checkpoint_id: event.camera.checkpointId,
    timestamp: `${day}_${clock}`,
    hostname: event.camera.cameraId,
    vehicle_type: ' ',
    vehicle_color: ' ',
    latitude: String(event.camera.latitude),
    longitude: ` ${event.camera.longitude}`,
    image: base64(pictures?.frame),
  };
  return { transport: 'websocket', text: JSON.stringify({ table: 'lpr_detection', data }) };
};

/** G2: lists as JSON within a text, `timestamp` is when it was sent, `created_at` (SQLite's UTC) when it was. Confidence is a constant. */
function g2Detection(event: SimulatedEvent, pictures: EventPictures | null): Record<string, unknown> {
  const { date, time, ms } = localParts(event.deviceSendAt);
  const box = edges(event);
  const [x, y, width, height] = vehicleBox(event);
  const vehicle = [x, y, x + width, y + height];
  const ocr =
    event.plateNumber === ''
      ? []
      : [
          {
            plate_idx: 0,
            bbox: box,
            text: event.plateNumber,
            confidence: 0.8,
            vehicle_idx: 0,
            detection_confidence: 0.71,
          },
        ];
  return {
    type: 'detection_result',
    aicamera_id: String(event.camera.number),
    camera_id: String(event.camera.number),
    checkpoint_id: event.camera.checkpointId,
    timestamp: `${date}T${time}.${ms}000`,
    vehicles_count: 1,
    plates_count: 1,
    ocr_results: JSON.stringify(ocr),
    vehicle_detections: JSON.stringify([
      { bbox: vehicle, score: 0.9, label: event.body === 'truck' ? 'truck' : 'car' },
    ]),
    plate_detections: JSON.stringify([{ bbox: box, score: 0.7, vehicle_idx: 0, vehicle_bbox: vehicle }]),
    processing_time_ms: 153.2,
    created_at: sqliteUtc(event.deviceAt),
    annotated_image: base64(pictures?.frame),
    cropped_plates: pictures?.patch ? [base64(pictures.patch)] : [],
  };
}

const g2: Encode = (event, pictures) => ({
  transport: 'socketio',
  namespace: '/',
  event: 'lpr_data',
  args: [g2Detection(event, pictures)],
});

/** The REST fall-back goes to the path of the statistics and leaves `camera_id` out. */
const g2Rest: Encode = (event, pictures) => {
  // What is undefined is not written.
  return jsonPost({ ...g2Detection(event, pictures), camera_id: undefined }, {}, '/api/statistics');
};

const g3: Encode = (event) => {
  const [x, y, width, height] = event.box;
  const [vx, vy, vw, vh] = vehicleBox(event);
  const plate = {
    plate_index: 0,
    vehicle_id: 0,
    plate_number: event.plateNumber,
    bbox: { x, y, width, height },
    confidence: event.confidence,
    plate_type: event.body === 'truck' ? 'truck' : 'car',
    country: event.countryCode ?? '',
    province: provinceEn(event) ?? '',
    is_valid: true,
  };
  const vehicle = {
    vehicle_index: 0,
    bbox: { x: vx, y: vy, width: vw, height: vh },
    confidence: 0.9,
    vehicle_class: event.body === 'truck' ? 'truck' : 'car',
    vehicle_type: event.body,
    color: event.colour,
    brand: event.make,
    model: '',
    year: null,
  };
  const isRead = event.plateNumber !== '';
  const payload = {
    message_id: event.eventId,
    timestamp: event.deviceAt.toISOString(),
    camera_id: event.camera.cameraId,
    checkpoint_id: event.camera.checkpointId,
    detection_data: {
      ...{ vehicles_count: 1, plates_count: isRead ? 1 : 0, processing_time_ms: 150 },
      ...{
        confidence_score: event.confidence,
        detection_type: 'lpr',
        vehicles: [vehicle],
        plates: isRead ? [plate] : [],
      },
    },
    metadata: { image_path: `captures/${event.eventId}.jpg`, weather: 'clear', lighting: 'day' },
  };
  const topic = `lprserver/cameras/${event.camera.cameraId}/detection`;
  return { transport: 'mqtt', topic, payload: JSON.stringify(payload), qos: 1, retain: false };
};

const health = (event: SimulatedEvent): Record<string, unknown> => {
  const { date, time, ms } = localParts(event.deviceSendAt);
  return {
    type: 'health_check',
    aicamera_id: String(event.camera.number),
    checkpoint_id: event.camera.checkpointId,
    timestamp: `${date}T${time}.${ms}000`,
    component: 'camera',
    status: 'healthy',
    message: 'Camera is streaming',
    details: '{}',
    created_at: sqliteUtc(event.deviceSendAt),
  };
};

/** Hourly beside the raw WebSocket. */
const g1Status = (event: SimulatedEvent): EncodedMessage => {
  const { date, time } = localParts(event.deviceSendAt);
  const status = {
    ...{
      hostname: event.camera.cameraId,
      cpu_usage: 31.5,
      memory_usage: 44.2,
      camera_status: 'ok',
      hailo_status: 'ok',
    },
    ...{ system_info: 'Raspberry Pi 5', timestamp: `${date} ${time}` },
  };
  return { transport: 'socketio', namespace: '/', event: 'edge_status', args: [status] };
};

export const predecessor: Readonly<Record<string, WireVariant>> = {
  g3: {
    ...{ about: 'generation 3: MQTT topics lprserver/cameras/…', transport: 'mqtt', reports: 'look', encode: g3 },
    heartbeat: (event) => ({
      transport: 'mqtt',
      topic: `lprserver/cameras/${event.camera.cameraId}/health`,
      payload: JSON.stringify({
        ...health(event),
        timestamp: event.deviceSendAt.toISOString(),
        camera_id: event.camera.cameraId,
      }),
      qos: 0,
      retain: true,
    }),
  },
  g2: {
    ...{ about: 'generation 2: Socket.IO lpr_data', transport: 'socketio', reports: 'look', encode: g2 },
    heartbeat: (event) => ({ transport: 'socketio', namespace: '/', event: 'health_status', args: [health(event)] }),
  },
  'g2-rest': {
    ...{ about: 'generation 2, fall-back: POST /api/statistics', transport: 'http', reports: 'look', encode: g2Rest },
    heartbeat: (event) => jsonPost(health(event), {}, '/api/statistics'),
  },
  g1: {
    about: 'generation 1: raw WebSocket',
    transport: 'websocket',
    reports: 'pass',
    encode: g1,
    heartbeat: g1Status,
  },
  g0: { about: 'generation 0: Socket.IO lpr_detection', transport: 'socketio', reports: 'pass', encode: g0 },
};
