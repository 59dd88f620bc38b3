import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { AttributeProto_AttributeType, AttributeProtoSchema, GraphProtoSchema, ValueInfoProtoSchema } from 'onnx-buf';
import { readGraph } from '../graph.js';
import { makeNode, subGraphs } from '../node.js';
import { modelOf, randomWeight } from '../testing/models.js';
import { constantReads } from './reads.js';

/** An If whose branches read `v` of the main graph; the else branch makes a `v` of its own first. */
function model() {
  const read = makeNode('MatMul', ['x', 'v'], ['t'], {}, { name: 'inner' });
  const hidden = makeNode('MatMul', ['x', 'v'], ['e'], {}, { name: 'hidden' });
  const body = (name: string, nodes: (typeof read)[]) =>
    create(GraphProtoSchema, { name, node: nodes, output: [create(ValueInfoProtoSchema, { name })] });
  const node = makeNode('If', ['c'], ['y']);
  for (const [name, g] of [
    ['then_branch', body('t', [read])],
    ['else_branch', body('e', [makeNode('Relu', ['x'], ['v']), hidden])],
  ] as const)
    node.attribute.push(create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g }));
  return readGraph(
    modelOf({
      nodes: [makeNode('MatMul', ['x', 'v'], ['z'], {}, { name: 'outer' }), node],
      inputs: [
        { name: 'x', dims: [1, 4] },
        { name: 'c', dims: [1] },
      ],
      outputs: [{ name: 'y', dims: [1, 4] }],
      initializers: [randomWeight('v', [4, 4], 1)],
    }),
  );
}

describe('constantReads', () => {
  it('sees through sub-graphs, but not past a name made there', () => {
    const graph = model();
    const reads = constantReads(graph);
    const [outer, branches] = [graph.body.node[0]!, subGraphs(graph.body.node[1]!)];
    const weight = reads.constantAt(outer, 1)!;
    expect(weight).toMatchObject({ name: 'v', body: graph.body });
    expect(reads.constantAt(branches[0]!.node[0]!, 1)?.tensor).toBe(weight.tensor);
    expect(reads.constantAt(branches[1]!.node[1]!, 1)).toBeUndefined();
    expect(reads.readersOf(weight).map((n) => n.name)).toEqual(['outer', 'inner']);
    expect(reads.constantAt(outer, 0)).toBeUndefined();
  });
});
