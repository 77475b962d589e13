import { LprError } from '../errors.ts';
import { openHttp, retryAfterSeconds, type Owner } from '../outgoing-http.ts';
import type { OutgoingRequest } from '../plugins/define.ts';

const CONNECTOR: Owner = {
  called: 'connector',
  isPrivate: 'connector_private',
  unreachable: 'connector_unreachable',
};

/**
 * Resolves when the other side has taken it (2xx).
 * @throws connector_private, connector_unreachable, connector_refused (`details.status`, and `retryAfterSeconds` where it says so)
 */
export async function post(
  url: string,
  { headers = {}, body }: OutgoingRequest,
  options: { readonly allowPrivate: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const answer = await openHttp(url, { method: 'POST', headers, body }, { owner: CONNECTOR, ...options });
  // The status says it all; the body is never read, however long it is.
  answer.body.on('error', () => undefined);
  answer.body.destroy();
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  const seconds = retryAfterSeconds(answer.body.headers['retry-after']);
  const what = status >= 300 && status < 400 ? ': enter the address that it sends on to' : '';
  throw new LprError('connector_refused', `${new URL(url).host} answers HTTP ${status}${what}.`, {
    status,
    ...(seconds === null ? {} : { retryAfterSeconds: seconds }),
  });
}
