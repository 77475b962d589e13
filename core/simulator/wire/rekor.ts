/** OpenALPR / Rekor agent webhook: groups, results per frame, heartbeats (openalpr/doc, app_integration). */
import { base64, jsonPost, type Encode, type WireVariant } from './encoded.ts';
import { edges, percent, regionCode, vehicleBox } from './device-words.ts';

const AGENT = 'SIMULATEDAGENT00000000000000000000000000000000000000';

const coordinates: (event: Parameters<Encode>[0]) => readonly object[] = (event) => {
  const [left, top, right, bottom] = edges(event);
  return [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
};
const candidates = (event: Parameters<Encode>[0]): readonly object[] => [
  { plate: event.plateNumber, confidence: percent(event.confidence), matches_template: 0 },
];
const region = (event: Parameters<Encode>[0]): object => {
  const [x, y, width, height] = vehicleBox(event);
  return { x, y, width, height };
};

/** The agent reads nothing it tells nothing of. */
const group: Encode = (event, pictures) => {
  if (event.plateNumber === '') return null;
  const end = event.deviceAt.getTime();
  const crop = base64(pictures?.patch);
  return jsonPost({
    data_type: 'alpr_group',
    version: 2,
    epoch_start: end - 900,
    epoch_end: end,
    camera_id: event.camera.number,
    agent_uid: AGENT,
    best_plate_number: event.plateNumber,
    best_confidence: percent(event.confidence),
    best_region: regionCode(event),
    best_region_confidence: percent(event.provinceConfidence),
    best_uuid: event.eventId,
    uuids: [event.eventId],
    plate_indexes: [0],
    candidates: candidates(event),
    best_plate: {
      ...{ plate: event.plateNumber, confidence: percent(event.confidence), plate_crop_jpeg: crop },
      ...{ coordinates: coordinates(event), vehicle_region: region(event) },
    },
    vehicle: {
      color: [{ name: event.colour, confidence: 71.3 }],
      make: [{ name: event.make.toLowerCase(), confidence: 64.8 }],
      make_model: [],
      body_type: [{ name: event.body === 'pickup' ? 'truck-standard' : event.body, confidence: 58.1 }],
      year: [],
      orientation: [],
    },
    vehicle_crop_jpeg: base64(pictures?.frame),
    gps_latitude: event.camera.latitude,
    gps_longitude: event.camera.longitude,
    travel_direction: event.direction === 'away' ? event.camera.heading : (event.camera.heading + 180) % 360,
    is_parked: event.speedKmh === 0,
    is_preview: false,
  });
};

const results: Encode = (event, pictures) => {
  if (event.plateNumber === '') return null;
  return jsonPost({
    data_type: 'alpr_results',
    version: 2,
    epoch_time: event.deviceAt.getTime(),
    camera_id: event.camera.number,
    agent_uid: AGENT,
    uuid: event.eventId,
    img_width: event.frame.width,
    img_height: event.frame.height,
    processing_time_ms: 62.4,
    results: [
      {
        ...{ plate: event.plateNumber, confidence: percent(event.confidence), region: regionCode(event) },
        region_confidence: percent(event.provinceConfidence),
        coordinates: coordinates(event),
        plate_crop_jpeg: base64(pictures?.patch),
        candidates: candidates(event),
        vehicle_region: region(event),
      },
    ],
  });
};

export const rekor: Readonly<Record<string, WireVariant>> = {
  group: {
    ...{ about: 'alpr_group, one a pass', transport: 'http', reports: 'pass', encode: group },
    heartbeat: (event) =>
      jsonPost({
        data_type: 'heartbeat',
        version: 2,
        timestamp: event.deviceSendAt.getTime(),
        agent_uid: AGENT,
        video_streams: [
          {
            camera_id: event.camera.number,
            camera_name: event.camera.name,
            ...{
              fps: 14.8,
              is_streaming: true,
              last_update: event.deviceSendAt.getTime(),
              url: 'rtsp://camera.invalid/1',
            },
            ...{ gps_latitude: event.camera.latitude, gps_longitude: event.camera.longitude },
          },
        ],
        ...{
          disk_quota_total_bytes: 8e9,
          disk_quota_consumed_bytes: 1e9,
          cpu_cores: 4,
          cpu_usage: 37.5,
          license_valid: true,
        },
      }),
  },
  results: { about: 'alpr_results, one a frame', transport: 'http', reports: 'look', encode: results },
};
