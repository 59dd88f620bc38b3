import { elementType, graph, model, node, type Proto, valueInfo } from '../runtimes/onnx-bytes.js';

const x = valueInfo('x', elementType.float32, [1]);
/** A model from input `x`, one float, to output `y`. */
export const oneNode = (
  nodes: readonly Proto[],
  initializers: readonly Proto[] = [],
  output = valueInfo('y', elementType.float32, [1]),
): Uint8Array => model(graph({ nodes, initializers, inputs: [x], outputs: [output] }));
const int64Tensor = (name: string, values: readonly bigint[], dims: readonly number[]): Proto => [
  ...dims.map((d) => [1, d] as const),
  [2, elementType.int64],
  [8, name],
  [9, new Uint8Array(BigInt64Array.from(values).buffer)],
];
export const floatTensor = (name: string, values: readonly number[]): Proto => [
  [1, values.length],
  [2, elementType.float32],
  [8, name],
  [9, new Uint8Array(Float32Array.from(values).buffer)],
];

/** Asks for 2^31 floats at run time: 8 GiB from a hundred bytes. */
export const greedyModel = oneNode(
  [
    node('Expand', ['x', 'shape'], ['wide']),
    node(
      'ReduceMax',
      ['wide'],
      ['y'],
      [
        [
          5,
          [
            [1, 'keepdims'],
            [3, 0],
            [20, 2],
          ],
        ],
      ],
    ),
  ],
  [int64Tensor('shape', [2n ** 31n], [1])],
  valueInfo('y', elementType.float32, []),
);

/** Loop of 2^60 turns. */
const loopBody = graph({
  nodes: [node('Identity', ['go_in'], ['go_out']), node('Add', ['v_in', 'v_in'], ['v_out'])],
  inputs: [
    valueInfo('i', elementType.int64, []),
    valueInfo('go_in', elementType.bool, []),
    valueInfo('v_in', elementType.float32, [1]),
  ],
  outputs: [valueInfo('go_out', elementType.bool, []), valueInfo('v_out', elementType.float32, [1])],
});
export const endlessModel = oneNode(
  [
    node(
      'Loop',
      ['turns', '', 'x'],
      ['y'],
      [
        [
          5,
          [
            [1, 'body'],
            [6, loopBody],
            [20, 5],
          ],
        ],
      ],
    ),
  ],
  [int64Tensor('turns', [2n ** 60n], [])],
);
