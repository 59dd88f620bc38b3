import type { Graph } from '../graph.js';
import { type Body, constantOf, type Node, subGraphs, type Tensor } from '../node.js';

/** A constant tensor with the body whose initializer or Constant node it is. */
export interface OwnedConstant {
  readonly name: string;
  readonly tensor: Tensor;
  readonly body: Body;
}

/** Which constants the nodes of a model read: of their own graph, or of one around it. A snapshot: build it again after edits. */
export interface ConstantReads {
  constantAt(node: Node, index: number): OwnedConstant | undefined;
  /** Nodes of all graphs that read a constant. */
  readersOf(constant: OwnedConstant): readonly Node[];
}

export function constantReads(graph: Graph): ConstantReads {
  const byNode = new Map<Node, (OwnedConstant | undefined)[]>();
  const readers = new Map<Tensor, Node[]>();
  const visit = (body: Body, outer: ReadonlyMap<string, OwnedConstant>): void => {
    const scope = new Map(outer);
    // What a graph is given or makes hides a name from outside.
    for (const input of body.input) scope.delete(input.name);
    for (const node of body.node) for (const name of node.output) scope.delete(name);
    for (const tensor of body.initializer) scope.set(tensor.name, { name: tensor.name, tensor, body });
    for (const node of body.node) {
      const tensor = constantOf(node);
      if (tensor) scope.set(node.output[0]!, { name: node.output[0]!, tensor, body });
    }
    for (const node of body.node) {
      const constants = node.input.map((name) => scope.get(name));
      byNode.set(node, constants);
      for (const constant of constants) {
        if (!constant) continue;
        const list = readers.get(constant.tensor);
        if (list) list.push(node);
        else readers.set(constant.tensor, [node]);
      }
      for (const inner of subGraphs(node)) visit(inner, scope);
    }
  };
  visit(graph.body, new Map());
  return {
    constantAt: (node, index) => byNode.get(node)?.[index],
    readersOf: ({ tensor }) => readers.get(tensor) ?? [],
  };
}
