/** Frame → reads: locate, straighten, measure, read, judge by formats. Engines are plugins; the heavy work runs in workers. */
import type { ImageHandle, Located, Patch, PlateRead } from '../message.ts';

export interface EngineInfo {
  readonly id: string;
  readonly locates: boolean;
  readonly reads: boolean;
  /** Null when it works; else the code and what to do. */
  readonly problem: { readonly code: string; readonly message: string } | null;
}

export interface LocateRequest {
  /** Engine id; empty means the hub's default. */
  readonly engine: string;
  readonly minPlateHeight: number;
  readonly maxPlates: number;
}

export interface ReadRequest {
  readonly engine: string;
  readonly countries: readonly string[];
}

export interface Recognised {
  readonly located: Located;
  readonly read: PlateRead;
}

export interface Recognition {
  engines(): Promise<readonly EngineInfo[]>;
  /**
   * Finds plates in a stored frame, best first, and stores a straightened patch of each.
   * @throws engine_unknown, engine_cannot (an engine that only reads), engine_unavailable, engine_failed, not_found
   */
  locate(frameId: string, frame: ImageHandle, request: LocateRequest, signal: AbortSignal): Promise<readonly Patch[]>;
  /** Reads one stored patch. The text may be empty: that is an answer, not an error. @throws as `locate` */
  read(patch: Patch, request: ReadRequest, signal: AbortSignal): Promise<PlateRead>;
  /** The whole way for encoded bytes, nothing stored: command line and bench. `crop`: the picture is the plate. */
  recognise(
    bytes: Uint8Array,
    request: LocateRequest & ReadRequest & { readonly crop: boolean },
    signal: AbortSignal,
  ): Promise<readonly Recognised[]>;
  close(): Promise<void>;
}
