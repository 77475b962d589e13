/** Where the flow editor and the flows' own HTTP nodes hang. */
import type { Express, RequestHandler } from 'express';
import type { Permission } from '../access/access.ts';
import { LprError } from '../errors.ts';
import type { ApiOptions } from './api-options.ts';
import { assertSameOrigin, sessionOf } from './guard.ts';

const MAY_OPEN: readonly Permission[] = ['flows.edit', 'flows.view'];

const stopped: RequestHandler = (_req, _res, next) => {
  next(new LprError('stopping', 'The flows are not running yet: try again in a moment.'));
};

/** Node-RED asks for the session itself, at each of its addresses; only its page leads people to where they can sign in. */
export function addEditor(
  app: Express,
  { hub, publicUrl, editor, flow }: Pick<ApiOptions, 'hub' | 'publicUrl' | 'editor' | 'flow'>,
): void {
  app.use('/editor', async (req, res, next) => {
    assertSameOrigin(req, publicUrl);
    const isPage = req.method === 'GET' && (req.path === '/' || req.path === '');
    if (isPage) {
      const session = await sessionOf(hub, req.headers.cookie);
      if (session === null) {
        res.redirect('/sign-in?next=/editor/');
        return;
      }
      if (!MAY_OPEN.some((permission) => session.permissions.includes(permission))) {
        res.redirect('/');
        return;
      }
    }
    (editor() ?? stopped)(req, res, next);
  });
  app.use('/flow', (req, res, next) => {
    (flow() ?? stopped)(req, res, next);
  });
}
