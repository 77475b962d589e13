/** Hikvision ISAPI ANPR push: a form with `anpr.xml` and pictures, after a real camera's message (parkpow/hikvision_lpr). */
import { formPost, type Encode, type FormPart, type WireVariant } from './encoded.ts';
import { localParts, xml } from './device-words.ts';

/** `plateRect` is measured in thousandths of the picture, as in the published messages of cameras. */
const SCALE = { width: 1000, height: 1000 } as const;

/** COUNTRY_INDEX of the Device Network SDK; 0 is unknown. */
const COUNTRIES: Readonly<Record<string, number>> = { FR: 2, DE: 3, TH: 64 };
/** Provinces in the order of `tailandStateID` (so spelt by the cameras), from 1, as published receivers of Thai cameras have it. */
const PROVINCES = (
  '10 81 71 46 62 40 22 24 20 18 36 86 57 50 92 23 63 26 73 48 30 80 60 12 96 55 38 31 13 77 25 94 14 82 93 66 65 76 67 ' +
  '54 56 83 44 49 58 95 35 45 85 21 70 16 52 51 42 33 47 90 91 11 75 74 27 19 17 64 72 84 32 43 39 15 41 61 53 34 37 95-BETONG'
).split(' ');

const push: Encode = (event, pictures) => {
  const { date, time, day, clock, ms } = localParts(event.deviceAt);
  // A camera that could not read the plate says so in a word.
  const plate = event.plateNumber === '' ? 'unknown' : event.plateNumber;
  const [x, y, width, height] = event.box;
  const scaled = (value: number, of: 'width' | 'height'): number => Math.round((value * SCALE[of]) / event.frame[of]);
  const state = PROVINCES.indexOf((event.issuingEntity ?? '').slice('TH-'.length)) + 1;
  const believe = event.characters.map(({ confidence }) => Math.round(confidence * 100)).join(',');
  const pictureCount = pictures === null ? 0 : pictures.patch === null ? 1 : 2;
  const document = `<?xml version="1.0" encoding="UTF-8"?>
<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">
<ipAddress>10.20.0.${event.camera.number}</ipAddress>
<portNo>80</portNo>
<protocol>HTTP</protocol>
<macAddress>02:00:00:00:00:${event.camera.number.toString(16).padStart(2, '0')}</macAddress>
<channelID>1</channelID>
<dateTime>${date}T${time}+07:00</dateTime>
<activePostCount>1</activePostCount>
<eventType>ANPR</eventType>
<eventState>active</eventState>
<eventDescription>ANPR</eventDescription>
<channelName>${xml(event.camera.cameraId)}</channelName>
<ANPR>
<country>${COUNTRIES[event.countryCode ?? ''] ?? 0}</country>
<licensePlate>${xml(plate)}</licensePlate>
<line>${event.lane}</line>
<direction>${event.direction === 'away' ? 'reverse' : 'forward'}</direction>
<confidenceLevel>${Math.round(event.confidence * 100)}</confidenceLevel>
<plateType>unknown</plateType>
<plateColor>unknown</plateColor>
<licenseBright>0</licenseBright>
<plateCharBelieve>${believe}</plateCharBelieve>
${state > 0 ? `<tailandStateID>${state}</tailandStateID>\n` : ''}<vehicleType>${event.body === 'truck' ? 'truck' : 'vehicle'}</vehicleType>
<vehicleInfo><index>${event.trackId}</index><color>${event.colour}</color><vehicleLogoRecog>1036</vehicleLogoRecog></vehicleInfo>
<pictureInfoList><pictureInfo><fileName>detectionPicture.jpg</fileName><type>detectionPicture</type><dataType>0</dataType><absTime>${day}${clock}${ms}</absTime><plateRect><X>${scaled(x, 'width')}</X><Y>${scaled(y, 'height')}</Y><width>${scaled(width, 'width')}</width><height>${scaled(height, 'height')}</height></plateRect><pId>${event.eventId.replaceAll('-', '')}</pId></pictureInfo></pictureInfoList>
<originalLicensePlate>${xml(plate)}</originalLicensePlate>
<vehicleListName>otherList</vehicleListName>
</ANPR>
<UUID>${event.eventId}</UUID>
<picNum>${pictureCount}</picNum>
<detectionBackgroundImageResolution><height>${event.frame.height}</height><width>${event.frame.width}</width></detectionBackgroundImageResolution>
<isDataRetransmission>${event.isLate}</isDataRetransmission>
</EventNotificationAlert>
`;
  const jpeg = (name: string, content: Buffer | null | undefined): FormPart[] =>
    content ? [{ name, fileName: name, type: 'image/jpeg', content }] : [];
  return formPost(
    [
      { name: 'anpr.xml', fileName: 'anpr.xml', type: 'text/xml', content: document },
      ...jpeg('licensePlatePicture.jpg', pictures?.patch),
      ...jpeg('detectionPicture.jpg', pictures?.frame),
    ],
    event.eventId,
  );
};

export const hikvision: Readonly<Record<string, WireVariant>> = {
  push: { about: 'form with anpr.xml', transport: 'http', reports: 'pass', encode: push },
};
