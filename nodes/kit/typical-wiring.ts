/** The order in which nodes follow each other, and a picture of it for each node's help. */
import type { Stage } from '../../core/message.ts';
import type { NodeSpec } from './define-node.ts';
import { COLOUR } from './editor-html.ts';

const STAGES: readonly Stage[] = ['frame', 'patch', 'read', 'detection', 'hit', 'geofence', 'alert'];

const given = ({ gives = {} }: NodeSpec): readonly Stage[] =>
  Object.values(gives).filter((stage) => stage !== undefined);
/** Begins with something else than what a camera gave: no flow of pictures goes through it. */
const isApart = (spec: NodeSpec): boolean => spec.accepts === 'source' && !given(spec).includes('frame');

/** Cameras first, nodes without outputs last, else by the part that is needed, then by the part that is added. */
function rank(spec: NodeSpec): readonly number[] {
  const { accepts, outputs, settles } = spec;
  const needed = accepts === 'source' ? -1 : accepts === 'any' ? 0 : STAGES.indexOf(accepts);
  return [
    outputs.length === 0 ? 1 : 0,
    isApart(spec) ? STAGES.length : needed,
    settles === true ? 0 : 1,
    Math.max(-1, ...given(spec).map((stage) => STAGES.indexOf(stage))),
  ];
}

export function inFlowOrder<T extends readonly [string, NodeSpec]>(specs: Iterable<T>): readonly T[] {
  return [...specs].sort(([nameA, a], [nameB, b]) => {
    const ranksB = rank(b);
    const difference = rank(a)
      .map((value, index) => value - (ranksB[index] ?? 0))
      .find((value) => value !== 0);
    return difference ?? nameA.localeCompare(nameB);
  });
}

/** The way that most flows go through this node. */
function chainThrough(name: string, specs: readonly (readonly [string, NodeSpec])[]): readonly string[] {
  const own = specs.find(([other]) => other === name)?.[1];
  if (own !== undefined && isApart(own)) return [name];
  // What is done with an alert stands side by side, each behind the node that raised it.
  const main = specs.filter(([, spec]) => spec.outputs.length > 0 && spec.accepts !== 'alert' && !isApart(spec));
  if (own?.accepts === 'alert') return [...main.map(([other]) => other), name];
  if (main.some(([other]) => other === name)) return main.map(([other]) => other);
  // A node that only ends things stands behind the last choice before messages are settled anyway.
  const settling = main.findIndex(([, { settles }]) => settles === true);
  const choice = main.findLastIndex(([, { outputs }], index) => index < settling && outputs.length > 1);
  return [...main.slice(0, choice + 1).map(([other]) => other), name];
}

/** Chips that wrap in the narrow help panel, this node's own framed. */
export function wiringHtml(
  name: string,
  specs: readonly (readonly [string, NodeSpec])[],
  labels: ReadonlyMap<string, string>,
): string {
  const byName = new Map(specs);
  const chips = chainThrough(name, specs).map((other) => {
    const frame = other === name ? 'outline: 2px solid #0e6a6a; font-weight: 600;' : '';
    const color = byName.get(other)?.color ?? COLOUR;
    return `<span style="background: ${color}; color: #1d2b2b; border-radius: 5px; padding: 2px 8px; white-space: nowrap; ${frame}">${labels.get(other) ?? other}</span>`;
  });
  return `<div style="display: flex; flex-wrap: wrap; gap: 6px 5px; align-items: center; margin: 4px 0 14px; line-height: 1.6">${chips.join('<span aria-hidden="true">→</span>')}</div>`;
}
