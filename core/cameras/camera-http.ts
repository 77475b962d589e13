/**
 * HTTP to cameras with the hub's limits and sign-in, so that each protocol need not bring its own. Errors name the host
 * alone: addresses may carry passwords.
 */
import { errorCode, errorMessage, LprError } from '../errors.ts';
import { MAX_IMAGE_BYTES } from '../images/images.ts';
import type { Account, CameraRequest, CameraStream, FetchedBytes } from '../plugins/define.ts';
import { answerChallenge, parseChallenge, type Challenge } from './digest.ts';

const TIMEOUT_MS = 10_000;
const MOST_REDIRECTS = 3;

export interface CameraHttp {
  /**
   * One body: 10 s unless said otherwise, 20 MB, redirects to the same host only. Every status comes back, but 401 where an account is given.
   * @throws camera_unreachable, camera_timeout, camera_bad_answer
   */
  fetchBytes(url: string, init?: CameraRequest): Promise<FetchedBytes>;
  /** GET of a body that does not end: 10 s until it begins, then as long as the signals let it. @throws as `fetchBytes` */
  openStream(url: string, init?: CameraRequest & { readonly signal?: AbortSignal }): Promise<CameraStream>;
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

/** Answers as the host last asked: nothing before it asked, so that a password never travels in the clear without need. */
interface SignIn {
  header(url: string, method: string): string | null;
  /** Learns from a 401. False when the same answer would be given again. */
  refused(response: Response): boolean;
}

function createSignIn(account: Account): SignIn {
  let scheme: 'none' | 'basic' | Challenge = 'none';
  let count = 0;
  return {
    header(url, method) {
      if (scheme === 'none') return null;
      if (scheme === 'basic') {
        return `Basic ${Buffer.from(`${account.username}:${account.password}`).toString('base64')}`;
      }
      const { pathname, search } = new URL(url);
      count++;
      return answerChallenge(scheme, account, pathname + search, count, method);
    },
    refused(response) {
      const asked = parseChallenge(response.headers.get('www-authenticate'));
      // Some cameras answer 401 without saying how to sign in and mean basic.
      const wanted = asked ?? 'basic';
      const isSame =
        scheme === 'basic'
          ? wanted === 'basic'
          : typeof wanted === 'object' && wanted['stale'] !== 'true' && count === 1;
      scheme = wanted;
      count = 0;
      return !isSame;
    },
  };
}

/** One camera's door; it remembers how each host wants to be signed in to. @param signal ends what is under way */
export function createCameraHttp(signal: AbortSignal): CameraHttp {
  const signIns = new Map<string, SignIn>();
  const signInOf = (host: string, account: Account): SignIn => {
    const key = JSON.stringify([host, account.username, account.password]);
    const known = signIns.get(key) ?? createSignIn(account);
    signIns.set(key, known);
    return known;
  };

  /** Follows redirects and signs in. */
  const ask = async (url: string, init: CameraRequest, stop: AbortSignal): Promise<Response> => {
    const { host } = new URL(url);
    const { account = null, method = 'GET', body } = init;
    const signIn = account === null || account.username === '' ? null : signInOf(host, account);
    let target = url;
    let tries = 0;
    for (let redirects = 0; ;) {
      const authorization = signIn?.header(target, method) ?? null;
      const headers = { ...init.headers, ...(authorization === null ? {} : { authorization }) };
      const response = await fetch(target, {
        ...{ method, headers, redirect: 'manual', signal: stop },
        ...(body === undefined ? {} : { body }),
      });
      if (response.status === 401 && account !== null) {
        await response.body?.cancel();
        // Twice: a remembered nonce has grown old, then the camera asks in another way.
        if (signIn?.refused(response) === true && tries++ < 2) continue;
        const what =
          signIn === null ? 'asks for a user name and password: enter them' : 'refuses the user name or the password';
        throw new LprError('camera_bad_answer', `${host} ${what} (HTTP 401).`);
      }
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null) return response;
      await response.body?.cancel();
      const next = new URL(location, target);
      const isDowngraded = url.startsWith('https:') && next.protocol !== 'https:';
      if (next.host !== host || isDowngraded || redirects++ >= MOST_REDIRECTS) {
        throw new LprError(
          'camera_bad_answer',
          `${host} sends on to ${next.host}: enter the address it should be asked at.`,
        );
      }
      target = next.href;
    }
  };

  /** What went wrong, in words that name the remedy. @param isLate the hub's own time limit ended it */
  const explained = (error: unknown, host: string, isLate: boolean, timeoutMs = TIMEOUT_MS): unknown => {
    if (errorCode(error).startsWith('camera_')) return error;
    if (isLate) {
      const message = `${host} did not answer within ${timeoutMs / 1000} s: is it switched on and is the address right?`;
      return new LprError('camera_timeout', message, {}, error);
    }
    const cause = error instanceof Error && error.cause !== undefined ? errorMessage(error.cause) : errorMessage(error);
    const message = `${host} cannot be reached (${cause}): check address, port and network.`;
    return new LprError('camera_unreachable', message, {}, error);
  };

  return {
    async fetchBytes(url, init = {}) {
      const { host } = new URL(url);
      const { timeoutMs = TIMEOUT_MS } = init;
      const limit = AbortSignal.timeout(timeoutMs);
      try {
        const response = await ask(url, init, AbortSignal.any([signal, limit]));
        return { bytes: await readBody(response, host), headers: response.headers, status: response.status };
      } catch (error) {
        throw explained(error, host, limit.aborted, timeoutMs);
      }
    },
    async openStream(url, init = {}) {
      const { host } = new URL(url);
      const limit = new AbortController();
      const timer = setTimeout(() => {
        limit.abort();
      }, TIMEOUT_MS);
      const stop = AbortSignal.any([signal, limit.signal, ...(init.signal ? [init.signal] : [])]);
      try {
        const { status, headers, body } = await ask(url, init, stop);
        const chunks = async function* (): AsyncGenerator<Uint8Array> {
          try {
            for await (const chunk of body ?? []) yield chunk;
          } catch (error) {
            if (stop.aborted) throw stop.reason;
            throw explained(error, host, false);
          }
        };
        return { status, headers, body: chunks() };
      } catch (error) {
        if (init.signal?.aborted === true) throw init.signal.reason;
        throw explained(error, host, limit.signal.aborted);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
