import { clone } from '@bufbuild/protobuf';
import { NodeProtoSchema } from 'onnx-buf';
import type { Graph } from '../graph.js';
import { type Layer, putInitializer } from '../layers.js';
import { intAttribute, makeNode, type Node, nodeName } from '../node.js';
import { dimsOf, float32Tensor } from '../tensor.js';
import type { Thin } from './splits.js';

/**
 * Puts two thin layers in a layer's place: `<node>/u<n>` and, under the node's own name and with its bias and output, the second.
 * Returns the second.
 */
export function replaceBySplit(graph: Graph, layer: Layer, thin: Thin, fresh: (prefix: string) => string): Node {
  const { node, outputs, columns } = layer;
  const { form, rank } = thin;
  const [firstWeight, secondWeight] = [fresh(`${layer.tensor.name}/u`), fresh(`${layer.tensor.name}/v`)];
  const hidden = fresh(`${node.output[0]!}/u`);
  const store = (name: string, dims: readonly number[], data: Float64Array): void =>
    putInitializer(graph, float32Tensor(name, dims, Float32Array.from(data)));
  let first: Node;
  const second = clone(NodeProtoSchema, node);
  if (node.opType === 'Conv') {
    const dims = dimsOf(layer.tensor);
    const kernel = dims.slice(2);
    // The axes along which the first layer reads the window, and steps; along the others the second does.
    const axes = kernel.map((_, i) => form === 'outputs' || (form === 'kernel' && i === 0));
    const [before, after] = [kernel.map((k, i) => (axes[i] ? k : 1)), kernel.map((k, i) => (axes[i] ? 1 : k))];
    first = clone(NodeProtoSchema, node);
    keepAxes(first, before, axes);
    keepAxes(
      second,
      after,
      axes.map((taken) => !taken),
    );
    store(firstWeight, [rank, dims[1]!, ...before], thin.first);
    store(secondWeight, [outputs, rank, ...after], thin.second);
    first.input = [node.input[0]!, firstWeight];
  } else {
    // Gemm wants a bias before operator set 11; MatMul does the same without.
    first = makeNode('MatMul', [node.input[0]!, firstWeight], [hidden]);
    const columnsFirst = Float64Array.from(
      { length: rank * columns },
      (_, k) => thin.first[(k % rank) * columns + Math.floor(k / rank)]!,
    );
    store(firstWeight, [columns, rank], columnsFirst);
    const upright = node.opType === 'Gemm' && intAttribute(node, 'transB', 0) !== 0;
    if (upright) store(secondWeight, [outputs, rank], thin.second);
    else
      store(
        secondWeight,
        [rank, outputs],
        Float64Array.from(
          { length: rank * outputs },
          (_, k) => thin.second[(k % outputs) * rank + Math.floor(k / outputs)]!,
        ),
      );
  }
  first.name = fresh(`${nodeName(node)}/u`);
  first.output = [hidden];
  second.input = [hidden, secondWeight, ...node.input.slice(2)];
  if (thin.bias) {
    const bias = fresh(`${layer.tensor.name}/b`);
    store(bias, [outputs], thin.bias);
    second.input = [hidden, secondWeight, bias];
  }
  graph.body.node.splice(graph.body.node.indexOf(node), 1, first, second);
  return second;
}

/** Keeps strides, dilations and pads along the given axes; along the others one value is read. */
function keepAxes(node: Node, kernel: readonly number[], axes: readonly boolean[]): void {
  const keep = (values: readonly bigint[], otherwise: bigint): bigint[] =>
    values.map((value, i) => (axes[i % axes.length] ? value : otherwise));
  for (const attribute of node.attribute) {
    if (attribute.name === 'kernel_shape') attribute.ints = kernel.map(BigInt);
    if (attribute.name === 'strides' || attribute.name === 'dilations') attribute.ints = keep(attribute.ints, 1n);
    if (attribute.name === 'pads') attribute.ints = keep(attribute.ints, 0n);
  }
  // SAME pads by kernel and stride of each axis, which leaves an axis of one alone.
  if (!axes.includes(true)) node.attribute = node.attribute.filter((a) => a.name !== 'auto_pad');
}
