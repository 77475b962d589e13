/**
 * A page is one folder below `pages/`: `page.ts` says what it is, its components and its words lie beside it.
 * Rail, router, search and shortcuts are made from what the pages say of themselves; no shared file is edited.
 */
import type { Component } from 'vue';

export interface Page {
  /** Its folder, its route and the key of its words: `page.<name>.title`. */
  readonly name: string;
  /** With parameters as vue-router writes them. */
  readonly path: string;
  readonly component: () => Promise<{ default: Component }>;
  /** Null: anybody who is signed in. */
  readonly permission: string | null;
  /** Absent on pages that are reached from others. */
  readonly nav?: {
    /** An icon of @mdi/js. */
    readonly icon: string;
    /** Place in the rail, from the top. */
    readonly order: number;
  };
  /** The letter after `g`. */
  readonly go?: string;
  /** Without rail and top bar, for people who are not signed in. */
  readonly isBare?: boolean;
}

const found = import.meta.glob<{ page: Page }>('../pages/*/page.ts', { eager: true });

export const pages: readonly Page[] = Object.values(found)
  .map((module) => module.page)
  .sort((a, b) => (a.nav?.order ?? 1_000) - (b.nav?.order ?? 1_000));
