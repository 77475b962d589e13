import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { checkFlows, type FlowNode } from '../core/node-red/flow-check.ts';
import { flowGraph } from '../core/node-red/flow-graph.ts';
import { loadSpecs } from '../nodes/kit/load-specs.ts';

const FOLDER = import.meta.dirname;
const facts = new Map([...(await loadSpecs()).values()].map((spec) => [spec.type as string, spec]));
type Rectangle = [left: number, top: number, width: number, height: number];
const STOCK = ['tab', 'group', 'comment', 'link in', 'link out', 'debug', 'catch'];

describe.each(readdirSync(FOLDER).filter((name) => name.endsWith('.json')))('%s', (name) => {
  const flow = JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as readonly FlowNode[];
  const ids = new Set(flow.map(({ id }) => id));

  test('has only nodes that exist, each on a tab that exists, with ids of their own', () => {
    expect(flow.filter(({ type }) => !facts.has(type) && !STOCK.includes(type))).toEqual([]);
    expect(ids.size).toBe(flow.length);
    expect(flow.filter(({ z }) => z !== undefined && !ids.has(z))).toEqual([]);
  });

  test('has only wires and links that lead to a node, from outputs that exist', () => {
    for (const { id, type, wires = [], links = [] } of flow as readonly (FlowNode & { links?: string[] })[]) {
      const ends = [...wires.flat(), ...links];
      expect([id, ends.filter((end) => !ids.has(end))]).toEqual([id, []]);
      const outputs = facts.get(type)?.outputs.length;
      if (outputs !== undefined) expect([id, wires.length]).toEqual([id, outputs]);
    }
  });

  test('spells out every setting, so that a later default does not change it', () => {
    for (const node of flow) {
      for (const key of Object.keys(facts.get(node.type)?.fields ?? {}))
        expect([node.id, key in node]).toEqual([node.id, true]);
    }
  });

  test('can work', () => {
    expect(checkFlows(flow, facts)).toEqual([]);
  });

  test('draws nodes on the grid, inside their groups, none on another', () => {
    const drawn = flow.filter(({ x, type }) => x !== undefined && type !== 'group');
    const places = drawn.map(({ x, y }) => `${String(x)} ${String(y)}`);
    expect(new Set(places).size).toBe(places.length);
    const groups = new Map(flow.filter(({ type }) => type === 'group').map((group) => [group.id, group]));
    for (const { id, g, x, y } of drawn) {
      const group = groups.get(String(g));
      if (group === undefined) continue;
      const [left, top, width, height] = [group['x'], group['y'], group['w'], group['h']].map(Number) as Rectangle;
      expect(group['nodes']).toContain(id);
      expect(Number(x)).toBeGreaterThan(left);
      expect(Number(x)).toBeLessThan(left + width);
      expect(Number(y)).toBeGreaterThan(top);
      expect(Number(y)).toBeLessThan(top + height);
    }
  });
});

test('the flow of a new install takes every camera through to alerts', () => {
  const flow = JSON.parse(readFileSync(join(FOLDER, 'default.json'), 'utf8')) as readonly FlowNode[];
  const graph = flowGraph(flow);
  const way: string[] = [];
  let at = graph.find(({ node }) => node.type === 'lpr-camera-in');
  expect(at?.node['camera']).toBe('');
  while (at !== undefined && !way.includes(at.node.type)) {
    way.push(at.node.type);
    at = at.outputs[0]?.[0];
  }
  expect(way.filter((type) => type.startsWith('lpr-'))).toEqual([
    ...['lpr-camera-in', 'lpr-locate', 'lpr-read', 'lpr-quality', 'lpr-merge', 'lpr-record', 'lpr-blacklist-match'],
    'lpr-alert',
  ]);
});
