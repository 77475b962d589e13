/**
 * HTTP to other people's systems: one POST, no redirects, and into the hub's own machine or network only where the connector
 * may. Errors name the host alone, and nothing of what it answered: addresses may carry keys, answers anything.
 */
import { lookup } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { errorCode, errorMessage, LprError } from '../errors.ts';
import type { OutgoingRequest } from '../plugins/define.ts';

/** Whatever is no address of the internet at large: this machine, private and link-local networks, multicast. RFC 6890. */
const inside = new BlockList();
for (const [network, prefix] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['224.0.0.0', 3],
  ] as const),
] as const) {
  inside.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  // The last one leads to any IPv4 address there is, private ones too.
  ...([
    ['::', 127],
    ['fc00::', 7],
    ['fe80::', 10],
    ['ff00::', 8],
    ['64:ff9b::', 96],
  ] as const),
] as const) {
  inside.addSubnet(network, prefix, 'ipv6');
}

/** An IPv4 address written as IPv6 counts as the IPv4 address. */
export const isInside = (address: string): boolean => inside.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

const refusal = (host: string): LprError =>
  new LprError(
    'connector_private',
    `${host} lies on the hub's own machine or network: switch on "own network" on the connector if that is meant.`,
    { problems: [{ field: 'allowPrivate', problem: 'must be on for an address in the own network' }] },
  );

/** Judges what a name stands for at the very look-up that the connection uses: no second answer can lead elsewhere. */
const outsideOnly: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = error === null ? addresses : [];
    if (error !== null || first === undefined) callback(error, '', 4);
    else if (addresses.some(({ address }) => isInside(address))) callback(refusal(hostname), '', 4);
    else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

/** Of 429 and 503; null when nothing usable is said. */
function retryAfter(header: string | undefined): number | null {
  const seconds = Number(header ?? NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3600) : null;
}

export interface PostOptions {
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
}

/**
 * Resolves when the other side has taken it (2xx).
 * @throws connector_private, connector_unreachable, connector_refused (`details.status`, and `retryAfterSeconds` where it says so)
 */
export async function post(
  url: string,
  { headers = {}, body }: OutgoingRequest,
  { allowPrivate, signal }: PostOptions,
): Promise<void> {
  const { protocol, hostname, host } = new URL(url);
  const literal = hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(literal) !== 0 && isInside(literal)) throw refusal(host);
  const request = protocol === 'https:' ? httpsRequest : httpRequest;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const answer = await new Promise<{ status: number; retryAfterSeconds: number | null }>((resolve, reject) => {
    const req = request(
      url,
      {
        ...{ method: 'POST', signal, agent: false },
        headers: { 'user-agent': 'LPR-Hub', ...headers, 'content-length': bytes.length },
        ...(allowPrivate ? {} : { lookup: outsideOnly }),
      },
      (res) => {
        // The status says it all; the body is never read, however long it is.
        res.on('error', () => undefined);
        resolve({ status: res.statusCode ?? 0, retryAfterSeconds: retryAfter(res.headers['retry-after']) });
        res.destroy();
      },
    );
    req.on('error', reject);
    req.end(bytes);
  }).catch((error: unknown) => {
    if (errorCode(error).startsWith('connector_')) throw error;
    const why = signal.aborted ? 'no answer in time' : errorMessage(error);
    const message = `${host} cannot be reached (${why}): check address, port and network.`;
    throw new LprError('connector_unreachable', message, {}, error);
  });
  const { status, retryAfterSeconds } = answer;
  if (status >= 200 && status < 300) return;
  const what = status >= 300 && status < 400 ? ': enter the address that it sends on to' : '';
  throw new LprError('connector_refused', `${host} answers HTTP ${status}${what}.`, {
    status,
    ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
  });
}
