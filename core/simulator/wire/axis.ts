/** Axis License Plate Verifier: a form whose numbers are texts; the car is done when its state is `lost` (parkpow/axis-lpr). */
import { formPost, type Encode, type WireVariant } from './encoded.ts';
import { alpha3, localParts } from './device-words.ts';

const push: Encode = (event, pictures) => {
  const { day, clock, ms } = localParts(event.deviceAt);
  const message = {
    packetCounter: String(event.trackId * 10 + Math.min(9, event.look)),
    capture_timestamp: String(event.deviceAt.getTime()),
    datetime: `${day} ${clock}${ms}`,
    plateText: event.plateNumber,
    plateUTF8: event.plateNumber,
    // What is no ASCII is left out of it.
    plateASCII: event.plateNumber.replace(/[^ -~]/g, ''),
    plateCountry: alpha3(event.countryCode),
    plateConfidence: event.confidence.toFixed(6),
    carState: event.isLastLook ? 'lost' : event.look === 0 ? 'new' : 'update',
    roiID: String(event.lane),
    geotag: { lat: event.camera.latitude, lon: event.camera.longitude },
    carMoveDirection: event.direction === 'away' ? 'out' : 'in',
    plateCoordinates: event.box,
    carID: String(event.trackId),
    imagesURI: [`/local/fflprapp/tools.cgi?action=getImage&name=${event.trackId}/0.jpg`],
    camera_info: {
      SerialNumber: `ACCC8E${String(event.camera.number).padStart(6, '0')}`,
      ProdShortName: 'AXIS P1445-LE-3',
      MACAddress: `AC:CC:8E:00:00:${event.camera.number.toString(16).padStart(2, '0').toUpperCase()}`,
    },
    sensorProviderID: 'defaultID_176',
  };
  return formPost(
    [
      { name: 'event', fileName: 'event.json', type: 'application/json', content: JSON.stringify(message) },
      ...(pictures ? [{ name: 'image', fileName: 'image.jpg', type: 'image/jpeg', content: pictures.frame }] : []),
    ],
    event.eventId,
  );
};

export const axis: Readonly<Record<string, WireVariant>> = {
  push: { about: 'form with event and image', transport: 'http', reports: 'look', encode: push },
};
