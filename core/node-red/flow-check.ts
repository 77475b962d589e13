/** Whether a flow can work, before it is deployed: pure, over the flow's JSON and what each of our nodes declares. */
import type { Stage } from '../message.ts';

/** What the check knows of one of our node types. */
export interface NodeFacts {
  readonly type: string;
  readonly accepts: Stage | 'source';
  readonly gives?: Stage;
  readonly settles?: boolean;
}

export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly name?: string;
  readonly label?: string;
  readonly d?: boolean;
  readonly disabled?: boolean;
  readonly wires?: readonly (readonly string[])[];
  readonly links?: readonly string[];
  readonly [property: string]: unknown;
}

export interface FlowProblem {
  readonly nodeId: string;
  /** `name (type) on tab`, for people. */
  readonly node: string;
  readonly problem: string;
}

/** The parts that a message has, in the order in which a flow adds them. */
const STAGES: readonly Stage[] = ['frame', 'patch', 'read', 'detection', 'hit', 'geofence'];

/** Wires, with link nodes joined and disabled tabs and nodes left out. Subflows count as passing everything on. */
function successors(nodes: readonly FlowNode[]): { active: FlowNode[]; next: Map<string, string[]> } {
  const disabledTabs = new Set(
    nodes.filter((node) => node.type === 'tab' && node.disabled === true).map((node) => node.id),
  );
  const active = nodes.filter((node) => node.d !== true && !(node.z !== undefined && disabledTabs.has(node.z)));
  const ids = new Set(active.map((node) => node.id));
  const next = new Map(
    active.map((node) => {
      const wired = (node.wires ?? []).flat();
      const linked = node.type === 'link out' ? (node.links ?? []) : [];
      return [node.id, [...wired, ...linked].filter((id) => ids.has(id))];
    }),
  );
  return { active, next };
}

/**
 * @param nodes the whole flow file
 * @param facts our nodes by type
 * @returns every reason for which this flow cannot work, by node; none means it can
 */
export function checkFlows(nodes: readonly FlowNode[], facts: ReadonlyMap<string, NodeFacts>): readonly FlowProblem[] {
  const { active, next } = successors(nodes);
  const byId = new Map(active.map((node) => [node.id, node]));
  const tabs = new Map(nodes.filter((node) => node.type === 'tab').map((tab) => [tab.id, tab.label ?? tab.id]));
  const nameOf = (node: FlowNode): string => {
    const name = node.name === undefined || node.name === '' ? node.type : `"${node.name}" (${node.type})`;
    const tab = node.z === undefined ? undefined : tabs.get(node.z);
    return tab === undefined ? name : `${name} on "${tab}"`;
  };
  const problems: FlowProblem[] = [];
  const complain = (node: FlowNode, problem: string): void => {
    problems.push({ nodeId: node.id, node: nameOf(node), problem });
  };

  for (const node of active) {
    if (node.type.startsWith('lpr-') && !facts.has(node.type))
      complain(node, 'is of a type that this hub does not have');
  }

  const sources = active.filter((node) => facts.get(node.type)?.accepts === 'source');
  // Per node the stages of messages that can reach it; a walk ends where nothing new is learnt.
  const reached = new Map<string, Set<Stage>>();
  for (const source of sources) {
    const settling = new Set<string>();
    const seen = new Set<string>();
    const walk = (id: string, stage: Stage): void => {
      const node = byId.get(id);
      if (node === undefined || seen.has(`${id}:${stage}`)) return;
      seen.add(`${id}:${stage}`);
      const known = facts.get(node.type);
      if (known !== undefined && node !== source) {
        const stages = reached.get(id) ?? new Set<Stage>();
        stages.add(stage);
        reached.set(id, stages);
        if (known.settles === true) settling.add(id);
      }
      const gained =
        known?.gives !== undefined && STAGES.indexOf(known.gives) > STAGES.indexOf(stage) ? known.gives : stage;
      for (const to of next.get(id) ?? []) walk(to, gained);
    };
    walk(source.id, 'frame');
    if (settling.size === 0) {
      complain(
        source,
        'reaches no record or discard node: its frames would never be done. Wire each branch to one of them',
      );
    }
  }

  for (const [id, stages] of reached) {
    const node = byId.get(id);
    const accepts = node === undefined ? undefined : facts.get(node.type)?.accepts;
    if (node === undefined || accepts === undefined || accepts === 'source') continue;
    const missing = [...stages].filter((stage) => STAGES.indexOf(stage) < STAGES.indexOf(accepts));
    if (missing.length === stages.size) {
      complain(
        node,
        `needs a ${accepts}, yet only a ${missing.join(' or ')} reaches it: put the node that makes it before`,
      );
    }
  }
  return problems;
}
