import { LabError } from '@hilltop/contracts';
import { type Node, nodeName } from '../node.js';

const elsewhere = 'change the model there, or measure this variant on another kind of device';

/**
 * The refusal of a model the plan compiler has no integers for: names the node, or the tensor, and the reason with its remedy. A reason
 * without one of its own (behind its colon) gets the general one.
 */
export function unsupported(at: Node | string | undefined, why: string): LabError {
  const node = typeof at === 'object' ? nodeName(at) : at;
  const op = typeof at === 'object' ? at.opType : undefined;
  const where = node === undefined ? '' : `${node}${op ? ` (${op})` : ''}: `;
  return new LabError(
    'plan.unsupported',
    `cannot be compiled for microcontrollers: ${where}${why}${why.includes(': ') ? '' : `: ${elsewhere}`}`,
    { ...(node !== undefined && { node }), ...(op !== undefined && { op }), reason: why },
  );
}
