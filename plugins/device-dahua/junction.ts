/** A traffic event as Dahua's event interface tells it (`TrafficJunction` and its kin). */
import {
  at,
  countryCodeOf,
  instantAt,
  isObject,
  numberAt,
  objectAt,
  pictureOf,
  textAt,
  UNKNOWN_READ,
  wallTime,
  type DeviceEvent,
  type WireMessage,
  type WireObject,
} from '../../core/plugins/define.ts';
import { boxOf, confidenceOf, known, motionOf, plateText, type ReadingOptions } from './words.ts';

const NEAR_MS = 10 * 60_000;

/**
 * `RealUTC` is the instant. `UTC` is the wall clock labelled UTC on cameras in Thailand (seen: 7 h apart) and the instant on
 * others: where it stands alone, the reading that lies near the time of receipt counts.
 */
function capturedAtOf(
  data: WireObject,
  field: string,
  receivedAt: Date,
  timeZone: string,
  coerced: string[],
): Date | null {
  const ms = numberAt(data['UTCMS'], `${field}.UTCMS`) ?? 0;
  const real = numberAt(data['RealUTC'], `${field}.RealUTC`);
  if (real !== null && real > 0) return new Date(real * 1000 + ms);
  const local = instantAt(data['LocaleTime'], `${field}.LocaleTime`, timeZone);
  if (local !== null) return new Date(local.getTime() + ms);
  const utc = numberAt(data['UTC'] ?? at(data, 'TrafficCar.UTC'), `${field}.UTC`);
  if (utc === null || utc <= 0) return null;
  const instant = new Date(utc * 1000 + ms);
  const near = (date: Date): boolean => Math.abs(date.getTime() - receivedAt.getTime()) < NEAR_MS;
  if (near(instant)) return instant;
  const wall = [
    ...[instant.getUTCFullYear(), instant.getUTCMonth() + 1, instant.getUTCDate()],
    ...[instant.getUTCHours(), instant.getUTCMinutes(), instant.getUTCSeconds(), instant.getUTCMilliseconds()],
  ];
  coerced.push('UTC was taken for the wall clock, as such cameras write it');
  return wallTime(wall, timeZone);
}

/** @param said the event, or its `Data`. Null for events without a plate. @throws invalid_input naming the field */
export function junctionEvent(
  said: unknown,
  field: string,
  message: WireMessage,
  { boxUnit, timeZone }: ReadingOptions,
): DeviceEvent | null {
  const event = objectAt(said, field);
  const data = isObject(event['Data']) ? event['Data'] : event;
  const car = isObject(data['TrafficCar']) ? data['TrafficCar'] : {};
  const plate = isObject(data['Object']) ? data['Object'] : {};
  const seen = car['PlateNumber'] ?? plate['Text'] ?? at(data, 'NonMotor.Plate.Text');
  if (!isObject(data['TrafficCar']) && seen === undefined) return null;
  const coerced: string[] = [];
  const frame = pictureOf(message, 'scene.jpg', 'scene');
  const text = plateText(seen);
  const time = capturedAtOf(data, field, message.receivedAt, timeZone, coerced);
  const group = textAt(data['GroupID'] ?? car['GroupID']);
  const channel = numberAt(data['Channel'] ?? event['Channel'], `${field}.Channel`) ?? 0;
  return {
    // Numbers begin anew when the camera does: with the time they do not come again.
    eventKey: group === null || time === null ? null : `${group}.${textAt(data['EventID']) ?? 0}@${time.getTime()}`,
    cameraRef: channel === 0 ? '' : String(channel),
    cameraName: null,
    capturedAt: time,
    isLate: false,
    frame,
    pull: null,
    reads: [
      {
        ...UNKNOWN_READ,
        text,
        countryCode: countryCodeOf(car['Country'] ?? at(data, 'CommInfo.Country')),
        confidence: text === '' ? null : confidenceOf(plate['Confidence'], `${field}.Object.Confidence`, 255, coerced),
        // Here the unit is known: OriginalBoundingBox is in pixels, BoundingBox in parts of the grid.
        box: boxOf(
          plate['BoundingBox'] ?? car['BoundingBox'],
          `${field}.BoundingBox`,
          frame,
          boxUnit === 'auto' ? 'grid' : boxUnit,
        ),
        patch: pictureOf(message, 'plate.jpg', 'plate'),
        vehicle: {
          type: known(at(data, 'Vehicle.Category') ?? car['VehicleSize']),
          make: known(car['VehicleSign'] ?? at(data, 'Vehicle.Text')),
          model: known(at(data, 'Vehicle.SubText')),
          colour: known(car['VehicleColor']),
        },
        motion: motionOf(data['JunctionDirection'], data['Speed'] ?? car['Speed'], data['Lane'] ?? car['Lane']),
      },
    ],
    coerced,
  };
}
