import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadSpecs } from '../../nodes/kit/load-specs.ts';
import type { FlowNode } from './flow-graph.ts';
import { flowGaps, type FlowNeeds } from './flow-gaps.ts';

const facts = new Map([...(await loadSpecs()).values()].map((spec) => [spec.type as string, spec]));
const first = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../flows/default.json'), 'utf8'),
) as readonly FlowNode[];
const ALL: FlowNeeds = { blacklists: 2, geofences: 3, rules: 4 };
const told = (flows: readonly FlowNode[], needs: FlowNeeds = ALL): (readonly [string, number])[] =>
  flowGaps(flows, facts, needs).map(({ node, count }) => [node, count] as const);
const without = (type: string): readonly FlowNode[] => first.filter((node) => node.type !== type);
const changed = (type: string, change: Partial<FlowNode>): readonly FlowNode[] =>
  first.map((node) => (node.type === type ? { ...node, ...change } : node));

test('the flow of a new install has none', () => {
  expect(told(first)).toEqual([]);
});

test('a node that is removed, switched off or no longer wired is missed, if something waits for it', () => {
  expect(told(without('lpr-geofence'))).toEqual([
    ['lpr-geofence', 3],
    ['lpr-alert', 4],
  ]);
  expect(told(without('lpr-alert'))).toEqual([['lpr-alert', 4]]);
  expect(told(changed('lpr-alert', { d: true }))).toEqual([['lpr-alert', 4]]);
  expect(told(changed('lpr-record', { wires: [[]] }))).toEqual([
    ...[
      ['lpr-blacklist-match', 2],
      ['lpr-geofence', 3],
      ['lpr-alert', 4],
    ],
  ]);
  expect(told(without('lpr-alert'), { blacklists: 1, geofences: 1, rules: 0 })).toEqual([]);
});

test('what hangs on an acknowledgement is reached by no camera', () => {
  const only: readonly FlowNode[] = [
    { id: 't', type: 'tab' },
    { id: 'a', type: 'lpr-acknowledged', z: 't', wires: [['b']] },
    { id: 'b', type: 'lpr-alert', z: 't', wires: [[], []] },
  ];
  expect(told(only, { blacklists: 0, geofences: 0, rules: 1 })).toEqual([['lpr-alert', 1]]);
});
