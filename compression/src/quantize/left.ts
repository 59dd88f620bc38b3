import type { PassName } from '@hilltop/contracts';
import type { Graph } from '../graph.js';
import { type Node, nodeName } from '../node.js';
import { notApplicable } from '../pass.js';
import { bodiesOf } from '../weights/bodies.js';

/** One line on what was left float, for the report. */
export function leftNote(left: readonly { readonly node: Node; readonly why: string }[]): string | undefined {
  if (left.length === 0) return undefined;
  const shown = left.slice(0, 5).map(({ node, why }) => `${nodeName(node)} (${node.opType}: ${why})`);
  return `left float: ${shown.join(', ')}${left.length > 5 ? ` and ${left.length - 5} more` : ''}`;
}

/** A name that is no node's would leave nothing float, and nobody would know. Throws `pass.not-applicable`. */
export function checkExcluded(pass: PassName, graph: Graph, names: readonly string[]): void {
  const known = new Set(bodiesOf(graph).flatMap((body) => body.node.map(nodeName)));
  const stranger = names.find((name) => !known.has(name));
  if (stranger !== undefined) throw notApplicable(pass, 'exclude-nodes names what is no node of the model', stranger);
}
