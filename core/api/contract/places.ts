/** Geofences, the hierarchy of places, distances and travel times. */
import { z } from 'zod';
import { id, instant, why } from './primitives.ts';

const position = z.tuple([z.number(), z.number()]).describe('[longitude, latitude], degrees, as in GeoJSON');
const problems = z.array(z.object({ field: z.string(), problem: z.string() }));
const bounds = z.tuple([z.number(), z.number(), z.number(), z.number()]).describe('[west, south, east, north]');
const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour such as #0e6a6a');
const geofenceName = z.string().trim().min(1).max(100);

export const GeofenceShape = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('polygon'),
      polygons: z.array(z.array(z.array(position))).describe('each polygon: its outer ring, then its holes'),
    }),
    z.object({ kind: z.literal('circle'), centre: position, radius: z.number().describe('metres') }),
    z.object({
      kind: z.literal('corridor'),
      line: z.array(position),
      width: z.number().describe('metres, of both sides together'),
    }),
    z.object({
      kind: z.literal('cameras'),
      cameraIds: z.array(z.uuid()).max(5000),
      zoneIds: z.array(z.uuid()).max(1000).describe('seen by one of their out cameras, a vehicle leaves'),
      checkpointIds: z.array(z.uuid()).max(1000),
    }),
  ])
  .meta({ id: 'GeofenceShape' });
export type GeofenceShape = z.infer<typeof GeofenceShape>;

export const GeofenceEventKind = z.enum(['enter', 'leave', 'dwell']);
export type GeofenceEventKind = z.infer<typeof GeofenceEventKind>;

const degrees = z.number().min(0).max(360);
const rules = {
  events: z.array(GeofenceEventKind).max(3).describe('of which events people and flows are told'),
  dwellSeconds: z.int().min(10).max(2_592_000),
  calendarId: z.uuid().nullable().describe('only at its times; null: always'),
  direction: z
    .discriminatedUnion('by', [
      z.object({ by: z.literal('camera'), motion: z.enum(['toward', 'away']) }),
      z.object({ by: z.literal('heading'), from: degrees, to: degrees }),
    ])
    .nullable()
    .describe('only vehicles that move so; one whose movement nobody knows does not'),
  marginMetres: z.number().min(0).max(10_000).describe('a camera outside but nearer says nothing'),
  leaveDelaySeconds: z.int().min(0).max(86_400).describe('seen outside for so long before it has left'),
  silenceSeconds: z.int().min(60).max(2_592_000).nullable().describe('unseen for so long, it has left; null: never'),
  rearmSeconds: z.int().min(0).max(2_592_000).describe('the same vehicle does not raise the same event again'),
  minConfidence: z.number().min(0).max(1),
};
export const GeofenceRules = z.object(rules).meta({ id: 'GeofenceRules' });
export type GeofenceRules = z.infer<typeof GeofenceRules>;
/** What is left out is as a new geofence has it. */
export const GeofenceRulesInput = z
  .object({
    events: rules.events.default(['enter', 'leave']),
    dwellSeconds: rules.dwellSeconds.default(1_800),
    calendarId: rules.calendarId.default(null),
    direction: rules.direction.default(null),
    marginMetres: rules.marginMetres.default(0),
    leaveDelaySeconds: rules.leaveDelaySeconds.default(0),
    silenceSeconds: rules.silenceSeconds.default(null),
    rearmSeconds: rules.rearmSeconds.default(300),
    minConfidence: rules.minConfidence.default(0),
  })
  .meta({ id: 'GeofenceRulesInput' });
export type GeofenceRulesInput = z.input<typeof GeofenceRulesInput>;

export const GeofenceInput = z
  .object({
    name: geofenceName,
    colour: colour.default('#0e6a6a'),
    notes: z.string().trim().max(2000).default(''),
    enabled: z.boolean().default(true),
    shape: GeofenceShape,
    rules: GeofenceRulesInput.prefault({}),
  })
  .meta({ id: 'GeofenceInput' });
export type GeofenceInput = z.input<typeof GeofenceInput>;
export const GeofenceChange = z
  .object({
    name: geofenceName.optional(),
    colour: colour.optional(),
    notes: z.string().trim().max(2000).optional(),
    enabled: z.boolean().optional(),
    shape: GeofenceShape.optional(),
    rules: GeofenceRules.partial().optional().describe('those left out stay'),
  })
  .meta({ id: 'GeofenceChange' });
export type GeofenceChange = z.input<typeof GeofenceChange>;
export const Geofence = z
  .object({
    geofenceId: id,
    name: z.string(),
    colour: z.string(),
    notes: z.string(),
    enabled: z.boolean(),
    shape: GeofenceShape,
    rules: GeofenceRules,
    bounds: bounds.nullable(),
    area: z.number().nullable().describe('square metres; null for a group of cameras'),
    cameraIds: z.array(id).describe('cameras that lie in it'),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'Geofence' });
export type Geofence = z.infer<typeof Geofence>;

export const GeofenceQuery = z.object({
  search: z.string().trim().max(100).optional().describe('part of a name'),
  bbox: z
    .string()
    .regex(/^-?\d+(\.\d+)?(,-?\d+(\.\d+)?){3}$/, 'must be west,south,east,north')
    .optional()
    .describe('west,south,east,north: those that touch it'),
  cursor: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});
export const GeofencePage = z
  .object({ items: z.array(Geofence), nextCursor: z.string().nullable() })
  .meta({ id: 'GeofencePage' });
export type GeofencePage = z.infer<typeof GeofencePage>;

export const GeofenceCheckInput = z
  .object({ shape: GeofenceShape, marginMetres: rules.marginMetres.default(0) })
  .meta({ id: 'GeofenceCheckInput' });
export type GeofenceCheckInput = z.input<typeof GeofenceCheckInput>;
/** What stands of a shape while it is drawn. */
export const GeofenceCheck = z
  .object({
    problems: problems.describe('empty: it can be saved'),
    shape: GeofenceShape.nullable().describe('as it would be saved: rings closed; null when it cannot be'),
    bounds: bounds.nullable(),
    area: z.number().nullable(),
    points: z.int(),
    cameras: z.array(z.object({ cameraId: id, relation: z.enum(['inside', 'out', 'near', 'outside', 'unknown']) })),
  })
  .meta({ id: 'GeofenceCheck' });
export type GeofenceCheck = z.infer<typeof GeofenceCheck>;

export const GeofenceFormat = z.enum(['geojson', 'kml', 'wkt']);
export type GeofenceFormat = z.infer<typeof GeofenceFormat>;
export const GeofenceImportInput = z
  .object({
    format: GeofenceFormat.nullable().default(null).describe('null: told from the content'),
    content: z.string().min(1).max(4_500_000),
    name: geofenceName.default('Geofence').describe('for features without a name, with their number behind it'),
    colour: colour.default('#0e6a6a'),
    rules: GeofenceRulesInput.prefault({}),
    radius: z.number().min(1).max(1_000_000).default(200).describe('metres: a point becomes a circle'),
    width: z.number().min(1).max(100_000).default(50).describe('metres: a line becomes a corridor'),
  })
  .meta({ id: 'GeofenceImportInput' });
export type GeofenceImportInput = z.input<typeof GeofenceImportInput>;
export const GeofenceImportPreview = z
  .object({
    format: GeofenceFormat,
    ok: z.boolean().describe('false: nothing of it can be imported until it is mended'),
    features: z.array(
      z.object({
        number: z.int().describe('its place in the file, from 1'),
        name: z.string(),
        shape: GeofenceShape.nullable(),
        area: z.number().nullable(),
        points: z.int(),
        cameraIds: z.array(id),
        problems,
      }),
    ),
  })
  .meta({ id: 'GeofenceImportPreview' });
export type GeofenceImportPreview = z.infer<typeof GeofenceImportPreview>;

export const GeofenceEvent = z
  .object({
    geofenceEventId: id,
    geofenceId: id,
    geofenceName: z.string(),
    event: GeofenceEventKind,
    at: instant,
    seconds: z.number().nullable().describe('inside so far (dwell), or from enter to leave'),
    bySilence: z.boolean().describe('nobody saw it leave: it was not seen for the set time'),
    cause: z.enum(['live', 'late', 'correction']),
    plateNumber: z.string(),
    issuingEntity: z.string().nullable(),
    countryCode: z.string().nullable(),
    detectionId: id,
    cameraId: id,
    cameraName: z.string(),
    createdAt: instant,
    retractedAt: instant.nullable().describe('set when a detection turned out to say something else'),
  })
  .meta({ id: 'GeofenceEvent' });
export type GeofenceEvent = z.infer<typeof GeofenceEvent>;
export const GeofenceEventQuery = z.object({
  geofenceId: z.uuid().optional(),
  event: GeofenceEventKind.optional(),
  plate: z.string().trim().max(20).optional().describe('the whole plate'),
  from: instant.optional(),
  to: instant.optional(),
  retracted: z.stringbool().default(false).describe('with those taken back'),
  cursor: z
    .string()
    .regex(/^\d{4}-[\dTZ:.-]+_[0-9a-f-]{36}$/, 'is no cursor of this list')
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  ...why,
});
export const GeofenceEventPage = z
  .object({ items: z.array(GeofenceEvent), nextCursor: z.string().nullable() })
  .meta({ id: 'GeofenceEventPage' });
export type GeofenceEventPage = z.infer<typeof GeofenceEventPage>;

export const GeofenceVisit = z
  .object({
    geofenceId: id,
    plateNumber: z.string(),
    issuingEntity: z.string().nullable(),
    countryCode: z.string().nullable(),
    enteredAt: instant,
    lastSeenAt: instant,
    lastCameraId: id,
    lastCameraName: z.string(),
    lastDetectionId: id,
    isLeaving: z.boolean().describe('seen outside, and not yet for long enough to have left'),
    dwells: z.boolean(),
  })
  .meta({ id: 'GeofenceVisit' });
export type GeofenceVisit = z.infer<typeof GeofenceVisit>;

export const PlaceLevel = z.enum(['country', 'province', 'district', 'checkpoint', 'lane']);
export type PlaceLevel = z.infer<typeof PlaceLevel>;
export const Place = z
  .object({
    placeId: id.describe('TH, TH-10, TH-1001, the id of a checkpoint, or camera:lane'),
    level: PlaceLevel,
    parentId: id.nullable(),
    nameTh: z.string(),
    nameEn: z.string(),
    latitude: z.number().nullable(),
    longitude: z.number().nullable(),
    cameraId: id.nullable().describe('of a lane'),
    childCount: z.int(),
    cameraCount: z.int().describe('that stand in it, those of its parts included'),
  })
  .meta({ id: 'Place' });
export type Place = z.infer<typeof Place>;
export const PlaceQuery = z.object({ parentId: id.optional().describe('left out: the countries') });
export const PlaceSearchQuery = z.object({
  name: z.string().trim().min(1).max(100).describe('Thai or English, a part of it'),
  level: PlaceLevel.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
export const PlaceAtQuery = z.object({
  latitude: z.coerce.number().min(-90).max(90),
  longitude: z.coerce.number().min(-180).max(180),
});
export const PlaceAnswer = z
  .object({
    path: z.array(Place).describe('from the country down; empty outside of what the hub knows'),
    geofenceIds: z.array(id),
  })
  .meta({ id: 'PlaceAnswer' });
export type PlaceAnswer = z.infer<typeof PlaceAnswer>;

export const CameraPlace = z
  .object({
    cameraId: id,
    latitude: z.number().nullable().describe("its own, else its checkpoint's"),
    longitude: z.number().nullable(),
    provinceId: id.nullable(),
    districtId: id.nullable(),
    checkpointId: id.nullable(),
    geofenceIds: z.array(id),
  })
  .meta({ id: 'CameraPlace' });
export type CameraPlace = z.infer<typeof CameraPlace>;

export const TravelTime = z
  .object({
    fromCameraId: id,
    toCameraId: id,
    metres: z.number().nullable().describe('great circle; null while one of the two has no place'),
    count: z.int().describe('vehicles that were seen at both, one after the other'),
    floorSeconds: z.number().nullable().describe('5th percentile: hardly anybody is quicker; null without samples'),
    medianSeconds: z.number().nullable(),
    updatedAt: instant.nullable(),
  })
  .meta({ id: 'TravelTime' });
export type TravelTime = z.infer<typeof TravelTime>;
export const TravelTimeQuery = z.object({
  from: z.uuid().optional().describe('from this camera; to all others that have a place, learned or not'),
  to: z.uuid().optional(),
});
