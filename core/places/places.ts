/**
 * Where things are: country, province, district, checkpoint, lane; how far cameras are apart, and how long vehicles take from one to
 * another.
 */
import type { Position } from './geofences.ts';

export const PLACE_LEVELS = ['country', 'province', 'district', 'checkpoint', 'lane'] as const;
export type PlaceLevel = (typeof PLACE_LEVELS)[number];

export interface Place {
  /** `TH`, `TH-10`, `TH-1001`, the id of a checkpoint, or `<camera>:<lane>`. */
  readonly placeId: string;
  readonly level: PlaceLevel;
  /** Null for a country, and for a checkpoint of which nobody knows where it is. */
  readonly parentId: string | null;
  readonly nameTh: string;
  readonly nameEn: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** Of a lane. */
  readonly cameraId: string | null;
  readonly childCount: number;
  /** Cameras that stand in it, those of its parts included. */
  readonly cameraCount: number;
}

export interface CameraPlace {
  readonly cameraId: string;
  /** Its own, else its checkpoint's. */
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly provinceId: string | null;
  readonly districtId: string | null;
  readonly checkpointId: string | null;
  readonly geofenceIds: readonly string[];
}

export interface TravelTime {
  readonly fromCameraId: string;
  readonly toCameraId: string;
  /** Great circle; null while one of the two has no place. */
  readonly metres: number | null;
  /** Vehicles that were seen at both, one after the other. */
  readonly count: number;
  /** 5th percentile: hardly anybody is quicker. Null without samples. */
  readonly floorSeconds: number | null;
  readonly medianSeconds: number | null;
  readonly updatedAt: Date | null;
}

export interface Places {
  get(placeId: string): Place | null;
  /** Of null: the countries, and checkpoints that have no place. By name. */
  children(parentId: string | null): readonly Place[];
  /** By a part of the Thai or English name, the likeliest first. */
  search(name: string, level: PlaceLevel | null, limit: number): readonly Place[];
  /** From the country down to the district; empty outside of what the hub knows. */
  at(position: Position): readonly Place[];
  cameras(): readonly CameraPlace[];
  /** Of a camera to or from all others that have a place, learned or not; without one, all that is learned. */
  travelTimes(query: { readonly from: string | null; readonly to: string | null }): Promise<readonly TravelTime[]>;
  /** Learns from detections since the last time. */
  learn(signal: AbortSignal): Promise<void>;
}

/** What vehicles took from the last read at one camera to the first at another. */
export interface TravelSample {
  readonly fromCameraId: string;
  readonly toCameraId: string;
  readonly seconds: number;
}

export interface TravelStore {
  /** Up to when detections are learned from; null: none yet. */
  learnedTo(): Promise<Date | null>;
  /**
   * Vehicles whose plate, province and country were read surely at two cameras within `withinSeconds`, at the second one in the
   * span. Cameras of the demo, the folder and uploads are left out.
   */
  samples(from: Date, to: Date, withinSeconds: number): Promise<readonly TravelSample[]>;
  /** Adds them, and says up to when; nothing when another process was quicker. @param before what `learnedTo` gave */
  save(samples: readonly TravelSample[], before: Date | null, learnedTo: Date): Promise<void>;
  /** Pairs with samples. */
  learned(from: string | null, to: string | null): Promise<readonly Omit<TravelTime, 'metres'>[]>;
}
