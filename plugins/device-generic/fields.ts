/** Where an integrator says what lies where: each setting is a dotted path, several with `|` between (the first that is there counts), or `=` and a constant. */
import { choice, number, text } from '../../core/plugins/define.ts';

const path = (value = ''): ReturnType<typeof text> => text({ default: value });

/** The defaults are the hub's own form, documented in docs/devices/generic.md. */
export const fields = {
  events: path('events'),
  reads: path('reads'),
  plateNumber: path('plateNumber|plate'),
  issuingEntity: path('issuingEntity|province'),
  countryCode: path('countryCode|country'),
  confidence: path('confidence'),
  confidenceWhole: choice(['1', '100'], '1'),
  characters: path('characters'),
  candidates: path('candidates'),
  capturedAt: path('capturedAt|timestamp'),
  dateOrder: choice(['ymd', 'dmy', 'mdy'], 'ymd'),
  isLate: path('isLate'),
  eventKey: path('eventId'),
  deviceRef: path('deviceId'),
  cameraRef: path('cameraId|camera'),
  cameraName: path('cameraName'),
  frame: path('frame|image'),
  patch: path('patch'),
  box: path('box'),
  boxLayout: choice(['xywh', 'xyxy'], 'xywh'),
  boxUnit: choice(['pixels', 'shares'], 'pixels'),
  trackId: path('trackId'),
  isFinal: path('isFinal'),
  direction: path('direction'),
  towardWords: path('toward, approach, approaching'),
  awayWords: path('away, leave, leaving, depart'),
  heading: path('heading'),
  speed: path('speed'),
  lane: path('lane'),
  vehicleType: path('vehicle.type'),
  vehicleMake: path('vehicle.make'),
  vehicleModel: path('vehicle.model'),
  vehicleColour: path('vehicle.colour|vehicle.color'),
  heartbeat: path('heartbeat'),
  replyStatus: number({ default: 200, min: 200, max: 299 }),
  replyBody: text(),
};
