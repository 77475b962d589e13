/** Whether the audit trail is whole: every row's hash follows from the row before it and from what stands in it. */
import { createHash } from 'node:crypto';

/** A row as it is hashed: `[auditId, at, userId, action, subject, details, address]` as PostgreSQL writes that JSON. */
export interface ChainedRow {
  readonly auditId: number;
  readonly text: string;
  readonly hash: Buffer;
}

export interface ChainHead {
  readonly auditId: number;
  /** Hexadecimal. */
  readonly hash: string;
}

export interface ChainStore {
  /** In order of `auditId`, those after it. */
  rowsAfter(auditId: number, limit: number): Promise<readonly ChainedRow[]>;
  /** Of the last row that was written. */
  head(): Promise<ChainHead>;
}

export type ChainFault =
  /** What stands in this row, or in the order of the rows before it, is not what was written. */
  | { readonly kind: 'changed'; readonly auditId: number }
  /** Rows after this one are missing: the last that was written had another number. */
  | { readonly kind: 'cut_off'; readonly auditId: number; readonly written: number }
  /** The chain is whole, but another one than the one whose head was noted. */
  | { readonly kind: 'rewritten'; readonly auditId: number };

export interface ChainReport {
  readonly rows: number;
  /** To note elsewhere: whoever rewrites the whole chain cannot give it this head again. */
  readonly head: ChainHead;
  readonly fault: ChainFault | null;
}

const START = Buffer.alloc(32);
const AT_ONCE = 5_000;

/**
 * Reads the whole trail, in bounded memory.
 * @param noted a head that was noted before: the row of that number must have that hash.
 */
export async function verifyChain(store: ChainStore, noted: ChainHead | null): Promise<ChainReport> {
  // First: rows that are written meanwhile are then looked at too, and none is missed.
  const head = await store.head();
  let last: Buffer = START;
  // Numbers begin at 1; a row slipped in may have any.
  let lastId = Number.MIN_SAFE_INTEGER;
  let rows = 0;
  let seen: string | null = null;
  for (;;) {
    const batch = await store.rowsAfter(lastId, AT_ONCE);
    for (const { auditId, text, hash } of batch) {
      const expected = createHash('sha256').update(last).update(text, 'utf8').digest();
      if (!expected.equals(hash)) return { rows, head, fault: { kind: 'changed', auditId } };
      rows++;
      [last, lastId] = [hash, auditId];
      if (auditId === noted?.auditId) seen = hash.toString('hex');
      if (auditId === head.auditId && hash.toString('hex') !== head.hash) {
        return { rows, head, fault: { kind: 'changed', auditId } };
      }
    }
    if (batch.length < AT_ONCE) break;
  }
  if (lastId < head.auditId && head.auditId > 0) {
    return { rows, head, fault: { kind: 'cut_off', auditId: Math.max(lastId, 0), written: head.auditId } };
  }
  if (noted !== null && seen !== noted.hash.toLowerCase()) {
    return { rows, head, fault: { kind: 'rewritten', auditId: noted.auditId } };
  }
  return { rows, head, fault: null };
}
