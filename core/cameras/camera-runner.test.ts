import { expect, test } from '@jest/globals';
import { quietLog } from '../../test/quiet-log.ts';
import type { EventInput, FrameInput } from '../ingest/ingest.ts';
import {
  defineCameraProtocol,
  NOTHING_SEEN,
  UNKNOWN_READ,
  type CameraContext,
  type DeviceEvent,
  type Fields,
} from '../plugins/define.ts';
import { runCamera, type RunnerError } from './camera-runner.ts';

const stored = { frameId: 'f', duplicate: false };

test('reads that a camera made itself go to the inbox as such, pictures without reads to the engines, signs of life end a fault', async () => {
  const controller = new AbortController();
  const read: DeviceEvent = {
    ...NOTHING_SEEN,
    ...{ eventKey: 'e1', capturedAt: new Date(5), isLate: true, frame: Buffer.from('scene') },
    reads: [{ ...UNKNOWN_READ, text: 'A1' }],
  };
  let opened = 0;
  const plugin = defineCameraProtocol({
    id: 'asked',
    reader: 'maker',
    fields: {},
    async *frames(): AsyncGenerator<DeviceEvent> {
      opened++;
      if (opened === 1) throw new Error('away');
      yield await Promise.resolve(NOTHING_SEEN);
      yield read;
      yield { ...read, reads: [] };
      controller.abort();
    },
  });
  const events: EventInput[] = [];
  const frames: FrameInput[] = [];
  const errors: (RunnerError | null)[] = [];
  await runCamera({
    cameraId: 'c',
    plugin,
    context: { signal: controller.signal, log: quietLog } as CameraContext<Fields>,
    accept: (input) => Promise.resolve((frames.push(input), stored)),
    acceptEvent: (input) => Promise.resolve((events.push(input), stored)),
    onError: (error) => void errors.push(error),
  });
  expect(errors.slice(0, 2)).toEqual([expect.objectContaining({ message: 'away' }), null]);
  expect(events).toEqual([
    {
      ...{ cameraId: 'c', deviceId: null, engine: 'device:maker', label: null, pull: null },
      ...{ eventKey: 'e1', capturedAt: new Date(5), capturedAtSource: 'device', isLate: true, frame: read.frame },
      reads: read.reads,
    },
  ]);
  expect(frames).toEqual([
    {
      cameraId: 'c',
      bytes: read.frame,
      capturedAt: new Date(5),
      capturedAtSource: 'device',
      eventKey: 'e1',
      label: null,
    },
  ]);
});
