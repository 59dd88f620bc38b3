import { elementType, graph, model, node, valueInfo } from './onnx-bytes.js';

/** The null model computes next to nothing: one addition. What it takes is what the harness itself takes. */
export const nullModel = {
  bytes: model(
    graph({
      nodes: [node('Add', ['x', 'x'], ['y'])],
      inputs: [valueInfo('x', elementType.float32, [1])],
      outputs: [valueInfo('y', elementType.float32, [1])],
    }),
  ),
  inputs: [{ name: 'x', type: 'float32', dims: [1] }],
  outputs: [{ name: 'y', type: 'float32', dims: [1] }],
};
