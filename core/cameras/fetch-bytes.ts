import { errorMessage, LprError } from '../errors.ts';
import { MAX_IMAGE_BYTES } from '../images/images.ts';

const TIMEOUT_MS = 10_000;
const MOST_REDIRECTS = 3;

export interface FetchedBytes {
  readonly bytes: Uint8Array;
  readonly headers: Headers;
  readonly status: number;
}

/** Reads the body, and stops as soon as it is larger than a picture may be. */
async function readBody(response: Response, host: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    if (size > MAX_IMAGE_BYTES) {
      throw new LprError(
        'camera_bad_answer',
        `${host} sent more than ${MAX_IMAGE_BYTES / 1024 / 1024} MB: is this the address of a single picture?`,
      );
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/**
 * HTTP GET with the hub's limits: 10 s, 20 MB, redirects to the same host only. Every status comes back; the caller judges.
 * Errors name the host alone: addresses may carry passwords.
 * @throws camera_unreachable, camera_timeout, camera_bad_answer
 */
export async function fetchBytes(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<FetchedBytes> {
  const { host } = new URL(url);
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  let target = url;
  try {
    for (let redirects = 0; ; redirects++) {
      const response = await fetch(target, { headers, redirect: 'manual', signal: AbortSignal.any([signal, limit]) });
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null) {
        return { bytes: await readBody(response, host), headers: response.headers, status: response.status };
      }
      await response.body?.cancel();
      const next = new URL(location, target);
      if (next.host !== host || redirects >= MOST_REDIRECTS) {
        throw new LprError(
          'camera_bad_answer',
          `${host} sends on to ${next.host}: enter the address it should be asked at.`,
        );
      }
      target = next.href;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('camera_'))
      throw error;
    if (limit.aborted) {
      throw new LprError(
        'camera_timeout',
        `${host} did not answer within ${TIMEOUT_MS / 1000} s: is it switched on and is the address right?`,
        {},
        error,
      );
    }
    const cause = error instanceof Error && error.cause !== undefined ? errorMessage(error.cause) : errorMessage(error);
    throw new LprError(
      'camera_unreachable',
      `${host} cannot be reached (${cause}): check address, port and network.`,
      {},
      error,
    );
  }
}
