/** Who asks, and may they: the console's session, a camera's ingest key, the page that a request comes from. */
import type { IncomingMessage } from 'node:http';
import { LprError } from '../errors.ts';
import type { Hub } from '../hub.ts';
import { isOwnOrigin } from '../own-origin.ts';
import type { SignedIn } from '../access/access.ts';
import type { Guard } from './route.ts';
import { tokenOf } from './session-cookie.ts';

const SAFE_METHODS: readonly (string | undefined)[] = ['GET', 'HEAD', 'OPTIONS'];

/** Another site's page must not act with this user's cookie. @throws origin_refused */
export function assertSameOrigin(req: IncomingMessage, publicUrl: string | null): void {
  if (SAFE_METHODS.includes(req.method) || isOwnOrigin(req, publicUrl)) return;
  throw new LprError(
    'origin_refused',
    'This request comes from another site. Set PUBLIC_URL when the hub stands behind a proxy.',
  );
}

export async function sessionOf(hub: Hub, cookies: string | undefined): Promise<SignedIn | null> {
  const token = tokenOf(cookies);
  return token === null ? null : hub.access.session(token);
}

export const createGuard =
  (hub: Hub, publicUrl: string | null): Guard =>
  async (req, needs) => {
    if (needs === 'key') {
      const key = /^Bearer\s+(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
      if (key === undefined) {
        throw new LprError(
          'ingest_key_wrong',
          'There is no ingest key: send one as "Authorization: Bearer lpr_…"; the camera page makes them.',
        );
      }
      return { signedIn: null, cameraId: (await hub.cameras.authenticate(key)).cameraId };
    }
    assertSameOrigin(req, publicUrl);
    if (needs === 'public') return { signedIn: null, cameraId: null };
    const signedIn = await sessionOf(hub, req.headers.cookie);
    if (signedIn === null) throw new LprError('unauthenticated', 'Sign in first.');
    if (needs !== 'session' && !signedIn.permissions.includes(needs)) {
      throw new LprError('forbidden', `Your role may not do this (it needs ${needs}).`, { needs });
    }
    return { signedIn, cameraId: null };
  };
