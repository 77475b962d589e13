/**
 * A hub of cardboard for tests of the console in a real browser: the built console, a few drawn detections, live events.
 * What the real hub answers is tested with the hub; this one answers by the same types.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import sharp from 'sharp';
import { Server } from 'socket.io';
import type {
  Alert,
  Detection,
  DetectionHold,
  DetectionHoldInput,
  DetectionSummary,
  LiveEvents,
  Session,
} from '../api/contract.ts';
import { createFixtureAlertSettings, type FixtureAlertSettings } from './fixture-alert-settings.ts';
import { createFixtureAlerts, type FixtureAlerts } from './fixture-alerts.ts';
import { createFixturePlaces, type FixturePlaces } from './fixture-places.ts';
import { createFixtureBlacklists, type FixtureBlacklists } from './fixture-blacklists.ts';
import { createFixtureDevices, type FixtureDevices } from './fixture-devices.ts';

const DIST = join(import.meta.dirname, '../../dist');
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};
/** As strict as the hub's own, so that a console that needs more fails here. */
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self' ws:; object-src 'none'";

export const SCENE = { width: 1200, height: 800 } as const;
/** The plate of the scene: a red sheet on green, straight, so that its edges can be found again in a screenshot. */
export const PLATE_BOX = [430, 370, 340, 150] as const;

async function drawScene(): Promise<Buffer> {
  const [x, y, width, height] = PLATE_BOX;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SCENE.width}" height="${SCENE.height}"><rect width="100%" height="100%" fill="#00a000"/><rect x="${x}" y="${y}" width="${width}" height="${height}" fill="#e00000"/></svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

const PLATES = [
  ['1กก', '1234', 'RY1', 'TH-10'],
  ['ขข', '9999', 'RY12', 'TH-50'],
  ['70', '4821', 'LT-truck-hire', 'TH-20'],
  ['สติ', '99', 'personalised', 'TH-10'],
] as const;

export function drawnDetection(number: number, at: Date): DetectionSummary {
  const [series, serial, plateType, issuingEntity] = PLATES[number % PLATES.length] ?? PLATES[0];
  const [x, y, width, height] = PLATE_BOX;
  const frame = { imageId: 'scene', ...SCENE };
  const plateNumber = series + serial;
  return {
    detectionId: `detection-${number}`,
    status: 'confirmed',
    plateNumber,
    series,
    serial,
    issuingEntity,
    countryCode: 'TH',
    plateType,
    confidence: 0.91,
    characters: (plateNumber.match(/\P{M}\p{M}*/gu) ?? []).map((char, index) => ({
      char,
      confidence: index === 1 ? 0.6 : 0.98,
      alternatives: index === 1 ? [{ char: 'ภ', confidence: 0.3 }] : [],
    })),
    capturedAt: at.toISOString(),
    lastSeenAt: at.toISOString(),
    isParked: false,
    capturedAtSource: 'device',
    receivedAt: at.toISOString(),
    cameraId: 'camera-1',
    cameraName: 'ประตูทางเข้า',
    frameId: `frame-${number}`,
    frame,
    patch: { imageId: 'scene', ...SCENE },
    box: [x, y, width, height],
    corners: [
      [x, y],
      [x + width, y],
      [x + width, y + height],
      [x, y + height],
    ],
    readCount: 1,
    hits: [],
  };
}

const SESSION: Session = {
  user: {
    userId: 'user-1',
    name: 'somchai',
    role: 'administrator',
    disabled: false,
    createdAt: '2026-01-01T00:00:00Z',
    lastSignInAt: null,
  },
  permissions: [
    'detections.view',
    'detections.correct',
    'detections.hold',
    'frames.upload',
    'cameras.view',
    'cameras.manage',
    'flows.view',
    'alerts.view',
    'alerts.acknowledge',
    'blacklists.view',
    'blacklists.manage',
    'alerts.manage',
    'places.manage',
  ],
  site: {
    name: 'ศูนย์ควบคุมจราจร',
    timeZone: 'Asia/Bangkok',
    era: 'gregorian',
    language: 'en',
    trainingPictures: false,
    map: { kind: 'outline' },
    searchReason: 'none',
  },
  version: 'test',
};

export interface FixtureHub {
  readonly url: string;
  /** A vehicle passes now. */
  readonly pass: () => void;
  /** Ends the session, as an expiry does. */
  readonly expire: () => void;
  /** Retention takes every picture away. */
  readonly removePictures: () => void;
  readonly corrections: unknown[];
  /** What was done to devices and to what is kept of them. */
  readonly deviceActs: FixtureDevices['acts'];
  readonly places: Pick<FixturePlaces, 'saved'>;
  readonly blacklistActs: FixtureBlacklists['acts'];
  /** A hit is made now; told by the alert that it raises. */
  readonly hit: () => void;
  readonly settingsActs: FixtureAlertSettings['acts'];
  readonly alerts: Pick<FixtureAlerts, 'acts'> & {
    /** An alert is raised now. */
    readonly raise: (change?: Partial<Alert>) => void;
  };
  readonly close: () => Promise<void>;
}

export async function startFixtureHub(count: number): Promise<FixtureHub> {
  const scene = await drawScene();
  const start = Date.now();
  const detections = Array.from({ length: count }, (_, index) =>
    drawnDetection(count - index, new Date(start - index * 60_000)),
  );
  const corrections: unknown[] = [];
  const devices = createFixtureDevices();
  const blacklists = createFixtureBlacklists();
  const alerts = createFixtureAlerts();
  const places = createFixturePlaces();
  const alertSettings = createFixtureAlertSettings();
  const holds: DetectionHold[] = [];
  let areRemoved = false;
  let isSignedIn = true;

  function detail(summary: DetectionSummary): Detection {
    const quality = { plateHeight: 150, sharpness: 0.8, glare: 0, contrast: 0.6, angle: 0, score: 0.9 };
    return {
      ...summary,
      province: null,
      candidates: [],
      reasons: [],
      mergedBy: [],
      merges: [],
      quality,
      reads: [],
      corrections: [],
    };
  }

  function answer(method: string, path: string, query: URLSearchParams, body: unknown): unknown {
    const one = detections.find((detection) => path.startsWith(`/detections/${detection.detectionId}`));
    if (path === '/session') return method === 'POST' || isSignedIn ? signedIn() : undefined;
    if (path === '/setup') return { needed: false, codeRequired: false };
    if (!isSignedIn) return undefined;
    if (path === '/reference') return { provinces: PROVINCES, countries: [], plateClasses: [] };
    const ofBlacklists = blacklists.answer(method, path, query, body);
    if (ofBlacklists !== undefined) return ofBlacklists;
    const ofAlerts = alerts.answer(method, path, query, body) ?? alertSettings.answer(method, path, query, body);
    if (ofAlerts !== undefined) return ofAlerts;
    const ofDevices = devices.answer(method, path, query, body);
    if (ofDevices !== undefined) return ofDevices;
    const ofPlaces = places.answer(method, path, body);
    if (ofPlaces !== undefined) return ofPlaces;
    if (path === '/status') return STATUS;
    if (path === '/flow-gaps') return { items: [] };
    if (path === '/detections') {
      const from = Number(query.get('cursor') ?? 0);
      const to = from + Number(query.get('limit') ?? 50);
      return { items: detections.slice(from, to), nextCursor: to < detections.length ? String(to) : null };
    }
    if (one === undefined) return null;
    if (path.endsWith('/holds')) {
      if (method === 'POST')
        holds.unshift({ ...(body as DetectionHoldInput), by: 'somchai', at: new Date().toISOString() });
      return { items: holds };
    }
    if (method === 'POST') {
      corrections.push(body);
      Object.assign(one, { ...(body as object), series: null, serial: null, status: 'corrected' });
    }
    return detail(one);
  }

  function signedIn(): Session {
    isSignedIn = true;
    return SESSION;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://hub');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const send = (status: number, type: string, content: Buffer | string): void => {
      response.writeHead(status, { 'content-type': type, 'content-security-policy': POLICY }).end(content);
    };
    if (url.pathname.startsWith('/api/v1/images/')) {
      const error = { code: 'image_removed', message: 'removed', removedAt: '2026-11-20T03:00:00.000Z' };
      if (areRemoved) send(410, 'application/json', JSON.stringify({ error }));
      else send(200, 'image/png', scene);
      return;
    }
    if (url.pathname.startsWith('/api/v1')) {
      const text = Buffer.concat(chunks).toString();
      // A file comes in parts; what is in it does not matter here.
      const isParts = request.headers['content-type']?.startsWith('multipart/') === true;
      const body: unknown = text === '' || isParts ? undefined : JSON.parse(text);
      const content = answer(request.method ?? 'GET', url.pathname.slice('/api/v1'.length), url.searchParams, body);
      if (isRefusal(content)) {
        send(400, 'application/json', JSON.stringify(content));
        return;
      }
      const code = content === undefined ? 'unauthenticated' : 'not_found';
      const failed = content === undefined || content === null;
      const shown = failed ? { error: { code, message: code } } : content;
      send(content === undefined ? 401 : failed ? 404 : 200, 'application/json', JSON.stringify(shown));
      return;
    }
    const name = extname(url.pathname) === '' ? '/index.html' : url.pathname;
    send(200, TYPES[extname(name)] ?? 'application/octet-stream', await readFile(join(DIST, normalize(name))));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.writeHead(500).end());
  });
  const io = new Server<Record<string, never>, LiveEvents>(server);
  const live = io.of('/live');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pass: () => {
      const made = drawnDetection(detections.length + 1, new Date());
      detections.unshift(made);
      live.emit('detection.created', made);
    },
    expire: () => {
      isSignedIn = false;
    },
    removePictures: () => {
      areRemoved = true;
    },
    corrections,
    deviceActs: devices.acts,
    places,
    blacklistActs: blacklists.acts,
    hit: () => {
      blacklists.hit();
      const [seen] = detections;
      if (seen !== undefined) live.emit('detection.updated', seen);
    },
    settingsActs: alertSettings.acts,
    alerts: {
      acts: alerts.acts,
      raise: (change) => {
        live.emit('alert.raised', alerts.raise(change));
      },
    },
    close: async () => {
      await io.close();
    },
  };
}

/** What does not fit is answered as the hub answers it. */
const isRefusal = (content: unknown): boolean =>
  ((content as { error?: { problems?: unknown } | null } | null)?.error?.problems ?? null) !== null;

const PROVINCES = [
  ['TH-10', 'กรุงเทพมหานคร', 'Bangkok'],
  ['TH-20', 'ชลบุรี', 'Chon Buri'],
  ['TH-50', 'เชียงใหม่', 'Chiang Mai'],
].map(([code, nameTh, nameEn]) => ({ code, nameTh, nameEn, abbreviationTh: '', region: '' }));

const STATUS = {
  detectionsToday: 4,
  framesQueued: 0,
  framesRunning: 0,
  framesDead: 2,
  framesDropped: 0,
  cameras: { online: 1, total: 1 },
  openAlerts: 0,
  devicesWaiting: 1,
  messagesQuarantined: 2,
  freeBytes: 1e12,
  doors: {
    connections: { socketio: 2, websocket: 1, mqtt: 5 },
    ...{ refused: 0, bytesHeld: 0, broker: { kind: 'embedded', port: 1883, tlsPort: null } },
  },
  pluginFailures: [],
  engineProblem: null,
};
