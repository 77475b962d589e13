/**
 * A million plates in typed arrays: 57 bytes an entry (`bench/blacklist` prints it) where objects in a Map take several hundred, and
 * nothing for the garbage collector to walk. What a hit says beyond the plate is asked of the database, which happens seldom.
 */
import { hashOf, sumOf, UNITS_AT_MOST } from './plate-hash.ts';

/** What all entries of a list with the same province, country and class share. */
export interface EntryKind {
  /** Number of the list, as whoever fills the index counts them. */
  readonly list: number;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
  readonly plateType: string | null;
}

export interface IndexedEntry extends EntryKind {
  readonly entryNo: number;
  readonly plateNumber: string;
  /** Minutes since 1970. */
  readonly validFrom: number | null;
  readonly validTo: number | null;
}

const NONE = -1;
const ALWAYS = -0x8000_0000;
const FOR_EVER = 0x7fff_ffff;
const FIRST_CAPACITY = 1024;
/** Bits of the filter an entry: one look in twenty at a text that is not there goes on to the table. */
const FILTER_BITS = 16;
const UNITS_EACH = 7;

const powerOver = (n: number): number => 2 ** Math.max(4, Math.ceil(Math.log2(Math.max(1, n))));

export class PlateIndex {
  /** Live entries. */
  size = 0;
  #capacity = 0;
  /** Slots that were ever used; freed ones hang together by `#next`. */
  #used = 0;
  #freed = NONE;
  #entryNo = new Int32Array(0);
  #kind = new Int32Array(0);
  #from = new Int32Array(0);
  #to = new Int32Array(0);
  #textAt = new Uint32Array(0);
  #length = new Uint8Array(0);
  #stamp = new Uint8Array(0);
  /** Slots of the same bucket. */
  #next = new Int32Array(0);
  #heads = new Int32Array(0);
  #filter = new Uint32Array(0);
  #texts = new Uint16Array(0);
  #textEnd = 0;
  /** Open addressing, at most half full: entry number → slot. */
  #byNo = new Int32Array(0);
  #kinds: EntryKind[] = [];
  #kindNos = new Map<string, number>();
  #stamps = new Map<number, number>();
  /** Units that texts have, for those who try others in their place. */
  readonly alphabet = new Set<number>();
  #bucketShift = 0;
  #noShift = 0;
  readonly #scratch = new Uint16Array(UNITS_AT_MOST);

  constructor() {
    this.#resize(FIRST_CAPACITY);
  }

  /** Makes room for so many at once, rather than by and by. */
  reserve(count: number): void {
    if (count > this.#capacity) this.#resize(Math.ceil(count * 1.02));
  }

  /** Of all arrays. */
  get bytes(): number {
    const arrays = [
      ...[this.#entryNo, this.#kind, this.#from, this.#to, this.#textAt, this.#length, this.#stamp],
      ...[this.#next, this.#heads, this.#filter, this.#texts, this.#byNo],
    ];
    return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Adds the entry, or changes the one with this number. */
  put(entry: IndexedEntry): void {
    const known = this.#slotOf(entry.entryNo);
    const slot = known === NONE ? this.#freeSlot() : known;
    const length = this.#write(entry.plateNumber);
    if (known === NONE) {
      this.#entryNo[slot] = entry.entryNo;
      this.#length[slot] = 0;
      this.#setText(slot, length);
      this.#addNo(entry.entryNo, slot);
      this.size++;
    } else if (!this.#isText(slot, this.#scratch, length)) {
      this.#unlink(slot);
      this.#setText(slot, length);
    }
    this.#kind[slot] = this.#kindNo(entry);
    this.#from[slot] = entry.validFrom ?? ALWAYS;
    this.#to[slot] = entry.validTo ?? FOR_EVER;
    this.#stamp[slot] = this.#stamps.get(entry.list) ?? 0;
  }

  remove(entryNo: number): void {
    const slot = this.#slotOf(entryNo);
    if (slot !== NONE) this.#drop(slot);
  }

  /** From now on entries of this list that are not put again are stale. */
  renew(list: number): void {
    this.#stamps.set(list, ((this.#stamps.get(list) ?? 0) + 1) % 256);
  }

  /** Drops the stale entries of a list, between two slots; gives where to go on, or null at the end. */
  dropStale(list: number, from: number, count: number): number | null {
    const stamp = this.#stamps.get(list) ?? 0;
    const end = Math.min(this.#used, from + count);
    for (let slot = from; slot < end; slot++) {
      if (this.#length[slot] === 0 || this.#stamp[slot] === stamp) continue;
      if (this.kindOf(slot).list === list) this.#drop(slot);
    }
    return end >= this.#used ? null : end;
  }

  kindOf(slot: number): EntryKind {
    const kind = this.#kinds[this.#kind[slot] ?? 0];
    if (kind === undefined) throw new Error(`The index has no slot ${slot}.`);
    return kind;
  }

  entryNoOf(slot: number): number {
    return this.#entryNo[slot] ?? 0;
  }

  plateOf(slot: number): string {
    const at = this.#textAt[slot] ?? 0;
    return String.fromCharCode(...this.#texts.subarray(at, at + (this.#length[slot] ?? 0)));
  }

  /** @param minute since 1970; to the minute: whoever finds an entry looks at the instants themselves */
  isValid(slot: number, minute: number): boolean {
    return (this.#from[slot] ?? 0) <= minute && (this.#to[slot] ?? 0) >= minute;
  }

  /** Whether a text of this hash may be there; of twenty that are not, nineteen are told at once. */
  mayHave(hash: number): boolean {
    const bit = hash & (this.#filter.length * 32 - 1);
    return ((this.#filter[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
  }

  /** Hands each slot with this text to `found`. */
  each(text: Uint16Array, length: number, hash: number, found: (slot: number) => void): void {
    for (let slot = this.#heads[this.#bucket(hash)] ?? NONE; slot !== NONE; slot = this.#next[slot] ?? NONE) {
      if (this.#isText(slot, text, length)) found(slot);
    }
  }

  #bucket(hash: number): number {
    // The filter takes the low bits, so buckets take the high ones.
    return Math.imul(hash, 0x9e3779b1) >>> this.#bucketShift;
  }

  #write(text: string): number {
    const length = Math.min(text.length, UNITS_AT_MOST);
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      this.#scratch[i] = unit;
      this.alphabet.add(unit);
    }
    return length;
  }

  #isText(slot: number, text: Uint16Array, length: number): boolean {
    if (this.#length[slot] !== length) return false;
    const at = this.#textAt[slot] ?? 0;
    for (let i = 0; i < length; i++) if (this.#texts[at + i] !== text[i]) return false;
    return true;
  }

  #hashOfSlot(slot: number): number {
    const length = this.#length[slot] ?? 0;
    return hashOf(sumOf(this.#texts, this.#textAt[slot] ?? 0, length), length);
  }

  /** The slot's text is what was written last. */
  #setText(slot: number, length: number): void {
    if (length > (this.#length[slot] ?? 0)) {
      if (this.#textEnd + length > this.#texts.length) this.#tidyTexts(length);
      this.#textAt[slot] = this.#textEnd;
      this.#textEnd += length;
    }
    this.#length[slot] = length;
    this.#texts.set(this.#scratch.subarray(0, length), this.#textAt[slot] ?? 0);
    this.#link(slot);
  }

  #link(slot: number): void {
    const hash = this.#hashOfSlot(slot);
    const bucket = this.#bucket(hash);
    this.#next[slot] = this.#heads[bucket] ?? NONE;
    this.#heads[bucket] = slot;
    const bit = hash & (this.#filter.length * 32 - 1);
    this.#filter[bit >>> 5] = (this.#filter[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }

  #unlink(slot: number): void {
    const bucket = this.#bucket(this.#hashOfSlot(slot));
    const next = this.#next[slot] ?? NONE;
    let at = this.#heads[bucket] ?? NONE;
    if (at === slot) {
      this.#heads[bucket] = next;
      return;
    }
    for (; at !== NONE; at = this.#next[at] ?? NONE) {
      if (this.#next[at] !== slot) continue;
      this.#next[at] = next;
      return;
    }
  }

  #drop(slot: number): void {
    this.#unlink(slot);
    this.#removeNo(this.#entryNo[slot] ?? 0);
    this.#length[slot] = 0;
    this.#next[slot] = this.#freed;
    this.#freed = slot;
    this.size--;
  }

  #freeSlot(): number {
    if (this.#freed !== NONE) {
      const slot = this.#freed;
      this.#freed = this.#next[slot] ?? NONE;
      return slot;
    }
    if (this.#used === this.#capacity) this.#resize(Math.ceil(this.#capacity * 1.3));
    return this.#used++;
  }

  #kindNo({ list, issuingEntity, countryCode, plateType }: EntryKind): number {
    const key = `${list}|${issuingEntity ?? ''}|${countryCode ?? ''}|${plateType ?? ''}`;
    let no = this.#kindNos.get(key);
    if (no === undefined) {
      no = this.#kinds.push({ list, issuingEntity, countryCode, plateType }) - 1;
      this.#kindNos.set(key, no);
    }
    return no;
  }

  /** Room for `capacity` slots. */
  #resize(capacity: number): void {
    const grown = <T extends Int32Array | Uint32Array | Uint8Array>(array: T): T => {
      const larger = new (array.constructor as new (length: number) => T)(capacity);
      larger.set(array);
      return larger;
    };
    this.#capacity = capacity;
    this.#entryNo = grown(this.#entryNo);
    this.#kind = grown(this.#kind);
    this.#from = grown(this.#from);
    this.#to = grown(this.#to);
    this.#textAt = grown(this.#textAt);
    this.#length = grown(this.#length);
    this.#stamp = grown(this.#stamp);
    this.#next = grown(this.#next);
    if (this.#texts.length < capacity * UNITS_EACH) this.#tidyTexts(capacity * UNITS_EACH - this.#textEnd);
    this.#layOut(powerOver(capacity * 0.75), powerOver((capacity * FILTER_BITS) / 1.5) / 32, powerOver(capacity * 1.5));
  }

  /** The tables anew, where they have to be larger: each entry finds its place again, and the filter forgets what is gone. */
  #layOut(heads: number, filter: number, numbers: number): void {
    if (heads === this.#heads.length && filter === this.#filter.length && numbers === this.#byNo.length) return;
    this.#heads = new Int32Array(heads).fill(NONE);
    this.#filter = new Uint32Array(filter);
    this.#byNo = new Int32Array(numbers).fill(NONE);
    this.#bucketShift = 32 - Math.log2(heads);
    this.#noShift = 32 - Math.log2(numbers);
    this.#freed = NONE;
    for (let slot = 0; slot < this.#used; slot++) {
      if (this.#length[slot] === 0) {
        this.#next[slot] = this.#freed;
        this.#freed = slot;
      } else {
        this.#link(slot);
        this.#addNo(this.#entryNo[slot] ?? 0, slot);
      }
    }
  }

  /** Makes room for `units` more: first by leaving out what nobody uses any more. */
  #tidyTexts(units: number): void {
    let wanted = 0;
    for (let slot = 0; slot < this.#used; slot++) wanted += this.#length[slot] ?? 0;
    const texts = new Uint16Array(Math.max(this.#capacity * UNITS_EACH, Math.ceil((wanted + units) * 1.1)));
    let end = 0;
    for (let slot = 0; slot < this.#used; slot++) {
      const at = this.#textAt[slot] ?? 0;
      const length = this.#length[slot] ?? 0;
      for (let i = 0; i < length; i++) texts[end + i] = this.#texts[at + i] ?? 0;
      this.#textAt[slot] = end;
      end += length;
    }
    this.#texts = texts;
    this.#textEnd = end;
  }

  #placeOf(entryNo: number): number {
    return Math.imul(entryNo, 0x9e3779b1) >>> this.#noShift;
  }

  /** Where the number is in `#byNo`, or the empty place that it would take. */
  #find(entryNo: number): number {
    const mask = this.#byNo.length - 1;
    let place = this.#placeOf(entryNo);
    for (;;) {
      const slot = this.#byNo[place] ?? NONE;
      if (slot === NONE || this.#entryNo[slot] === entryNo) return place;
      place = (place + 1) & mask;
    }
  }

  #slotOf(entryNo: number): number {
    return this.#byNo[this.#find(entryNo)] ?? NONE;
  }

  #addNo(entryNo: number, slot: number): void {
    this.#byNo[this.#find(entryNo)] = slot;
  }

  /** Those behind that were pushed along by it move up, so that no place in between is empty. */
  #removeNo(entryNo: number): void {
    const mask = this.#byNo.length - 1;
    let hole = this.#find(entryNo);
    this.#byNo[hole] = NONE;
    for (let place = (hole + 1) & mask; ; place = (place + 1) & mask) {
      const slot = this.#byNo[place] ?? NONE;
      if (slot === NONE) return;
      const home = this.#placeOf(this.#entryNo[slot] ?? 0);
      if (((place - home) & mask) < ((place - hole) & mask)) continue;
      this.#byNo[hole] = slot;
      this.#byNo[place] = NONE;
      hole = place;
    }
  }
}
