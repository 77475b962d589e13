/** The hub's own JSON: the names that the hub itself uses. */
import { base64, jsonPost, type Encode, type WireVariant } from './encoded.ts';
import { localParts } from './device-words.ts';

const push: Encode = (event, pictures) => {
  const { date, time, ms } = localParts(event.deviceAt);
  return jsonPost({
    eventId: event.eventId,
    cameraId: event.camera.cameraId,
    cameraName: event.camera.name,
    // A naive clock writes what it shows and does not say where it stands.
    capturedAt: event.clock.writes === 'naive' ? `${date}T${time}.${ms}` : `${date}T${time}.${ms}+07:00`,
    isLate: event.isLate,
    plateNumber: event.plateNumber,
    issuingEntity: event.issuingEntity,
    countryCode: event.countryCode,
    confidence: event.plateNumber === '' ? null : event.confidence,
    characters: event.characters,
    box: event.box,
    trackId: String(event.trackId),
    lane: String(event.lane),
    direction: event.direction === 'away' ? 'away' : 'toward',
    speed: event.speedKmh,
    vehicle: { type: event.body, make: event.make, colour: event.colour },
    ...(pictures ? { frame: base64(pictures.frame) } : {}),
    ...(pictures?.patch ? { patch: base64(pictures.patch) } : {}),
  });
};

export const generic: Readonly<Record<string, WireVariant>> = {
  json: { about: "the hub's own JSON", transport: 'http', reports: 'look', encode: push },
};
