import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, OperatorSetIdProtoSchema, ValueInfoProtoSchema } from 'onnx-buf';
import { readGraph } from '../graph.js';
import { makeNode } from '../node.js';
import { modelOf, randomWeight, residualNet } from './models.js';

import {
  attention,
  halfPrecision,
  ifNet,
  image,
  loopNet,
  mobileNet,
  netOfOpset,
  pads3,
  recurrent,
  severalOutputs,
  smallNet,
} from './odd-nets.js';
/** A model with an oddity that real models were met with. Items of its data have the dimensions `items`, one entry for each input. */
export interface OddModel {
  readonly title: string;
  readonly bytes: Uint8Array;
  readonly items: readonly (readonly number[])[];
}

const onImage = [[3, 8, 8]];
const edit = (bytes: Uint8Array, change: (graph: ReturnType<typeof readGraph>) => void): Uint8Array => {
  const graph = readGraph(bytes);
  change(graph);
  return toBinary(ModelProtoSchema, graph.model);
};

/** Every name of a graph put through `rename`. */
const renamed = (bytes: Uint8Array, rename: (name: string) => string): Uint8Array =>
  edit(bytes, ({ body }) => {
    const named = (name: string): string => (name === '' ? '' : rename(name));
    for (const node of body.node) {
      node.name = named(node.name);
      node.input = node.input.map(named);
      node.output = node.output.map(named);
    }
    for (const thing of [...body.initializer, ...body.input, ...body.output]) thing.name = named(thing.name);
  });

const longName = (name: string): string => `${'module/deep'.repeat(18)};${name}:0 é`;
/** Names passes would like to give themselves. */
const taken: Readonly<Record<string, string>> = { c1: 'w0', r1: 's0', c2: 'u0', r2: 'f0', g: 'k0', f: 'q0' };

/** Models with every oddity that was met in models of others, and each operator set from 8 to 21. */
export function oddModels(): OddModel[] {
  const constants = edit(modelOf(smallNet()), ({ body }) => {
    body.node.unshift(...body.initializer.map((value) => makeNode('Constant', [], [value.name], { value })));
    body.initializer = [];
  });
  const listed = edit(modelOf(smallNet({ opset: 8, irVersion: 3 })), ({ body }) => {
    for (const { name, dims, dataType } of body.initializer)
      body.input.push(
        create(ValueInfoProtoSchema, {
          name,
          type: {
            value: {
              case: 'tensorType',
              value: {
                elemType: dataType,
                shape: { dim: dims.map((value) => ({ value: { case: 'dimValue' as const, value } })) },
              },
            },
          },
        }),
      );
  });
  const stray = edit(modelOf(smallNet()), ({ model }) => {
    for (const domain of ['com.microsoft.nchwc', 'ai.onnx.training', 'com.ms.internal.nhwc', 'ai.onnx.ml'])
      model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain, version: 1n }));
  });
  const shared = modelOf({
    nodes: [
      makeNode('Conv', ['x', 'w'], ['a'], pads3, { name: 'first' }),
      makeNode('Relu', ['a'], ['r']),
      makeNode('Conv', ['r', 'w'], ['b'], pads3, { name: 'again' }),
      makeNode('Add', ['a', 'b'], ['y']),
    ],
    inputs: [{ name: 'x', dims: ['N', 8, 6, 6] }],
    outputs: [{ name: 'y', dims: ['N', 8, 6, 6] }],
    initializers: [randomWeight('w', [8, 8, 3, 3], 1)],
  });
  const dynamic = modelOf(
    smallNet({
      inputs: [
        {
          name: 'x',
          dims: ['p2o.DynamicDimension.0', 3, 'p2o.DynamicDimension.1', 'p2o.DynamicDimension.2'],
        },
      ],
      outputs: [{ name: 'y', dims: ['p2o.DynamicDimension.3', 5] }],
    }),
  );
  const autoPad = modelOf(smallNet({ conv: { kernel_shape: [3n, 3n], auto_pad: 'SAME_UPPER', strides: [2n, 2n] } }));
  const twoInputs = modelOf({
    nodes: [
      makeNode('MatMul', ['a', 'w1'], ['h1'], {}, { name: 'left' }),
      makeNode('MatMul', ['b', 'w2'], ['h2'], {}, { name: 'right' }),
      makeNode('Add', ['h1', 'h2'], ['h']),
      makeNode('Relu', ['h'], ['r']),
      makeNode('MatMul', ['r', 'w3'], ['y'], {}, { name: 'head' }),
    ],
    inputs: [
      { name: 'a', dims: ['N', 24] },
      { name: 'b', dims: ['N', 40] },
    ],
    outputs: [{ name: 'y', dims: ['N', 6] }],
    initializers: [randomWeight('w1', [24, 32], 1), randomWeight('w2', [40, 32], 2), randomWeight('w3', [32, 6], 3)],
  });
  const weightless = modelOf({
    nodes: [makeNode('Relu', ['x'], ['r'], {}, { name: 'only' }), makeNode('GlobalAveragePool', ['r'], ['y'])],
    inputs: image,
    outputs: [{ name: 'y', dims: ['N', 3, 1, 1] }],
  });
  const onRow = (width: number): number[][] => [[width]];
  return [
    { title: 'a residual net with BatchNormalization', bytes: residualNet(), items: onImage },
    { title: 'weights in Constant nodes', bytes: constants, items: onImage },
    { title: 'initializers listed as inputs, IR 3', bytes: listed, items: onImage },
    { title: 'weights in the branches of an If', bytes: ifNet(), items: onRow(48) },
    { title: 'a Loop with weights in its body', bytes: loopNet(), items: onRow(32) },
    { title: 'attention with computed shapes', bytes: attention(), items: [[4, 32]] },
    { title: 'an LSTM', bytes: recurrent(), items: [[6, 16]] },
    { title: 'hard-swish and squeeze-and-excitation', bytes: mobileNet(), items: onImage },
    { title: 'several outputs, one of them the input', bytes: severalOutputs(), items: [[4, 16]] },
    { title: 'float16 inside', bytes: halfPrecision(), items: onRow(32) },
    { title: 'stray operator set imports', bytes: stray, items: onImage },
    { title: 'one weight read by two layers', bytes: shared, items: [[8, 6, 6]] },
    { title: 'free height and width with odd names', bytes: dynamic, items: onImage },
    { title: 'SAME_UPPER and strides', bytes: autoPad, items: onImage },
    { title: 'two inputs', bytes: twoInputs, items: [[24], [40]] },
    { title: 'names of 200 characters with ; : / and é', bytes: renamed(residualNet(), longName), items: onImage },
    { title: 'nodes without names', bytes: edit(residualNet(), nameless), items: onImage },
    {
      title: 'names that passes would choose',
      bytes: renamed(modelOf(smallNet()), (name) => taken[name] ?? name),
      items: onImage,
    },
    { title: 'no weight at all', bytes: weightless, items: onImage },
    ...Array.from({ length: 14 }, (_, i) => ({
      title: `operator set ${i + 8}`,
      bytes: netOfOpset(i + 8),
      items: onImage,
    })),
  ];
}

function nameless({ body }: ReturnType<typeof readGraph>): void {
  for (const node of body.node) node.name = '';
}
