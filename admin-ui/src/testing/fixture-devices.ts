/** Devices of the hub of cardboard: one waits, one is well, one fails; with what is kept of them and a dead letter. */
import type {
  Device,
  DeviceDoors,
  DeviceTrialResult,
  FrameStatus,
  HeldContent,
  HeldMessage,
  PluginInfo,
} from '../api/contract.ts';

const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
const id = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

function drawnDevice(number: number, change: Partial<Device>): Device {
  return {
    ...{ deviceId: id(number), format: 'generic', ref: `gate-${number}`, name: `Gate ${number}`, state: 'approved' },
    ...{ address: `10.0.0.${number}`, transport: 'http', hasToken: false, config: {}, timeZone: null },
    ...{ createdAt: ago(90), lastSeenAt: ago(1), lastStoredAt: ago(1), isOnline: null, health: null, cameras: [] },
    ...{ stored: 12, held: { waiting: 0, quarantined: 0, bytes: 0 }, lagMs: 420, error: null, movedFrom: null },
    ...change,
  };
}

const fault = { code: 'invalid_input', message: 'The message cannot be read: plateNumber is missing.' };

function drawnHeld(number: number, deviceId: string, isWaiting: boolean): HeldMessage {
  return {
    ...{ heldId: id(100 + number), deviceId, format: 'generic', transport: 'http', path: '/', bytes: 214 },
    ...{ reason: isWaiting ? 'waiting' : 'quarantine', receivedAt: ago(number) },
    error: isWaiting ? null : { ...fault, field: 'plateNumber' },
  };
}

const words = (name: string, label: string): PluginInfo['words']['en'] => ({
  ...{ name, description: name },
  field: { plateNumber: { label } },
});
const GENERIC: PluginInfo = {
  ...{ id: 'generic', kind: 'deviceFormat' },
  fields: { plateNumber: { kind: 'text', default: 'plateNumber', required: false } },
  words: { en: words('Webhook', 'Plate'), th: words('เว็บฮุก', 'เลขทะเบียน') },
};
const DOORS: DeviceDoors = {
  broker: null,
  formats: [{ format: 'generic', transports: ['http'], paths: [], topics: [], socketio: [] }],
};

/** What a made-up webhook makes of `{ "<path>": plate }`. */
function tried(text: string, path: string): DeviceTrialResult | { error: object } {
  const plate = (JSON.parse(text) as Record<string, unknown>)[path];
  if (typeof plate !== 'string') {
    return {
      error: { ...fault, problems: [{ field: 'plateNumber', problem: `is missing: nothing lies at ${path}` }] },
    };
  }
  const read = { text: plate, province: 'เชียงใหม่', confidence: 0.9 };
  return {
    ...{ deviceRef: '', health: null, reply: { status: 200, body: '{"status":"stored"}' } },
    events: [{ capturedAt: ago(2), cameraRef: 'in-1', reads: [read], coerced: [] }],
  };
}

export interface FixtureDevices {
  /** Undefined where the path is none of devices. */
  readonly answer: (method: string, path: string, query: URLSearchParams, body: unknown) => unknown;
  /** What was asked for with another method than GET, in order. */
  readonly acts: { readonly path: string; readonly body: unknown }[];
}

export function createFixtureDevices(): FixtureDevices {
  const acts: { path: string; body: unknown }[] = [];
  const camera = { cameraRef: 'in-1', cameraId: 'camera-1', name: 'ประตูทางเข้า' };
  let devices: Device[] = [
    drawnDevice(1, {
      ...{ state: 'waiting', name: 'ป้อมหน้า', ref: 'ป้อมหน้า', movedFrom: id(2), lastStoredAt: null, lagMs: null },
      held: { waiting: 3, quarantined: 0, bytes: 642 },
    }),
    drawnDevice(2, { name: 'ประตูทิศใต้', cameras: [camera] }),
    drawnDevice(3, {
      ...{ name: 'Weighbridge', held: { waiting: 0, quarantined: 2, bytes: 428 }, lastStoredAt: null },
      error: { ...fault, at: ago(1), heldId: id(104) },
    }),
  ];
  let held = [
    ...[1, 2, 3].map((number) => drawnHeld(number, id(1), true)),
    ...[4, 5].map((number) => drawnHeld(number, id(3), false)),
  ];
  let dead: FrameStatus[] = [1, 2].map((number) => ({
    ...{ frameId: id(200 + number), cameraId: 'camera-1', state: 'dead', label: null, attempts: 5 },
    ...{ frame: number === 1 ? { imageId: 'scene', width: 1200, height: 800 } : null },
    ...{ capturedAt: ago(3), receivedAt: ago(3), outcomes: {}, detectionIds: [] },
    error: { code: 'engine_unavailable', message: 'The engine did not answer.' },
  }));
  const sample = (heldId: string): string => (heldId < id(104) ? '{"plateNumber":"ฏฐ 12"}' : '{"lp":"ญฎ 34"}');

  function change(deviceId: string, state: Device['state']): Device | undefined {
    const none = { waiting: 0, quarantined: 0, bytes: 0 };
    devices = devices.map((one) => (one.deviceId === deviceId ? { ...one, state, held: none } : one));
    if (state === 'approved') held = held.filter((one) => one.deviceId !== deviceId);
    return devices.find((one) => one.deviceId === deviceId);
  }

  function act(path: string, body: unknown): unknown {
    const [, room, first = '', verb = ''] = path.split('/');
    const { ids, config, body: text } = body as { ids?: string[] | 'all'; config?: Device['config']; body?: string };
    const plateAt = String(config?.['plateNumber'] ?? 'plateNumber');
    if (room === 'devices' && first === 'try') return tried(text ?? '', plateAt);
    if (room === 'held' && verb === 'try') return tried(sample(first), plateAt);
    acts.push({ path, body });
    if (path === '/devices')
      return { ...drawnDevice(9, { name: 'North', ref: '', hasToken: true }), token: 'lpd_secret' };
    if (room === 'devices' && verb === '') return devices.find(({ deviceId }) => deviceId === first);
    if (room === 'devices') return change(first, verb === 'block' ? 'blocked' : 'approved');
    const isMeant = (one: string): boolean => ids === 'all' || ids?.includes(one) === true;
    if (room === 'dead-letters') {
      dead = dead.filter(({ frameId }) => !isMeant(frameId));
      return { replayed: 2 - dead.length };
    }
    held = held.filter(({ heldId }) => !isMeant(heldId));
    return first === 'discard' ? { discarded: ids?.length } : { stored: 1, failed: 0 };
  }

  function contentOf(heldId: string): HeldContent | null {
    const one = held.find((message) => message.heldId === heldId);
    if (one === undefined) return null;
    const part = { name: 'scene', fileName: 'ภาพ.jpg', mediaType: 'image/jpeg', bytes: 48_211, text: null };
    return {
      ...{ held: one, method: 'POST', address: '10.0.0.3', headers: { 'content-type': 'application/json' } },
      ...{ text: sample(heldId), parts: [part] },
    };
  }

  return {
    acts,
    answer(method, path, query, body) {
      if (path === '/plugins') return { items: [GENERIC] };
      if (path === '/devices/doors') return DOORS;
      if (!/^\/(devices|held|dead-letters)/.test(path)) return undefined;
      if (method !== 'GET') return act(path, body ?? {});
      if (path === '/devices') return { items: devices };
      if (path === '/dead-letters') return { items: dead, nextCursor: null };
      if (path !== '/held') return contentOf(path.slice('/held/'.length));
      const reason = query.get('reason');
      const deviceId = query.get('deviceId');
      const isMeant = (one: HeldMessage): boolean =>
        (reason === null || one.reason === reason) && (deviceId === null || one.deviceId === deviceId);
      return { items: held.filter(isMeant), nextCursor: null };
    },
  };
}
