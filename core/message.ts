/**
 * The one envelope that travels in flows: `msg.lpr`, a record that only grows.
 * Everything in it is plain JSON (instants are ISO 8601 strings in UTC): Node-RED deep-copies messages at every fork.
 */

/** A picture in the image store. Pixels are those after EXIF rotation. */
export interface ImageHandle {
  readonly imageId: string;
  readonly width: number;
  readonly height: number;
}

/** `[x, y, width, height]` in pixels of the named image, axis-aligned. */
export type Box = readonly [x: number, y: number, width: number, height: number];
export type Point = readonly [x: number, y: number];
/** The plate's corners in pixels of the frame: top left, top right, bottom right, bottom left, as the plate is read. */
export type Corners = readonly [Point, Point, Point, Point];

/** How far `capturedAt` can be trusted: the device's own clock, the file's time, or only when we received it. */
export type ClockSource = 'device' | 'file' | 'received';

/** One place where a plate was found in a frame. */
export interface Located {
  readonly box: Box;
  readonly corners: Corners;
  /** 0..1: how sure the engine is that this is a plate. */
  readonly confidence: number;
}

/** Measured on the patch; each is in the unit named. `score` 0..1 sums them up: 1 is a patch that reads as well as any. */
export interface Quality {
  /** Height of the plate in the frame, pixels. */
  readonly plateHeight: number;
  /** 0 (no edge survives) .. 1 (crisp). */
  readonly sharpness: number;
  /** Share of the patch that is blown out, 0..1. */
  readonly glare: number;
  /** 0..1, difference of dark and light ink by luminance. */
  readonly contrast: number;
  /** Rotation of the plate's base line in the frame, degrees, clockwise positive. */
  readonly angle: number;
  readonly score: number;
}

/** The straightened cut-out of one plate; of a device's own cut-out nobody may know where in the frame it was. */
export interface Patch {
  readonly box: Box | null;
  readonly corners: Corners | null;
  /** 0..1: how sure it is that this is a plate. */
  readonly confidence: number;
  readonly readId: string;
  /** Place of this plate among those found in the frame, from 0. */
  readonly plateIndex: number;
  readonly image: ImageHandle;
  readonly locatedBy: string;
}

export interface CharacterRead {
  /** One letter with its combining marks, or one digit. */
  readonly char: string;
  readonly confidence: number;
  readonly alternatives: readonly { readonly char: string; readonly confidence: number }[];
}

export interface PlateCandidate {
  readonly plateNumber: string;
  readonly issuingEntity: string | null;
  readonly confidence: number;
}

/** What a device that reads by itself said of the vehicle; each in the device's own words, null where it said nothing. */
export interface SeenVehicle {
  readonly type: string | null;
  readonly make: string | null;
  readonly model: string | null;
  readonly colour: string | null;
}

/** How the vehicle moved, as the device said. */
export interface SeenMotion {
  /** Seen from the camera. */
  readonly direction: 'toward' | 'away' | null;
  /** Degrees from north, clockwise. */
  readonly heading: number | null;
  /** km/h. */
  readonly speed: number | null;
  readonly lane: string | null;
}

/** What came with a read that the device made itself. */
export interface DeviceSaid {
  /** Plate and confidence as they came, before the hub brought them into its own form. */
  readonly text: string;
  readonly confidence: number | null;
  /** The device's own name of one pass of one vehicle: reads with the same one are one detection. */
  readonly trackId: string | null;
  /** The device says that this is its last word on the pass: the vehicle is gone and the text is settled. */
  readonly isFinal?: boolean;
  readonly vehicle: SeenVehicle | null;
  readonly motion: SeenMotion | null;
}

/** What one look at one plate gave: by an engine of the hub from a patch, or by the device itself. */
export interface PlateRead {
  readonly readId: string;
  /** Engine id, or `device:<format>` for a read that came ready-made. */
  readonly engine: string;
  /** Whole text without the province, canonical form; empty when nothing could be read. */
  readonly plateNumber: string;
  readonly series: string | null;
  readonly serial: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string | null;
  /** ISO 3166-2, or `TH-95-BETONG`; null is an honest unknown. */
  readonly issuingEntity: string | null;
  /** Class id of thai_plates (`RY1`, ...) or of the country profile. */
  readonly plateType: string | null;
  /** 0..1 for the whole text. */
  readonly confidence: number;
  readonly provinceConfidence: number;
  readonly characters: readonly CharacterRead[];
  readonly candidates: readonly PlateCandidate[];
  /** Why this text and class: translation keys with values, e.g. `format:TH car`. */
  readonly reasons: readonly string[];
  /** Null where no patch was measured. */
  readonly quality: Quality | null;
  /** Set for a read that the device made itself. */
  readonly device?: DeviceSaid;
}

export type DetectionStatus = 'provisional' | 'confirmed' | 'corrected' | 'rejected';

/** The detection that a read became part of. */
export interface DetectionPart {
  readonly detectionId: string;
  /** True for the first read of this pass, false when a later read joined it. */
  readonly isNew: boolean;
  /** True when this read is the winning one so far. */
  readonly isBest: boolean;
  readonly status: DetectionStatus;
  readonly plateNumber: string;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
  readonly plateType: string | null;
  readonly confidence: number;
  readonly readCount: number;
}

/** One place where the read and the entry say another character. */
export interface HitDifference {
  /** Counted from 0 in the characters of the entry. */
  readonly place: number;
  /** What was read; empty: nothing was read here. */
  readonly read: string;
  /** What the entry says; empty: it has nothing here. */
  readonly listed: string;
}

/**
 * `exact`: text and province are the entry's. `without_province`: the read or the entry names none, so it is no identity.
 * `wildcard`: the entry is a pattern. `confusable`: the read differs by what the list's policy allows. `candidate`: not the winning
 * text but another one that the engine held possible.
 */
export type MatchedBy = 'exact' | 'without_province' | 'wildcard' | 'confusable' | 'candidate';

export interface HitPart {
  readonly hitId: string;
  readonly blacklistId: string;
  readonly blacklistName: string;
  readonly entryId: string;
  readonly category: string;
  readonly priority: number;
  readonly matchedBy: MatchedBy;
  /** 0..1: how sure it is that this is the plate that the entry means; the formula is in docs/blacklists.md. */
  readonly confidence: number;
  readonly reason: string | null;
  /** As listed: with wildcards where it has them. */
  readonly entryPlateNumber: string;
  readonly entryIssuingEntity: string | null;
  readonly differences: readonly HitDifference[];
  /** Not for eyes without `blacklists.view`, and without a sound in the console. */
  readonly isCovert: boolean;
  /** `#rrggbb`; null: that of the category. */
  readonly colour: string | null;
  /** A sound of the console; null: that of the category. */
  readonly sound: string | null;
  /** When the list was last known to be right. */
  readonly listedAt: string;
  /** False: an earlier look at the same detection found it already. */
  readonly isNew: boolean;
}

/** What a vehicle did at a geofence, as its detection shows. */
export interface GeofencePart {
  readonly geofenceEventId: string;
  readonly geofenceId: string;
  readonly geofenceName: string;
  readonly event: 'enter' | 'leave' | 'dwell';
  /** When it happened: mostly when the vehicle was seen, ISO 8601. */
  readonly at: string;
  /** Seconds inside so far (dwell), or from enter to leave; null on enter. */
  readonly seconds: number | null;
  /** False: an earlier look at the same detection gave it already. */
  readonly isNew: boolean;
}

/** The alert that a message raised. */
export interface AlertPart {
  readonly alertId: string;
  readonly title: string;
  readonly priority: number;
  /** False: it was raised before, by an earlier look at the same matter; nobody is told twice. */
  readonly isNew: boolean;
  /** Once somebody has taken it. */
  readonly acknowledgement?: {
    /** ISO 8601. */
    readonly at: string;
    readonly by: string;
    /** `correct`, `misread`, …; null: not known yet. */
    readonly outcome: string | null;
    readonly note: string;
  };
}

export interface LprRecord {
  /** Names one picture, or the event that a device told without one. */
  readonly frameId: string;
  readonly cameraId: string;
  readonly capturedAt: string;
  readonly capturedAtSource: ClockSource;
  readonly receivedAt: string;
  /** Told long after it happened (an outage, a retransmission, an import): it belongs in the past and alerts nobody as if now. */
  readonly isLate: boolean;
  /** Handed to a flow for the very first time: nothing of it can have been recorded before. */
  readonly isFirst?: true;
  /**
   * What settling counts: `frameId` until `locate` splits the message, then `frameId#plateIndex`.
   * Copies made at a fork carry the same token, so settling twice counts once.
   */
  readonly token: string;
  readonly frame?: ImageHandle;
  readonly patch?: Patch;
  readonly read?: PlateRead;
  readonly detection?: DetectionPart;
  readonly hit?: HitPart;
  readonly geofence?: GeofencePart;
  readonly alert?: AlertPart;
}

/** The parts a node may ask for with `accepts`. */
export type Stage = 'frame' | 'patch' | 'read' | 'detection' | 'hit' | 'geofence' | 'alert';

export type LprMessage<S extends Stage = never> = {
  readonly _msgid?: string;
  readonly lpr: LprRecord & { readonly [K in S]-?: NonNullable<LprRecord[K]> };
  /** A courtesy copy for stock nodes; no node of ours reads it. */
  payload?: unknown;
};
