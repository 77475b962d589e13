/** Which page a request comes from: another site's must not act with what a browser knows of this hub. */
import type { IncomingMessage } from 'node:http';

/** A browser names the page that sends; none is named by programs and by a page's plain reading. */
export function isOwnOrigin({ headers }: Pick<IncomingMessage, 'headers'>, publicUrl: string | null): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  // The scheme is left out: a proxy that ends TLS hides it from us.
  return new URL(origin).host === host || (publicUrl !== null && origin === new URL(publicUrl).origin);
}
