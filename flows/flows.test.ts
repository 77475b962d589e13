import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { checkFlows, type FlowNode, type FlowProblem } from '../core/node-red/flow-check.ts';
import { flowGraph } from '../core/node-red/flow-graph.ts';
import { loadSpecs } from '../nodes/kit/load-specs.ts';

const FOLDER = import.meta.dirname;
const facts = new Map([...(await loadSpecs()).values()].map((spec) => [spec.type as string, spec]));
type Rectangle = [left: number, top: number, width: number, height: number];
const STOCK = ['tab', 'group', 'comment', 'link in', 'link out', 'debug', 'catch', 'switch'];
const jsonFiles = (folder: string): readonly string[] =>
  readdirSync(join(FOLDER, folder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name));

describe.each([...jsonFiles('.'), ...jsonFiles('examples')])('%s', (name) => {
  const isExample = name.startsWith('examples');
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
    // Which channel or escalation it is to be only the site knows; until it is chosen the editor marks the node.
    const isToChoose = ({ code, values }: FlowProblem): boolean =>
      isExample && code === 'setting_wrong' && values['problem'] === 'is required';
    expect(checkFlows(flow, facts).filter((problem) => !isToChoose(problem))).toEqual([]);
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

describe('examples', () => {
  const examples = jsonFiles('examples').map(
    (name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as readonly FlowNode[],
  );

  test('there is one for each node of lists, places and alerts', () => {
    const shown = new Set(examples.flatMap((flow) => flow.map(({ type }) => type)));
    const wanted = ['lpr-blacklist-match', 'lpr-geofence', 'lpr-alert', 'lpr-escalate', 'lpr-acknowledged'];
    const tells = [...facts.keys()].filter((type) => type.startsWith('lpr-tell-'));
    expect([...wanted, ...tells].filter((type) => !shown.has(type))).toEqual([]);
  });

  test('each is one group, named and explained in both languages, that goes onto any tab', () => {
    for (const flow of examples) {
      const groups = flow.filter(({ type }) => type === 'group');
      expect(groups.map(({ name = '' }) => / · .*[\u0e00-\u0e7f]|^Tell by .* · แจ้ง/.test(name))).toEqual([true]);
      expect(flow.filter(({ z, type }) => z !== undefined || type === 'tab')).toEqual([]);
      const info = String(flow.find(({ type }) => type === 'comment')?.['info']);
      expect([info.includes('\n---\n'), /[\u0e00-\u0e7f]/.test(info)]).toEqual([true, true]);
    }
  });
});

test('the flow of a new install takes every camera through to alerts', () => {
  const flow = JSON.parse(readFileSync(join(FOLDER, 'default.json'), 'utf8')) as readonly FlowNode[];
  const graph = flowGraph(flow);
  const way: string[] = [];
  let at = graph.find(({ node }) => node.type === 'lpr-camera-in');
  expect(at?.node['camera']).toBe('');
  const seen = new Set<unknown>();
  while (at !== undefined && !seen.has(at)) {
    seen.add(at);
    way.push(at.node.type);
    at = at.outputs[0]?.[0];
  }
  expect(way.filter((type) => type.startsWith('lpr-'))).toEqual([
    ...['lpr-camera-in', 'lpr-locate', 'lpr-read', 'lpr-quality', 'lpr-merge', 'lpr-record', 'lpr-blacklist-match'],
    ...['lpr-geofence', 'lpr-alert'],
  ]);
});
