import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { picture } from '../../test/pictures.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { LprError } from '../errors.ts';
import { createEvents, type Events } from '../events.ts';
import type { FrameInput, FrameStatus } from '../ingest/ingest.ts';
import { defineCameraProtocol, type CameraContext, type CapturedFrame, type Fields } from '../plugins/define.ts';
import type { LiveConfig } from '../plugins/live-fields.ts';
import type { RunnerError } from './camera-runner.ts';
import { runLiveCamera } from './live-camera.ts';
import { createPacing, type Pacing } from './pacing.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
const until = async (is: () => boolean): Promise<void> => {
  for (let i = 0; i < 1_000 && !is(); i++) await sleep(10);
  expect(is()).toBe(true);
};
const hubEvents = (): Events =>
  createEvents((error) => {
    throw error;
  });
const frameOf = (bytes: Uint8Array, label: string): CapturedFrame => ({
  ...{ bytes, label, capturedAt: null, capturedAtSource: 'received', eventKey: null },
});

interface Feed {
  push(frame: CapturedFrame): void;
  readonly opened: () => number;
}

/** A camera that the test feeds, before an inbox that the test keeps. */
function live(
  pacing: Pacing,
  config: Partial<LiveConfig>,
  accept: (input: FrameInput) => Promise<{ frameId: string; duplicate: boolean }>,
  cameraId = 'camera',
): Feed & { readonly seen: { skipped: number; dropped: number; errors: (RunnerError | null)[] } } {
  const controller = new AbortController();
  const queue: CapturedFrame[] = [];
  let wake = (): void => undefined;
  let opened = 0;
  controller.signal.addEventListener('abort', () => {
    wake();
  });
  const plugin = defineCameraProtocol({
    ...{ id: 'fed', isLive: true, fields: {} },
    async *frames({ signal }) {
      opened++;
      while (!signal.aborted) {
        const frame = queue.shift();
        if (frame !== undefined) yield frame;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  });
  const seen = { skipped: 0, dropped: 0, errors: [] as (RunnerError | null)[] };
  const ended = runLiveCamera({
    ...{ cameraId, plugin, pacing, accept },
    acceptEvent: () => Promise.reject(new Error('a live camera reads nothing by itself')),
    context: { signal: controller.signal, log: quietLog } as CameraContext<Fields>,
    config: { motion: 'off', heartbeat: 10, ...config },
    counts: { skipped: () => (seen.skipped += 1), dropped: () => (seen.dropped += 1) },
    onError: (error) => void seen.errors.push(error),
  });
  stops.push(async () => {
    controller.abort();
    await ended;
  });
  return {
    seen,
    opened: () => opened,
    push(frame) {
      queue.push(frame);
      wake();
    },
  };
}

test('a still street is counted and costs the inbox nothing, what comes into it is kept', async () => {
  const pacing = createPacing(hubEvents());
  const labels: (string | null)[] = [];
  const camera = live(pacing, { motion: 'high' }, ({ label }) => {
    labels.push(label);
    return Promise.resolve({ frameId: String(label), duplicate: false });
  });
  const street = await picture(10, 320, 180);
  const vehicle = await sharp(street)
    .composite([{ input: await picture(200, 60, 40), left: 100, top: 90 }])
    .png()
    .toBuffer();
  for (let i = 0; i < 20; i++) camera.push(frameOf(street, `street ${i}`));
  await until(() => camera.seen.skipped === 19);
  camera.push(frameOf(vehicle, 'other'));
  await until(() => labels.length === 2);
  expect(labels).toEqual(['street 0', 'other']);
});

test('no more is on its way than there is room for; of what waits the newest are kept and the rest is counted', async () => {
  const events = hubEvents();
  const pacing = createPacing(events);
  const labels: string[] = [];
  const camera = live(pacing, {}, ({ label }) => {
    labels.push(String(label));
    return Promise.resolve({ frameId: String(label), duplicate: false });
  });
  const bytes = await picture(1);
  for (let i = 0; i < 40; i++) {
    camera.push(frameOf(bytes, String(i)));
    await sleep(2);
  }
  await until(() => camera.seen.dropped === 21);
  expect(labels).toEqual(Array.from({ length: 16 }, (_, i) => String(i)));
  for (const label of labels.slice(0, 3))
    events.emit('frame.ended', { cameraId: 'camera', frameId: label } as FrameStatus);
  await until(() => labels.length === 19);
  expect(labels.slice(16)).toEqual(['37', '38', '39']);
  expect(camera.seen.dropped).toBe(21);
});

test('large pictures wait in smaller number', async () => {
  const events = hubEvents();
  const camera = live(createPacing(events), {}, () =>
    sleep(100_000, { frameId: '', duplicate: false }, { ref: false }),
  );
  const large = new Uint8Array(15 * 1024 * 1024);
  for (let i = 0; i < 4; i++) camera.push(frameOf(large, String(i)));
  await until(() => camera.seen.dropped === 2);
  stops.length = 0;
});

test('a fast camera does not crowd out a slow one', async () => {
  const events = hubEvents();
  const pacing = createPacing(events);
  const inbox: { cameraId: string; frameId: string }[] = [];
  const done: Record<string, number> = { fast: 0, slow: 0 };
  let id = 0;
  const accept = ({ cameraId }: FrameInput): Promise<{ frameId: string; duplicate: boolean }> => {
    const frameId = String(id++);
    inbox.push({ cameraId, frameId });
    return Promise.resolve({ frameId, duplicate: false });
  };
  const fast = live(pacing, {}, accept, 'fast');
  const slow = live(pacing, {}, accept, 'slow');
  const bytes = await picture(1);
  // A worker that does one frame in four ticks, the oldest first; the fast camera alone gives one each tick.
  for (let tick = 0; tick < 400; tick++) {
    fast.push(frameOf(bytes, ''));
    if (tick % 8 === 0) slow.push(frameOf(bytes, ''));
    if (tick % 4 === 0) {
      const frame = inbox.shift();
      if (frame !== undefined) {
        done[frame.cameraId] = (done[frame.cameraId] ?? 0) + 1;
        events.emit('frame.ended', frame as FrameStatus);
      }
    }
    await sleep(1);
  }
  // Half of what the worker can do is its share, and it asks for just that.
  expect(done['slow']).toBeGreaterThan(35);
  expect(slow.seen.dropped).toBeLessThan(10);
  expect(fast.seen.dropped).toBeGreaterThan(250);
});

test('an inbox in trouble is shown and tried again, the stream stays open', async () => {
  let isBroken = true;
  const labels: (string | null)[] = [];
  const camera = live(createPacing(hubEvents()), {}, ({ label }) => {
    if (isBroken) return Promise.reject(new LprError('storage_full', 'The disk is full.'));
    labels.push(label);
    return Promise.resolve({ frameId: String(label), duplicate: false });
  });
  const bytes = await picture(1);
  camera.push(frameOf(bytes, 'first'));
  await until(() => camera.seen.errors.at(-1)?.code === 'storage_full');
  camera.push(frameOf(bytes, 'second'));
  await sleep(20);
  expect(camera.seen.errors.at(-1)?.code).toBe('storage_full');
  isBroken = false;
  await until(() => labels.length === 2);
  expect(labels).toEqual(['first', 'second']);
  expect(camera.seen.errors.at(-1)).toBeNull();
  expect(camera.opened()).toBe(1);
});

test('a picture that is refused for ever holds up nothing', async () => {
  const labels: (string | null)[] = [];
  const camera = live(createPacing(hubEvents()), {}, ({ label }) => {
    if (label === 'bad') return Promise.reject(new LprError('image_not_a_picture', 'no picture'));
    labels.push(label);
    return Promise.resolve({ frameId: String(label), duplicate: false });
  });
  camera.push(frameOf(new Uint8Array(1), 'bad'));
  camera.push(frameOf(await picture(1), 'good'));
  await until(() => labels.length === 1);
});
