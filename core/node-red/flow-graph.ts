/** What is wired to what in a flow file: link nodes joined, subflows unfolded, disabled nodes and tabs left out. */

/** One entry of a flow file; what else it holds are its own settings. */
export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly name?: string;
  readonly label?: string;
  /** The node is disabled. */
  readonly d?: boolean;
  /** The tab is disabled. */
  readonly disabled?: boolean;
  readonly wires?: readonly (readonly string[])[];
  readonly [property: string]: unknown;
}

/** A node where it runs: within a subflow it runs once per instance. */
export interface Vertex {
  readonly node: FlowNode;
  /** Per output, where its messages go. */
  readonly outputs: readonly (readonly Vertex[])[];
}

interface Port {
  readonly id: string;
  readonly port?: number;
}
interface Subflow extends FlowNode {
  readonly in?: readonly { readonly wires?: readonly Port[] }[];
  readonly out?: readonly { readonly wires?: readonly Port[] }[];
}

interface Place {
  /** Tab contents when null. */
  readonly subflow: Subflow | null;
  readonly nodes: ReadonlyMap<string, Open>;
  readonly parent: { readonly place: Place; readonly instance: Open } | null;
}
interface Open {
  readonly node: FlowNode;
  readonly outputs: Vertex[][];
  /** The inside, for an instance of a subflow. */
  inside: Place | null;
}

const SUBFLOW = 'subflow:';
const portsOf = (list: Subflow['in'], index: number): readonly Port[] => list?.[index]?.wires ?? [];
const idsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((id): id is string => typeof id === 'string') : [];

/** @returns every vertex that runs; those of unused subflows do not */
export function flowGraph(flows: readonly FlowNode[]): readonly Vertex[] {
  const containers = new Map(flows.filter(({ type }) => type === 'tab' || type === 'subflow').map((c) => [c.id, c]));
  const isOff = (node: FlowNode): boolean =>
    node.d === true || (node.z !== undefined && containers.get(node.z)?.disabled === true);
  const runnable = flows.filter((node) => !containers.has(node.id) && !isOff(node));
  const all: Open[] = [];
  const places: Place[] = [];

  const open = (subflow: Subflow | null, parent: Place['parent'], depth: readonly string[]): Place => {
    const here = runnable.filter(({ z }) =>
      subflow === null ? containers.get(z ?? '')?.type !== 'subflow' : z === subflow.id,
    );
    const nodes = new Map(here.map((node): [string, Open] => [node.id, { node, outputs: [], inside: null }]));
    const place: Place = { subflow, nodes, parent };
    places.push(place);
    for (const one of nodes.values()) {
      all.push(one);
      const id = one.node.type.startsWith(SUBFLOW) ? one.node.type.slice(SUBFLOW.length) : '';
      const definition = containers.get(id);
      // Node-RED itself refuses a subflow that holds itself.
      if (definition?.type === 'subflow' && !depth.includes(id)) {
        one.inside = open(definition, { place, instance: one }, [...depth, id]);
      }
    }
    return place;
  };
  open(null, null, []);

  /** Where a message goes that arrives at this id: into a subflow's first nodes, or to the node itself. */
  const arrive = (place: Place, id: string): readonly Open[] => {
    const one = place.nodes.get(id);
    if (one?.inside == null) return one === undefined ? [] : [one];
    const { inside } = one;
    return portsOf(inside.subflow?.in, 0).flatMap((to) =>
      to.id === inside.subflow?.id ? leave(inside, to.port ?? 0) : arrive(inside, to.id),
    );
  };
  const leave = (place: Place, output: number): readonly Open[] => {
    if (place.parent === null) return [];
    const { place: outer, instance } = place.parent;
    return [
      ...idsOf(instance.node.wires?.[output]).flatMap((id) => arrive(outer, id)),
      ...leavesBy(outer, instance.node.id, output),
    ];
  };
  /** A node within a subflow may be wired to the subflow's own outputs. */
  const leavesBy = (place: Place, id: string, port: number): readonly Open[] =>
    (place.subflow?.out ?? []).flatMap(({ wires = [] }, output) =>
      wires.some((wire) => wire.id === id && (wire.port ?? 0) === port) ? leave(place, output) : [],
    );

  for (const place of places) {
    const calls = [...place.nodes.values()].filter(({ node }) => node.type === 'link call');
    const linkIns = [...place.nodes.values()].filter(({ node }) => node.type === 'link in');
    const after = (one: Open): readonly Open[] => idsOf(one.node.wires?.[0]).flatMap((id) => arrive(place, id));
    for (const one of place.nodes.values()) {
      const { node } = one;
      if (node.type === 'link out') {
        // In mode `return` a message goes back to whichever call sent it.
        one.outputs.push(
          node['mode'] === 'return' ? calls.flatMap(after) : idsOf(node['links']).flatMap((id) => arrive(place, id)),
        );
      } else if (node.type === 'link call') {
        one.outputs.push(
          node['linkType'] === 'dynamic' ? linkIns : idsOf(node['links']).flatMap((id) => arrive(place, id)),
        );
      } else {
        const count = Math.max(node.wires?.length ?? 0, 1);
        for (let port = 0; port < count; port++) {
          const wired = idsOf(node.wires?.[port]).flatMap((id) => arrive(place, id));
          one.outputs.push([...wired, ...leavesBy(place, node.id, port)]);
        }
      }
    }
  }
  return all;
}
