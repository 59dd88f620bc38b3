import { LabError } from '@hilltop/contracts';
import { type Node, nodeName } from '../node.js';

/** The refusal of a model the plan compiler has no integers for: names the node, or the tensor, and the reason with its remedy. */
export function unsupported(at: Node | string | undefined, why: string): LabError {
  const node = typeof at === 'object' ? nodeName(at) : at;
  const op = typeof at === 'object' ? at.opType : undefined;
  return new LabError(
    'plan.unsupported',
    `cannot be compiled for microcontrollers: ${node === undefined ? '' : `${node}${op ? ` (${op})` : ''}: `}${why}`,
    { ...(node !== undefined && { node }), ...(op !== undefined && { op }), reason: why },
  );
}
