/**
 * Finds the open passes of one camera that a read might belong to without looking at all of them: by read, by track, by text with
 * at most one character more, less or other (look-alikes count as the same), by place and time. What it finds is compared in
 * earnest afterwards.
 */
import { foldLoosely } from '../plates/plates.ts';
import type { ReadRecord } from './detection-store.ts';
import type { OpenPass } from './pass.ts';

/** Shorter texts have too much in common to be found with a character left out. */
const LEAST_CHARACTERS = 4;
/** Many texts of one pass are noise: the first few are enough to find it. */
const MOST_TEXTS = 6;
/** However crowded a key or a second is, no read is compared with more of it than the newest. */
const MOST_OF_KEY = 32;
const MOST_OF_SECOND = 24;
const NEAR_SECONDS = 3;
/** Where no places are known, the last few are all that a look may belong to. */
const MOST_RECENT = 6;
/** Reads that a pass no longer keeps are known for a while: the same may be sent again before the first is written. */
const MOST_LEAVING = 256;

interface Entry {
  readonly texts: Set<string>;
  readonly seconds: Set<number>;
  readonly readIds: Set<string>;
  readonly tracks: Set<string>;
  readonly leaving: string[];
}

/** FNV-1a of the folded text, whole and with each character left out. */
function keysOf(text: string): readonly number[] {
  const characters = Array.from(foldLoosely(text), (char) => char.codePointAt(0) ?? 0);
  const { length } = characters;
  const keys: number[] = [];
  for (let without = length < LEAST_CHARACTERS ? length : 0; without <= length; without++) {
    let hash = 0x811c9dc5;
    for (let place = 0; place < length; place++) {
      if (place !== without) hash = Math.imul(hash ^ (characters[place] ?? 0), 0x01000193);
    }
    hash >>>= 0;
    if (!keys.includes(hash)) keys.push(hash);
  }
  return keys;
}

/** Most keys have one pass: no list is made for it. */
class Multimap<K> {
  readonly #map = new Map<K, OpenPass | OpenPass[]>();
  add(key: K, pass: OpenPass): void {
    const known = this.#map.get(key);
    if (known === undefined) this.#map.set(key, pass);
    else if (Array.isArray(known)) {
      if (!known.includes(pass, -MOST_OF_KEY)) known.push(pass);
    } else if (known !== pass) this.#map.set(key, [known, pass]);
  }
  remove(key: K, pass: OpenPass): void {
    const known = this.#map.get(key);
    if (known === pass) this.#map.delete(key);
    else if (Array.isArray(known)) {
      const at = known.indexOf(pass);
      if (at >= 0) known.splice(at, 1);
      if (known.length === 0) this.#map.delete(key);
    }
  }
  collect(key: K, into: Set<OpenPass>, most: number): void {
    const known = this.#map.get(key);
    if (known === undefined) return;
    if (Array.isArray(known)) for (const pass of known.slice(-most)) into.add(pass);
    else into.add(known);
  }
}

export interface PassIndex {
  readonly passes: ReadonlySet<OpenPass>;
  /** With all its reads. */
  add(pass: OpenPass): void;
  addRead(pass: OpenPass, read: ReadRecord): void;
  forgetRead(pass: OpenPass, readId: string): void;
  remove(pass: OpenPass): void;
  ofRead(readId: string): OpenPass | null;
  candidates(read: ReadRecord): ReadonlySet<OpenPass>;
}

const secondOf = (read: ReadRecord): number => Math.floor(read.capturedAt.getTime() / 1000);

export function createPassIndex(): PassIndex {
  const entries = new Map<OpenPass, Entry>();
  const passes = new Set<OpenPass>();
  const byRead = new Map<string, OpenPass>();
  const byTrack = new Multimap<string>();
  const byText = new Multimap<number>();
  const bySecond = new Multimap<number>();
  const standing = new Set<OpenPass>();
  let recent: readonly OpenPass[] = [];

  const addRead = (pass: OpenPass, read: ReadRecord): void => {
    const entry = entries.get(pass);
    if (entry === undefined) return;
    byRead.set(read.readId, pass);
    entry.readIds.add(read.readId);
    const trackId = read.device?.trackId ?? null;
    if (trackId !== null && !entry.tracks.has(trackId)) {
      entry.tracks.add(trackId);
      byTrack.add(trackId, pass);
    }
    const { plateNumber } = read;
    if (plateNumber !== '' && !entry.texts.has(plateNumber) && entry.texts.size < MOST_TEXTS) {
      entry.texts.add(plateNumber);
      for (const key of keysOf(plateNumber)) byText.add(key, pass);
    }
    if (read.box === null && recent.at(-1) !== pass) {
      recent = [...recent.filter((one) => one !== pass), pass].slice(-MOST_RECENT);
    }
    if (pass.isStanding) standing.add(pass);
    else if (read.box !== null) {
      const second = secondOf(read);
      if (!entry.seconds.has(second)) {
        entry.seconds.add(second);
        bySecond.add(second, pass);
      }
    }
  };

  return {
    passes,
    add(pass) {
      entries.set(pass, { texts: new Set(), seconds: new Set(), readIds: new Set(), tracks: new Set(), leaving: [] });
      passes.add(pass);
      for (const read of pass.reads) addRead(pass, read);
      const said = pass.fixed?.plateNumber ?? '';
      if (said !== '') for (const key of keysOf(said)) byText.add(key, pass);
      if (said !== '') entries.get(pass)?.texts.add(said);
    },
    addRead,
    forgetRead(pass, readId) {
      const entry = entries.get(pass);
      if (entry === undefined) return;
      entry.leaving.push(readId);
      const [oldest] = entry.leaving;
      if (entry.leaving.length <= MOST_LEAVING || oldest === undefined) return;
      entry.leaving.shift();
      byRead.delete(oldest);
      entry.readIds.delete(oldest);
    },
    remove(pass) {
      const entry = entries.get(pass);
      if (entry === undefined) return;
      for (const readId of entry.readIds) byRead.delete(readId);
      for (const trackId of entry.tracks) byTrack.remove(trackId, pass);
      for (const text of entry.texts) for (const key of keysOf(text)) byText.remove(key, pass);
      for (const second of entry.seconds) bySecond.remove(second, pass);
      standing.delete(pass);
      if (recent.includes(pass)) recent = recent.filter((one) => one !== pass);
      passes.delete(pass);
      entries.delete(pass);
    },
    ofRead: (readId) => byRead.get(readId) ?? null,
    candidates(read) {
      const found = new Set<OpenPass>();
      const trackId = read.device?.trackId ?? null;
      if (trackId !== null) byTrack.collect(trackId, found, MOST_OF_KEY);
      if (read.plateNumber !== '') for (const key of keysOf(read.plateNumber)) byText.collect(key, found, MOST_OF_KEY);
      if (read.box !== null) {
        const second = secondOf(read);
        for (let near = second - NEAR_SECONDS; near <= second + NEAR_SECONDS; near++) {
          bySecond.collect(near, found, MOST_OF_SECOND);
        }
      } else {
        for (const pass of recent) found.add(pass);
      }
      if (read.box !== null || read.plateNumber === '') for (const pass of standing) found.add(pass);
      return found;
    },
  };
}
