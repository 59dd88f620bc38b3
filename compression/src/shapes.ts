import type { TensorPack } from '@hilltop/contracts';
import { type Graph, writeGraph } from './graph.js';
import type { TensorShape } from './host-messages.js';
import type { PassContext } from './pass.js';

/** Types and shapes of all activations of the main graph, found by running one item. */
export function shapesOf(graph: Graph, pack: TensorPack, { host, signal }: PassContext): Promise<TensorShape[]> {
  const names = [
    ...graph.body.input.map((i) => i.name),
    ...graph.body.node.flatMap((n) => n.output).filter((name) => name !== ''),
  ];
  return host.shapes(writeGraph(graph), names, { pack }, signal);
}
