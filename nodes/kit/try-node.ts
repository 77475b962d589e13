/** Runs one node without Node-RED, for its own test. */
import { parseConfig, type Fields } from '../../core/fields.ts';
import type { Hub } from '../../core/hub.ts';
import type { LprMessage, LprRecord, PlateRead, Stage } from '../../core/message.ts';
import type { NodeSpec } from './define-node.ts';

export const aFrame: LprRecord = {
  frameId: 'f1',
  cameraId: 'c1',
  capturedAt: '2026-01-01T00:00:00.000Z',
  capturedAtSource: 'device',
  receivedAt: '2026-01-01T00:00:01.000Z',
  isLate: false,
  token: 'f1',
  frame: { imageId: 'i1', width: 1920, height: 1080 },
};
const patch = {
  ...{ readId: 'r1', plateIndex: 0, locatedBy: 'test', confidence: 0.9 },
  box: [10, 20, 200, 60] as const,
  corners: [
    [10, 20],
    [210, 20],
    [210, 80],
    [10, 80],
  ] as const,
  image: { imageId: 'p1', width: 200, height: 60 },
};
const read: PlateRead = {
  ...{ readId: 'r1', engine: 'test', plateNumber: '1กก1234', series: '1กก', serial: '1234' },
  ...{ countryCode: 'TH', issuingEntity: 'TH-10', plateType: 'RY1' },
  ...{ confidence: 0.9, provinceConfidence: 0.8, characters: [], candidates: [], reasons: [] },
  quality: { plateHeight: 60, sharpness: 0.9, glare: 0, contrast: 0.8, angle: 0, score: 0.9 },
};
export const aPatch = { ...aFrame, token: 'f1#0', patch } satisfies LprRecord;
export const aRead = { ...aPatch, read } satisfies LprRecord;
export const aDetection = {
  ...aRead,
  detection: {
    ...{ detectionId: 'd1', isNew: true, isBest: true, status: 'provisional', readCount: 1, confidence: 0.9 },
    ...{ plateNumber: '1กก1234', issuingEntity: 'TH-10', countryCode: 'TH', plateType: 'RY1' },
  },
} as const satisfies LprRecord;

export interface TriedNode {
  /** What was sent: the output's name and the record. */
  readonly sent: (readonly [output: string, lpr: LprRecord])[];
  receive(lpr: LprRecord): Promise<void>;
  /** Aborts the node's signal, then closes it. */
  close(): Promise<void>;
}

/** @param hub the parts that this node touches */
export function tryNode<F extends Fields, In extends Stage, Out extends string>(
  spec: NodeSpec<F, In, Out>,
  hub: { readonly [K in keyof Hub]?: Partial<Hub[K]> },
  settings: Readonly<Record<string, unknown>> = {},
): TriedNode {
  const stopped = new AbortController();
  const sent: (readonly [string, LprRecord])[] = [];
  const send = (output: string, msg: LprMessage): void => void sent.push([output, msg.lpr]);
  const config = parseConfig(spec.fields, settings);
  const node = spec.setup({ config, hub: hub as unknown as Hub, signal: stopped.signal, send });
  return {
    sent,
    receive: async (lpr) => node.input?.({ lpr } as LprMessage<In>, send),
    async close() {
      stopped.abort();
      await node.close?.();
    },
  };
}
