import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { ModelProtoSchema } from 'onnx-buf';
import { checkModel } from './check-model.js';
import {
  dropUnused,
  freshNames,
  hoistConstants,
  linksOf,
  readGraph,
  sortNodes,
  withOutputs,
  writeGraph,
} from './graph.js';
import { makeNode, nodeName } from './node.js';
import { DataType, float32Tensor, floatsOf, int64Tensor, intsOf } from './tensor.js';
import { example, modelOf, residualNet } from './testing/models.js';

const inputs = [{ name: 'x', dims: [4] }];
const outputs = [{ name: 'y', dims: [4] }];

describe('graph', () => {
  it('writes an untouched model byte for byte', () => {
    for (const bytes of [
      residualNet(),
      example('models/fashion-resnet.onnx'),
      example('models/fashion-resnet-micro.onnx'),
    ]) {
      expect(Buffer.compare(writeGraph(readGraph(bytes)), bytes)).toBe(0);
    }
  });

  it('accepts and writes the models of HILLTOP_MODELS byte for byte, where it is set', () => {
    const folder = process.env.HILLTOP_MODELS;
    const files = folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith('.onnx'));
    for (const file of files) {
      const bytes = new Uint8Array(readFileSync(join(folder!, file)));
      expect(checkModel(bytes).nodes).toBeGreaterThan(0);
      expect(Buffer.compare(writeGraph(readGraph(bytes)), bytes)).toBe(0);
    }
  });

  it('writes an untouched model byte for byte also when its writer packed fields another way', () => {
    // dims [4] of the tensor packed (0a 01 04) instead of one by one (08 04).
    const plain = modelOf({
      nodes: [makeNode('Add', ['x', 'w'], ['y'])],
      inputs,
      outputs,
      initializers: [float32Tensor('w', [4], new Float32Array(4))],
    });
    const at = Buffer.from(plain).indexOf(Buffer.from([0x08, 0x04, 0x10, 0x01]));
    const packed = new Uint8Array(plain.length + 1);
    packed.set(plain.subarray(0, at));
    packed.set([0x0a, 0x01, 0x04], at);
    packed.set(plain.subarray(at + 2), at + 3);
    packed[at - 1]!++;
    packed[Buffer.from(plain).indexOf(0x3a) + 1]!++;
    expect(readGraph(packed).body.initializer[0]!.dims).toEqual([4n]);
    expect(Buffer.compare(writeGraph(readGraph(packed)), packed)).toBe(0);
  });

  it('keeps fields of a newer ONNX when it writes an edited model', () => {
    const unknown = Uint8Array.of(0xa2, 0x06, 0x03, 0x61, 0x62, 0x63);
    const graph = readGraph(Uint8Array.of(...residualNet(), ...unknown));
    graph.model.docString = 'edited';
    expect(Buffer.from(writeGraph(graph)).includes(Buffer.from(unknown))).toBe(true);
  });

  it('keeps 64-bit integers exact', () => {
    const end = 9223372036854775807n;
    const bytes = modelOf({
      nodes: [makeNode('Slice', ['x', 'a', 'b'], ['y'])],
      inputs,
      outputs,
      initializers: [int64Tensor('a', [1], [0n]), int64Tensor('b', [1], [end])],
    });
    const graph = readGraph(bytes);
    graph.model.docString = 'edited';
    expect(intsOf(linksOf(readGraph(writeGraph(graph))).constants.get('b')!)).toEqual([end]);
  });

  it('hoists Constant nodes and unlists initializers', () => {
    const graph = readGraph(
      modelOf({
        nodes: [
          makeNode('Constant', [], ['c'], { value: float32Tensor('', [4], Float32Array.of(1, 2, 3, 4)) }),
          makeNode('Sum', ['x', 'c', 'w'], ['y']),
        ],
        inputs: [...inputs, { name: 'w', dims: [4] }],
        outputs,
        irVersion: 3,
        initializers: [float32Tensor('w', [4], new Float32Array(4))],
      }),
    );
    hoistConstants(graph);
    expect(graph.body.node.map((n) => n.opType)).toEqual(['Sum']);
    expect(graph.body.input.map((i) => i.name)).toEqual(['x']);
    expect(graph.model.irVersion).toBe(4n);
    expect([...floatsOf(linksOf(graph).constants.get('c')!)!]).toEqual([1, 2, 3, 4]);
  });

  it('sorts nodes by what they read and refuses a cycle', () => {
    const nodes = [makeNode('Neg', ['b'], ['y']), makeNode('Neg', ['a'], ['b']), makeNode('Neg', ['x'], ['a'])];
    const graph = readGraph(modelOf({ nodes, inputs, outputs }));
    sortNodes(graph);
    expect(graph.body.node.map(nodeName)).toEqual(['a', 'b', 'y']);
    const cycle = readGraph(
      modelOf({ nodes: [makeNode('Neg', ['b'], ['a']), makeNode('Neg', ['a'], ['b'])], inputs, outputs }),
    );
    expect(() => sortNodes(cycle)).toThrow(expect.objectContaining({ code: 'pass.failed' }));
  });

  it('drops what nobody reads and makes names that are free', () => {
    const graph = readGraph(
      modelOf({
        nodes: [makeNode('Add', ['x', 'w0'], ['y'])],
        inputs,
        outputs,
        initializers: ['w0', 'w1'].map((n) => float32Tensor(n, [4], new Float32Array(4))),
      }),
    );
    const fresh = freshNames(graph);
    expect([fresh('w'), fresh('w'), fresh('t')]).toEqual(['w2', 'w3', 't0']);
    dropUnused(graph);
    expect(graph.body.initializer.map((t) => t.name)).toEqual(['w0']);
  });

  it('adds outputs to a copy', () => {
    const bytes = residualNet();
    const more = readGraph(withOutputs(bytes, ['c1', 'y']));
    expect(more.body.output.map((o) => o.name)).toEqual(['y', 'c1']);
    expect(Buffer.compare(toBinary(ModelProtoSchema, readGraph(bytes).model), bytes)).toBe(0);
  });
});

describe('tensor', () => {
  it('reads every float form and leaves others alone', () => {
    const graph = readGraph(modelOf({ nodes: [makeNode('Neg', ['x'], ['y'])], inputs, outputs, initializers: [] }));
    const tensor = float32Tensor('w', [2], Float32Array.of(1.5, -2));
    expect([...floatsOf(tensor)!]).toEqual([1.5, -2]);
    tensor.dataType = DataType.INT32;
    expect(floatsOf(tensor)).toBeUndefined();
    expect(graph.body.initializer).toEqual([]);
  });
});
