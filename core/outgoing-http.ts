/**
 * HTTP to other people's systems: connectors, alert channels, sources of lists. No redirects, and into the hub's own machine or
 * network only where its owner may. Errors name the host alone, and nothing of what it answered: addresses may carry keys,
 * answers anything.
 */
import { lookup } from 'node:dns';
import { lookup as lookupAll } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { errorCode, errorMessage, LprError, type ErrorCode } from './errors.ts';

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
  ...([
    ['fc00::', 7],
    ['fe80::', 9],
    ['ff00::', 8],
  ] as const),
  // These lead to any IPv4 address there is, private ones too (RFC 6052, 8215, 3056, 4291 2.5.5.1).
  ...([
    ['64:ff9b::', 96],
    ['64:ff9b:1::', 48],
    ['2002::', 16],
    ['::', 96],
  ] as const),
] as const) {
  inside.addSubnet(network, prefix, 'ipv6');
}

/** An IPv4 address written as IPv6 counts as the IPv4 address. */
export const isInside = (address: string): boolean => inside.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Whose request it is: the codes of its errors, and the thing that a person would switch "own network" on at. */
export interface Owner {
  readonly called: string;
  readonly isPrivate: ErrorCode;
  readonly unreachable: ErrorCode;
}

export interface Reach {
  readonly owner: Owner;
  /** Whether the address may lie on the hub's own machine or network. */
  readonly allowPrivate: boolean;
  /** Ends the request, the body included. */
  readonly signal: AbortSignal;
}

export interface HttpRequest {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

const refusal = (host: string, { called, isPrivate }: Owner): LprError =>
  new LprError(
    isPrivate,
    `${host} lies on the hub's own machine or network: switch on "own network" on the ${called} if that is meant.`,
    { problems: [{ field: 'allowPrivate', problem: 'must be on for an address in the own network' }] },
  );

const unreachable = (host: string, error: unknown, { owner, signal }: Reach): LprError => {
  const why = signal.aborted ? 'no answer in time' : errorMessage(error);
  return new LprError(
    owner.unreachable,
    `${host} cannot be reached (${why}): check address, port and network.`,
    {},
    error,
  );
};

/** Judges what a name stands for at the very look-up that the connection uses: no second answer can lead elsewhere. */
const outsideOnly =
  (owner: Owner): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = error === null ? addresses : [];
      if (error !== null || first === undefined) callback(error, '', 4);
      else if (addresses.some(({ address }) => isInside(address))) callback(refusal(hostname, owner), '', 4);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };

const withoutBrackets = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

/**
 * For targets that are no HTTP addresses: gives the IP address to connect to, so that no second look-up can lead elsewhere.
 * @throws the owner's codes
 */
export async function assertMayReach(host: string, reach: Reach): Promise<string> {
  const name = withoutBrackets(host);
  const addresses =
    isIP(name) !== 0
      ? [name]
      : await lookupAll(name, { all: true }).then(
          (found) => found.map(({ address }) => address),
          (error: unknown) => {
            throw unreachable(host, error, reach);
          },
        );
  if (!reach.allowPrivate && addresses.some(isInside)) throw refusal(host, reach.owner);
  const [first] = addresses;
  if (first === undefined) throw unreachable(host, 'the name has no address', reach);
  return first;
}

/**
 * Resolves when the other side begins to answer, whatever the status; read `body` or destroy it.
 * @throws the owner's codes
 */
export async function openHttp(
  url: string,
  { method, headers = {}, body }: HttpRequest,
  reach: Reach,
): Promise<{ readonly status: number; readonly body: IncomingMessage }> {
  const { owner, allowPrivate, signal } = reach;
  const { protocol, hostname, host } = new URL(url);
  const literal = withoutBrackets(hostname);
  if (!allowPrivate && isIP(literal) !== 0 && isInside(literal)) throw refusal(host, owner);
  const request = protocol === 'https:' ? httpsRequest : httpRequest;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const req = request(
      url,
      {
        ...{ method, signal, agent: false },
        headers: {
          'user-agent': 'LPR-Hub',
          ...headers,
          ...(bytes === undefined ? {} : { 'content-length': bytes.length }),
        },
        ...(allowPrivate ? {} : { lookup: outsideOnly(owner) }),
      },
      resolve,
    );
    req.on('error', reject);
    req.end(bytes);
  }).catch((error: unknown) => {
    throw errorCode(error) === owner.isPrivate ? error : unreachable(host, error, reach);
  });
  return { status: answer.statusCode ?? 0, body: answer };
}

/**
 * A whole answer, of which `maxBytes` are kept and the rest is not waited for.
 * @throws the owner's codes
 */
export async function askHttp(
  url: string,
  request: HttpRequest,
  { maxBytes, ...reach }: Reach & { readonly maxBytes: number },
): Promise<{ readonly status: number; readonly headers: Headers; readonly bytes: Buffer }> {
  const { status, body } = await openHttp(url, request, reach);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= maxBytes) break;
    }
  } catch (error) {
    throw unreachable(new URL(url).host, error, reach);
  } finally {
    body.destroy();
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(body.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return { status, headers, bytes: Buffer.concat(chunks).subarray(0, maxBytes) };
}

/** Of 429 and 503: seconds or a date (RFC 9110 10.2.3); null when nothing usable is said. At most an hour. */
export function retryAfterSeconds(header: string | null | undefined): number | null {
  const seconds = Number(header ?? NaN);
  const wait = Number.isFinite(seconds) ? seconds : Math.ceil((Date.parse(header ?? '') - Date.now()) / 1000);
  return wait > 0 ? Math.min(wait, 3600) : null;
}
