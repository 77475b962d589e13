/** Maps of the site's own: `maps/*.pmtiles` in the data folder, in ranges, for people who are signed in. */
import { join } from 'node:path';
import express, { type Express, type RequestHandler } from 'express';
import { mapOrigin } from '../access/site-map.ts';
import { LprError } from '../errors.ts';
import type { Hub } from '../hub.ts';
import { sessionOf } from './guard.ts';

export function addMapFiles(app: Express, hub: Hub, dataDir: string): void {
  const guard: RequestHandler = async (req, _res, next) => {
    if (!/^\/[\w.-]+\.pmtiles$/.test(req.path)) throw new LprError('not_found', 'There is no such map.');
    if ((await sessionOf(hub, req.headers.cookie)) === null) throw new LprError('unauthenticated', 'Sign in first.');
    next();
  };
  app.use(
    '/maps',
    guard,
    express.static(join(dataDir, 'maps'), { index: false, dotfiles: 'ignore', fallthrough: false }),
  );
}

export interface MapHost {
  /** For the content security policy: what a browser may ask beside the hub; empty mostly. */
  readonly allowed: () => string;
  /** Looks again whether the site's map is another. */
  readonly refresh: RequestHandler;
}

const FRESH_MS = 10_000;

/** The site's map may lie on a host of its own, which the policy of every page has to allow. */
export function createMapHost(hub: Hub): MapHost {
  let origin = '';
  let lookedAt = 0;
  return {
    allowed: () => origin,
    async refresh(req, _res, next) {
      // Pages alone carry the policy that counts.
      if (req.headers.accept?.includes('text/html') === true && Date.now() - lookedAt > FRESH_MS) {
        origin = mapOrigin((await hub.access.site()).map) ?? '';
        lookedAt = Date.now();
      }
      next();
    },
  };
}
