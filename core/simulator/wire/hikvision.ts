/** Hikvision ISAPI ANPR push: a form with `anpr.xml` and pictures, after a real camera's message (parkpow/hikvision_lpr). */
import { formPost, type Encode, type FormPart, type WireVariant } from './encoded.ts';
import { localParts, xml } from './device-words.ts';

/** `plateRect` is measured in thousandths of the picture, as in the published messages of cameras. */
const SCALE = { width: 1000, height: 1000 } as const;

const push: Encode = (event, pictures) => {
  const { date, time, day, clock, ms } = localParts(event.deviceAt);
  // A camera that could not read the plate says so in a word.
  const plate = event.plateNumber === '' ? 'unknown' : event.plateNumber;
  const [x, y, width, height] = event.box;
  const scaled = (value: number, of: 'width' | 'height'): number => Math.round((value * SCALE[of]) / event.frame[of]);
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
<country>${event.countryCode === 'TH' ? 64 : 0}</country>
<licensePlate>${xml(plate)}</licensePlate>
<line>${event.lane}</line>
<direction>${event.direction === 'away' ? 'reverse' : 'forward'}</direction>
<confidenceLevel>${Math.round(event.confidence * 100)}</confidenceLevel>
<plateType>unknown</plateType>
<plateColor>unknown</plateColor>
<licenseBright>0</licenseBright>
<plateCharBelieve>${believe}</plateCharBelieve>
<vehicleType>${event.body === 'truck' ? 'truck' : 'vehicle'}</vehicleType>
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
