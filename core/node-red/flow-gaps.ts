/** What the hub was asked to do and the deployed flow does not do: lists that are looked up nowhere, rules that nobody asks. */
import type { NodeFacts } from './flow-check.ts';
import { flowGraph, type FlowNode, type Vertex } from './flow-graph.ts';

export const GAP_NODES = ['lpr-blacklist-match', 'lpr-geofence', 'lpr-alert'] as const;

export interface FlowGap {
  /** Which node no picture or read of a camera can reach. */
  readonly node: (typeof GAP_NODES)[number];
  /** How many blacklists, geofences or rules wait for it. */
  readonly count: number;
}

/** How many there are of each, as far as they need the flow. */
export interface FlowNeeds {
  readonly blacklists: number;
  readonly geofences: number;
  /** Switched on, and about something else than cameras. */
  readonly rules: number;
}

/** Types of nodes that what a camera gives can come to. */
function reached(flows: readonly FlowNode[], facts: ReadonlyMap<string, NodeFacts>): ReadonlySet<string> {
  const isCamera = ({ node }: Vertex): boolean => {
    const known = facts.get(node.type);
    return known?.accepts === 'source' && Object.values(known.gives ?? {}).includes('frame');
  };
  const seen = new Set<Vertex>();
  const queue = flowGraph(flows).filter(isCamera);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    queue.push(...next.outputs.flat());
  }
  return new Set([...seen].map(({ node }) => node.type));
}

/** @param flows the whole flow file, as it is deployed */
export function flowGaps(
  flows: readonly FlowNode[],
  facts: ReadonlyMap<string, NodeFacts>,
  { blacklists, geofences, rules }: FlowNeeds,
): readonly FlowGap[] {
  const types = reached(flows, facts);
  const counts = [blacklists, geofences, rules];
  return GAP_NODES.map((node, index) => ({ node, count: counts[index] ?? 0 })).filter(
    ({ node, count }) => count > 0 && !types.has(node),
  );
}
