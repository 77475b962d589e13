/** Where the bytes of original pictures lie: a disk, or an S3-compatible store. Names are `ab/cd/<sha-256>.<ending>`. */
import type { Readable } from 'node:stream';

export interface StoredBytes {
  readonly name: string;
  readonly bytes: number;
  /** When these bytes were written. */
  readonly writtenAt: Date;
}

export interface ByteStore {
  /**
   * Durable when it resolves: after a power cut the whole is there. Names tell contents, so the same name twice is written once.
   * @throws storage_full, store_unavailable
   */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** @throws not_found, store_unavailable */
  get(name: string): Promise<Buffer>;
  /** The bytes as they come, for a browser. @throws not_found, store_unavailable */
  open(name: string): Promise<ByteSource>;
  exists(name: string): Promise<boolean>;
  /** No fault when there is none. */
  delete(name: string): Promise<void>;
  /** Everything there is, in no promised order. */
  list(): AsyncIterable<StoredBytes>;
  /** Null where nobody can say (S3). */
  freeBytes(): Promise<{ readonly free: number; readonly total: number } | null>;
  /** Resolves when pictures can be put and read. @throws store_unavailable with the remedy */
  check(): Promise<void>;
}

/** A file that a server sends best by itself (ranges), or a stream of known length. */
export type ByteSource = { readonly path: string } | { readonly stream: Readable; readonly bytes: number };
