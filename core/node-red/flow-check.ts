/** Whether a flow can work, told before it is deployed: pure, over the flow's JSON and what each of our nodes declares. */
import type { LprError } from '../errors.ts';
import { errorCode } from '../errors.ts';
import { parseConfig, type Field, type Fields, type RefSource } from '../fields.ts';
import type { Stage } from '../message.ts';
import { flowGraph, type FlowNode, type Vertex } from './flow-graph.ts';

export type { FlowNode } from './flow-graph.ts';

/** What the check knows of one of our node types. */
export interface NodeFacts {
  readonly type: string;
  readonly accepts: Stage | 'source' | 'any';
  readonly outputs: readonly string[];
  readonly fields: Fields;
  readonly offers?: Readonly<Partial<Record<string, string>>>;
  readonly gives?: Readonly<Partial<Record<string, Stage>>>;
  readonly settles?: true | readonly string[];
}

/** The hub's own things by id, and what each of them can do. A list that is absent is not checked. */
export type HubLists = Readonly<Partial<Record<RefSource, ReadonlyMap<string, object>>>>;

export const FLOW_PROBLEMS = [
  'type_unknown',
  'setting_wrong',
  'choice_gone',
  'choice_cannot',
  'frames_never_end',
  'output_never_ends',
  'part_missing',
] as const;

export interface FlowProblem {
  readonly code: (typeof FLOW_PROBLEMS)[number];
  readonly nodeId: string;
  /** What people know it by: its name, type, id and tab. */
  readonly node: {
    readonly name: string | null;
    readonly type: string;
    readonly id: string;
    readonly tab: string | null;
  };
  /** What the translated sentence fills in. */
  readonly values: Readonly<Record<string, string>>;
}

type Complain = (node: FlowNode, code: FlowProblem['code'], values?: FlowProblem['values']) => void;
type Facts = ReadonlyMap<string, NodeFacts>;

/** Node-RED fills `${NAME}` in from the environment when the flow starts: nothing can be said about it before. */
const isFilledInLater = (value: unknown): boolean => typeof value === 'string' && /\$\{[^}]+\}/.test(value);

/** @param needs `key` (must be true) or `key=value`; the editor's lists know the same */
function isOffered(item: Readonly<Record<string, unknown>>, needs: string): boolean {
  const [key = '', value] = needs.split('=');
  return value === undefined ? item[key] === true : item[key] === value;
}

function checkSettings(node: FlowNode, facts: NodeFacts, lists: HubLists, complain: Complain): void {
  const fields = Object.entries(facts.fields as Readonly<Record<string, Field<unknown>>>);
  // Secrets are not part of the flow file.
  const known = Object.fromEntries(
    fields.filter(([key, { kind }]) => kind !== 'secret' && !isFilledInLater(node[key])),
  ) as Fields;
  try {
    parseConfig(known, node);
  } catch (error) {
    if (errorCode(error) !== 'invalid_input') throw error;
    for (const { field, problem } of (error as LprError).details.problems ?? []) {
      complain(node, 'setting_wrong', { field, problem });
    }
  }
  for (const [key, { kind, options = [] }] of Object.entries(known as Readonly<Record<string, Field<unknown>>>)) {
    const value = node[key];
    if (kind !== 'ref' || typeof value !== 'string' || value === '') continue;
    const source = options[0] as RefSource;
    const list = lists[source];
    if (list === undefined) continue;
    const item = list.get(value) as Readonly<Record<string, unknown>> | undefined;
    const needs = facts.offers?.[key];
    if (item === undefined) complain(node, 'choice_gone', { source, value });
    else if (needs !== undefined && !isOffered(item, needs)) complain(node, 'choice_cannot', { source, value });
  }
}

/** Whether a message that arrives here can come to an end, by any way. */
function endsFrom(facts: Facts): (vertex: Vertex) => boolean {
  const known = new Map<Vertex, boolean>();
  const ends = (vertex: Vertex): boolean => {
    const answer = known.get(vertex);
    if (answer !== undefined) return answer;
    known.set(vertex, false);
    const here = facts.get(vertex.node.type)?.settles === true || vertex.outputs.some((to) => to.some(ends));
    known.set(vertex, here);
    return here;
  };
  return (vertex) => {
    // Loops are met while still undecided: each question starts afresh.
    known.clear();
    return ends(vertex);
  };
}

/** Whether what leaves by this output needs no settling any more. */
const hasSettled = ({ settles = [] }: NodeFacts, output: string): boolean =>
  settles === true || settles.includes(output);

interface Arrival {
  readonly parts: ReadonlySet<Stage>;
  /** No stock node on the way, which might have kept this message back. */
  readonly isSure: boolean;
  readonly isSettled: boolean;
}

/** Follows the messages of one source; tells `visit` of each different message at each node. */
function follow(source: Vertex, facts: Facts, visit: (vertex: Vertex, arrival: Arrival) => void): void {
  const seen = new Map<Vertex, Set<string>>();
  const queue: [Vertex, Arrival][] = [[source, { parts: new Set(), isSure: true, isSettled: false }]];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [vertex, arrival] = next;
    const key = `${[...arrival.parts].sort().join()} ${arrival.isSure} ${arrival.isSettled}`;
    const keys = seen.get(vertex) ?? new Set<string>();
    if (keys.has(key)) continue;
    seen.set(vertex, keys.add(key));
    visit(vertex, arrival);
    const known = facts.get(vertex.node.type);
    const isJoint = known !== undefined || vertex.node.type.startsWith('link ');
    vertex.outputs.forEach((targets, port) => {
      const output = known?.outputs[port] ?? '';
      const gained = known?.gives?.[output];
      const settledHere = known !== undefined && hasSettled(known, output);
      for (const target of targets) {
        queue.push([
          target,
          {
            parts: gained === undefined ? arrival.parts : new Set([...arrival.parts, gained]),
            isSure: arrival.isSure && isJoint,
            isSettled: arrival.isSettled || settledHere,
          },
        ]);
      }
    });
  }
}

/**
 * @param flows the whole flow file
 * @param facts our nodes by type
 * @returns every reason for which this flow cannot work, by node; none means it can
 */
export function checkFlows(flows: readonly FlowNode[], facts: Facts, lists: HubLists = {}): readonly FlowProblem[] {
  const titles = new Map(flows.map(({ id, label, name }) => [id, label ?? name ?? id]));
  const problems = new Map<string, FlowProblem>();
  const complain: Complain = (node, code, values = {}) => {
    // A node within a subflow runs once per instance, yet is drawn and told of once.
    problems.set(`${node.id} ${code} ${Object.values(values).join()}`, {
      code,
      nodeId: node.id,
      node: {
        name: node.name === undefined || node.name === '' ? null : node.name,
        type: node.type,
        id: node.id,
        tab: node.z === undefined ? null : (titles.get(node.z) ?? node.z),
      },
      values,
    });
  };

  const graph = flowGraph(flows);
  for (const { node } of graph) {
    const known = facts.get(node.type);
    if (known !== undefined) checkSettings(node, known, lists, complain);
    else if (node.type.startsWith('lpr-')) complain(node, 'type_unknown');
  }

  const ends = endsFrom(facts);
  const arrivals = new Map<Vertex, Arrival[]>();
  for (const source of graph.filter(({ node }) => facts.get(node.type)?.accepts === 'source')) {
    if (!ends(source)) {
      complain(source.node, 'frames_never_end');
      continue;
    }
    follow(source, facts, (vertex, arrival) => {
      if (vertex !== source) arrivals.set(vertex, [...(arrivals.get(vertex) ?? []), arrival]);
    });
  }

  for (const [vertex, came] of arrivals) {
    const known = facts.get(vertex.node.type);
    if (known === undefined || known.accepts === 'source') continue;
    const { accepts } = known;
    const incomplete = accepts === 'any' ? [] : came.filter(({ parts }) => !parts.has(accepts));
    const isNeverComplete = incomplete.length > 0 && incomplete.length === came.length;
    if (isNeverComplete || incomplete.some(({ isSure }) => isSure)) {
      complain(vertex.node, 'part_missing', { part: accepts });
    }
    if (known.settles === true || came.every(({ isSettled }) => isSettled)) continue;
    vertex.outputs.forEach((targets, port) => {
      const output = known.outputs[port] ?? String(port + 1);
      // What leaves by an output without a wire is discarded by the node itself.
      const isOpen = targets.length > 0 && !hasSettled(known, output);
      if (isOpen && !targets.some(ends)) complain(vertex.node, 'output_never_ends', { output });
    });
  }
  return [...problems.values()];
}
