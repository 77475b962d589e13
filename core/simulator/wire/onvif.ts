/** ONVIF notification with the event `tns1:RuleEngine/Recognition/LicensePlate` (onvif/specs, Analytics). */
import { base64, type Encode, type WireVariant } from './encoded.ts';
import { provinceEn, xml } from './device-words.ts';

const TOPIC = 'tns1:RuleEngine/Recognition/LicensePlate';
const NAMESPACES = [
  'xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"',
  'xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"',
  'xmlns:tt="http://www.onvif.org/ver10/schema"',
  'xmlns:tns1="http://www.onvif.org/ver10/topics"',
].join(' ');

const notification: Encode = (event, pictures) => {
  // The plate's information is mandatory in this event: without a plate there is none.
  if (event.plateNumber === '') return null;
  const [x, y, width, height] = event.box;
  // ONVIF measures from -1 to 1, upwards.
  const across = (pixels: number): string => ((2 * pixels) / event.frame.width - 1).toFixed(4);
  const up = (pixels: number): string => (1 - (2 * pixels) / event.frame.height).toFixed(4);
  const simple = (name: string, value: string): string => `<tt:SimpleItem Name="${name}" Value="${xml(value)}"/>`;
  const element = (name: string, content: string): string =>
    `<tt:ElementItem Name="${name}">${content}</tt:ElementItem>`;
  const likely = (name: string, likelihood: number, value: string | null): string =>
    value === null ? '' : `<tt:${name} Likelihood="${likelihood}">${xml(value)}</tt:${name}>`;
  const plate = `<tt:LicensePlateInfo>${likely('PlateNumber', event.confidence, event.plateNumber)}${likely('PlateType', 0.8, 'Normal')}${likely('CountryCode', 0.9, event.countryCode)}${likely('IssuingEntity', event.provinceConfidence, provinceEn(event))}</tt:LicensePlateInfo>`;
  const vehicle = `<tt:VehicleInfo><tt:Type Likelihood="0.9">${event.body === 'truck' ? 'Truck' : 'Car'}</tt:Type><tt:Brand Likelihood="0.6">${xml(event.make)}</tt:Brand></tt:VehicleInfo>`;
  const data = [
    simple('Likelihood', String(event.confidence)),
    simple('ObjectId', String(event.trackId)),
    ...(pictures ? [simple('Image', base64(pictures.frame))] : []),
    simple('Speed', (event.speedKmh / 3.6).toFixed(1)),
    simple('Direction', event.direction === 'away' ? 'Forward' : 'Reverse'),
    element(
      'BoundingBox',
      `<tt:BoundingBox left="${across(x)}" top="${up(y)}" right="${across(x + width)}" bottom="${up(y + height)}"/>`,
    ),
    element('LicensePlateInfo', plate),
    element('VehicleInfo', vehicle),
  ].join('');
  const document =
    `<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope ${NAMESPACES}><SOAP-ENV:Body><wsnt:Notify><wsnt:NotificationMessage>` +
    `<wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">${TOPIC}</wsnt:Topic>` +
    `<wsnt:Message><tt:Message UtcTime="${event.deviceAt.toISOString()}" PropertyOperation="Changed">` +
    `<tt:Source>${simple('VideoSource', event.camera.cameraId)}${simple('Rule', 'LicensePlateRecognition')}</tt:Source>` +
    `<tt:Data>${data}</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage></wsnt:Notify></SOAP-ENV:Body></SOAP-ENV:Envelope>\n`;
  return {
    transport: 'http',
    method: 'POST',
    path: null,
    headers: { 'content-type': 'application/soap+xml; charset=utf-8' },
    body: Buffer.from(document),
  };
};

export const onvif: Readonly<Record<string, WireVariant>> = {
  notify: { about: 'WS-Notification', transport: 'http', reports: 'look', encode: notification },
};
