/** Finds out what stands behind an address that an administrator gives, by ordinary questions to that address alone. */
import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { LprError } from '../errors.ts';
import type { Account } from '../plugins/define.ts';
import { createCameraHttp, type CameraHttp } from './camera-http.ts';
import {
  CHECKS,
  element,
  makerOf,
  readOnvif,
  type Answer,
  type Check,
  type Found,
  type Maker,
} from './probe-checks.ts';
import { readyCameras, readyDevices, type ReadyCamera, type ReadyDevice } from './probe-steps.ts';

export type { Maker } from './probe-checks.ts';
export type { EntryStep, ReadyCamera, ReadyDevice } from './probe-steps.ts';

export interface ProbeInput {
  /** A host, a host with a port, or an http, https or rtsp address. */
  readonly address: string;
  /** Empty: none. */
  readonly username: string;
  readonly password: string;
  readonly hub: {
    /** Where devices reach the hub; null: found out from the way to the camera. */
    readonly publicUrl: string | null;
    /** Where whoever asks reaches the hub: its scheme and port are right, its host may not be. */
    readonly seenUrl: string;
    readonly mqttPort: number | null;
  };
  readonly signal?: AbortSignal;
}

/** What was asked and what came of it. */
export interface ProbeTrace {
  /** `onvif`, `rtsp`, `address`, or a maker. */
  readonly check: string;
  readonly url: string;
  readonly result: 'found' | 'password' | 'other' | 'silent';
}

export interface ProbeResult {
  readonly maker: Maker;
  readonly model: string | null;
  readonly firmware: string | null;
  /** Something answered. */
  readonly isReached: boolean;
  readonly wantsPassword: boolean;
  readonly hubUrl: string;
  /** Best first. */
  readonly cameras: readonly ReadyCamera[];
  readonly devices: readonly ReadyDevice[];
  readonly asked: readonly ProbeTrace[];
}

/** The password stays with whoever entered it. */
const signInOf = ({ username }: Account): Readonly<Record<string, string>> => (username === '' ? {} : { username });

const WHOLE_MS = 8_000;
const MOST_TEXT = 64 * 1024;
const RTSP_PORT = 554;

interface Target {
  readonly host: string;
  readonly port: number | null;
  readonly scheme: 'http' | 'https' | 'rtsp';
  /** Path and query; `/` when none was given. */
  readonly path: string;
  readonly account: Account;
}

/** @throws invalid_input */
export function parseAddress(address: string, username: string, password: string): Target {
  const text = address.trim();
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : null;
  const scheme = url?.protocol.replace(/:$/, '');
  if (url === null || url.hostname === '' || (scheme !== 'http' && scheme !== 'https' && scheme !== 'rtsp')) {
    const problem = 'must be a host such as 192.168.1.64, or an http, https or rtsp address';
    throw new LprError('invalid_input', `The address ${problem}.`, { problems: [{ field: 'address', problem }] });
  }
  // A name and password in the address are meant as such.
  const account =
    username !== ''
      ? { username, password }
      : { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  const isPortGiven = url.port !== '' || /^[a-z]+:\/\/[^/]*:\d+(\/|$)/i.test(whole);
  const port = url.port !== '' ? Number(url.port) : isPortGiven ? (scheme === 'https' ? 443 : 80) : null;
  return { host: url.hostname, port, scheme, path: (url.pathname || '/') + url.search, account };
}

const realmOf = (header: string | null): string => /realm="?([^",]*)"?/i.exec(header ?? '')?.[1] ?? '';

/** Null when nothing answers. Reads no more than it needs and closes. */
async function ask(http: CameraHttp, url: string, account: Account): Promise<Answer | null> {
  const once = async (given?: Account): Promise<Answer> => {
    const stream = await http.openStream(url, given === undefined ? {} : { account: given });
    const chunks: Uint8Array[] = [];
    let size = 0;
    const mediaType = (stream.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    // A stream of pictures does not end, and a picture is not read.
    const isPicture = mediaType.startsWith('image/') || mediaType.startsWith('multipart/');
    if (isPicture) {
      for await (const chunk of stream.body) if (chunk.length > 0) break;
    } else {
      for await (const chunk of stream.body) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > MOST_TEXT) break;
      }
    }
    return {
      status: stream.status,
      mediaType,
      realm: realmOf(stream.headers.get('www-authenticate')),
      server: stream.headers.get('server') ?? '',
      text: Buffer.concat(chunks).toString('utf8').slice(0, MOST_TEXT),
    };
  };
  try {
    const first = await once();
    if (first.status !== 401 || account.username === '') return first;
    // A refused password leaves what the first answer told.
    return await once(account).catch(() => first);
  } catch {
    return null;
  }
}

const SOAP = 'application/soap+xml; charset=utf-8';
const text = (raw: string): string => raw.replace(/[<>&"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** WS-Security UsernameToken with a digest, as ONVIF asks for (ONVIF Core, "Authentication"). */
function security({ username, password }: Account): string {
  if (username === '') return '';
  const nonce = randomBytes(16);
  const created = new Date().toISOString();
  const digest = createHash('sha1').update(nonce).update(created).update(password).digest('base64');
  const wsse = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss';
  return `<s:Header><Security xmlns="${wsse}-wssecurity-secext-1.0.xsd"><UsernameToken><Username>${text(username)}</Username><Password Type="${wsse}-username-token-profile-1.0#PasswordDigest">${digest}</Password><Nonce>${nonce.toString('base64')}</Nonce><Created xmlns="${wsse}-wssecurity-utility-1.0.xsd">${created}</Created></UsernameToken></Security></s:Header>`;
}

async function soap(
  url: string,
  account: Account,
  body: string,
  signal: AbortSignal,
): Promise<{ status: number; text: string } | null> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': SOAP },
      body: `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">${security(account)}<s:Body>${body}</s:Body></s:Envelope>`,
      redirect: 'manual',
      signal,
    });
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      const bytes = chunk as Uint8Array;
      chunks.push(bytes);
      if ((size += bytes.length) > MOST_TEXT) break;
    }
    return { status: response.status, text: Buffer.concat(chunks).toString('utf8') };
  } catch {
    return null;
  }
}

const DEVICE = 'http://www.onvif.org/ver10/device/wsdl';
const MEDIA = 'http://www.onvif.org/ver10/media/wsdl';

/** Asks the camera itself for the address of its snapshot; only one on the same host is believed. */
async function onvifSnapshot(
  base: string,
  host: string,
  account: Account,
  signal: AbortSignal,
): Promise<string | null> {
  const service = `${base}/onvif/media_service`;
  for (const url of [service, `${base}/onvif/media`, `${base}/onvif/device_service`]) {
    const profiles = await soap(url, account, `<GetProfiles xmlns="${MEDIA}"/>`, signal);
    const token = /<(?:[\w-]+:)?Profiles\b[^>]*\btoken="([^"]+)"/.exec(profiles?.text ?? '')?.[1];
    if (token === undefined) continue;
    const body = `<GetSnapshotUri xmlns="${MEDIA}"><ProfileToken>${text(token)}</ProfileToken></GetSnapshotUri>`;
    const found = element((await soap(url, account, body, signal))?.text ?? '', 'Uri')?.replaceAll('&amp;', '&');
    if (found !== undefined && URL.canParse(found) && new URL(found).hostname === host) return found;
  }
  return null;
}

/** The first line of what an RTSP server answers to OPTIONS, and by which of the hub's own addresses it was reached. */
function talk(
  host: string,
  port: number,
  say: string | null,
  signal: AbortSignal,
): Promise<{ readonly answer: string; readonly from: string } | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port });
    const done = (answer: string | null): void => {
      const from = socket.localAddress ?? '';
      socket.destroy();
      resolve(answer === null ? null : { answer, from });
    };
    const stop = (): void => {
      done(null);
    };
    signal.addEventListener('abort', stop, { once: true });
    socket.on('connect', () => {
      if (say === null) done('');
      else socket.write(say);
    });
    socket.on('data', (bytes) => {
      done(bytes.toString('latin1').split('\r\n', 1)[0] ?? '');
    });
    socket.on('error', stop);
    socket.on('close', () => {
      signal.removeEventListener('abort', stop);
      stop();
    });
  });
}

const isLocal = (host: string): boolean => /^(localhost|127\.|\[?::1\]?$|0\.0\.0\.0)/.test(host);

/** Where the camera reaches the hub: as set, else as whoever asks reaches it, else by the way that led to the camera. */
function hubAddress({ publicUrl, seenUrl }: ProbeInput['hub'], from: string): URL {
  const url = new URL(publicUrl ?? seenUrl);
  if (publicUrl === null && isLocal(url.hostname) && from !== '') {
    const plain = from.replace(/^::ffff:/, '');
    url.hostname = plain.includes(':') ? `[${plain}]` : plain;
  }
  return url;
}

/**
 * Asks everything at once and takes at most 8 s.
 * @param protocols ids of the camera protocols that the hub has; others are not proposed
 * @throws invalid_input
 */
export async function probe(input: ProbeInput, protocols: ReadonlySet<string>): Promise<ProbeResult> {
  const target = parseAddress(input.address, input.username, input.password);
  const { host, port, scheme, path, account } = target;
  const signal = AbortSignal.any([AbortSignal.timeout(WHOLE_MS), ...(input.signal ? [input.signal] : [])]);
  const http = createCameraHttp(signal);
  const web = scheme === 'https' ? 'https' : 'http';
  const webPort = scheme === 'rtsp' ? null : port;
  const defaultPort = web === 'https' ? 443 : 80;
  const baseAt = (other: number): string => {
    const at = webPort ?? (other === 80 ? defaultPort : other);
    return `${web}://${host}${at === defaultPort ? '' : `:${at}`}`;
  };
  const asked: ProbeTrace[] = [];
  const trace = (check: string, url: string, result: ProbeTrace['result']): void => {
    asked.push({ check, url, result });
  };

  const byCheck = async (check: Check): Promise<{ check: Check; found: Found } | null> => {
    const url = baseAt(check.port) + check.path;
    const answer = await ask(http, url, account);
    const found = answer === null ? null : check.read(answer);
    const refused = answer?.status === 401 ? 'password' : 'other';
    trace(
      check.maker,
      url,
      answer === null ? 'silent' : found === null ? refused : found.wantsPassword ? 'password' : 'found',
    );
    return found === null ? null : { check, found };
  };
  const byOnvif = async (): Promise<ReturnType<typeof readOnvif>> => {
    const url = `${baseAt(80)}/onvif/device_service`;
    const answer = await soap(url, account, `<GetDeviceInformation xmlns="${DEVICE}"/>`, signal);
    const found = answer === null ? null : readOnvif(answer);
    trace(
      'onvif',
      url,
      answer === null ? 'silent' : found === null ? 'other' : found.wantsPassword ? 'password' : 'found',
    );
    return found;
  };
  const byAddress = async (): Promise<ReadyCamera | null> => {
    if (scheme === 'rtsp') return null;
    const url = baseAt(80) + path;
    const answer = await ask(http, url, account);
    const isStream = answer?.mediaType === 'multipart/x-mixed-replace';
    const isPicture = answer?.mediaType.startsWith('image/') === true;
    const isFound = answer?.status === 200 && (isStream || isPicture);
    trace(
      'address',
      url,
      answer === null ? 'silent' : isFound ? 'found' : answer.status === 401 ? 'password' : 'other',
    );
    return isFound ? { protocol: isStream ? 'mjpeg' : 'snapshot', config: { url, ...signInOf(account) } } : null;
  };
  const byRtsp = async (): Promise<{ camera: ReadyCamera | null; from: string } | null> => {
    if (scheme !== 'rtsp' && port !== null) return null;
    const at = scheme === 'rtsp' ? (port ?? RTSP_PORT) : RTSP_PORT;
    const url = `rtsp://${host}${at === RTSP_PORT ? '' : `:${at}`}${scheme === 'rtsp' ? path : '/'}`;
    const answer = await talk(host, at, `OPTIONS ${url} RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: LPR-Hub\r\n\r\n`, signal);
    const isFound = answer !== null && answer.answer.startsWith('RTSP/');
    trace('rtsp', url, answer === null ? 'silent' : isFound ? 'found' : 'other');
    if (!isFound) return null;
    const camera = scheme === 'rtsp' ? { protocol: 'rtsp', config: { url, ...signInOf(account) } } : null;
    return { camera, from: answer.from };
  };

  const [checks, onvif, own, rtsp, way] = await Promise.all([
    Promise.all(CHECKS.map(byCheck)),
    byOnvif(),
    byAddress(),
    byRtsp(),
    talk(host, webPort ?? defaultPort, null, signal),
  ]);
  const best = checks.find((one) => one?.found.wantsPassword === false) ?? checks.find((one) => one !== null) ?? null;
  const byName = onvif === null ? null : makerOf(onvif.manufacturer);
  const maker: Maker = best?.check.maker ?? byName ?? 'unknown';
  const found: Found | null = best !== null && !best.found.wantsPassword ? best.found : (onvif ?? best?.found ?? null);
  const base = baseAt(best?.check.port ?? 80);
  const fromOnvif =
    maker === 'onvif' && onvif?.wantsPassword === false ? await onvifSnapshot(base, host, account, signal) : null;
  const cameras = [
    own,
    rtsp?.camera ?? null,
    ...readyCameras(maker, base, signInOf(account)),
    fromOnvif === null ? null : { protocol: 'snapshot', config: { url: fromOnvif, ...signInOf(account) } },
  ].filter((camera): camera is ReadyCamera => camera !== null && protocols.has(camera.protocol));
  const hub = hubAddress(input.hub, way?.from ?? rtsp?.from ?? '');
  const devices = readyDevices(maker, {
    url: hub.origin,
    host: hub.hostname,
    port: hub.port === '' ? (hub.protocol === 'https:' ? '443' : '80') : hub.port,
    isSecure: hub.protocol === 'https:',
    mqttPort: input.hub.mqttPort,
  });
  return {
    ...{ maker, model: found?.model ?? null, firmware: found?.firmware ?? null },
    isReached: asked.some(({ result }) => result !== 'silent') || way !== null,
    wantsPassword: found?.wantsPassword ?? asked.some(({ result }) => result === 'password'),
    ...{ hubUrl: hub.origin, cameras, devices, asked },
  };
}
