import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ModelProtoSchema } from 'onnx-buf';
import { joined, joinedAndFreed, partsOf, sameBytes } from './encode.js';
import { readGraph } from './graph.js';
import { makeNode } from './node.js';
import { float32Tensor } from './tensor.js';
import { example, modelOf, randomWeight, residualNet } from './testing/models.js';

/** Large weights as an initializer, in a Constant node and in a sub-graph, with unknown fields on every level. */
function oddModel(): Uint8Array {
  const inner = modelOf({
    nodes: [
      makeNode('Constant', [], ['v'], { value: randomWeight('', [64, 64], 1) }),
      makeNode('Mul', ['v', 'w'], ['y']),
    ],
    inputs: [],
    outputs: [{ name: 'y', dims: [64, 64] }],
    initializers: [randomWeight('w', [64, 64], 2), float32Tensor('empty', [0], new Float32Array(0))],
  });
  const graph = readGraph(inner);
  const model = readGraph(
    modelOf({
      nodes: [makeNode('Constant', [], ['c'], { value: randomWeight('', [64, 64], 3) }), makeNode('If', ['x'], ['y'])],
      inputs: [{ name: 'x', dims: [] }],
      outputs: [{ name: 'y', dims: [64, 64] }],
      initializers: [randomWeight('big', [128, 128], 4), randomWeight('small', [4], 5)],
    }),
  );
  const attribute = model.body.node[0]!.attribute[0]!;
  model.body.node[1]!.attribute.push({ ...attribute, name: 'then_branch', type: 5, g: graph.body });
  const unknown = [{ no: 999, wireType: 2, data: Uint8Array.of(2, 7, 8) }];
  for (const message of [model.model, model.body, model.body.node[0]!, attribute, model.body.initializer[0]!])
    message.$unknown = unknown;
  return toBinary(ModelProtoSchema, model.model);
}

describe('partsOf', () => {
  it.each([
    ['a residual net', residualNet],
    ['the sample model', () => example('models/fashion-resnet.onnx')],
    ['weights in odd places', oddModel],
  ])('makes the bytes of the common writer: %s', (_name, make) => {
    const model = fromBinary(ModelProtoSchema, make());
    expect(Buffer.compare(joined(partsOf(ModelProtoSchema, model)), toBinary(ModelProtoSchema, model))).toBe(0);
  });

  it('copies no large weight', () => {
    const bytes = example('models/fashion-resnet.onnx');
    const parts = partsOf(ModelProtoSchema, fromBinary(ModelProtoSchema, bytes));
    const own = parts.filter((part) => part.buffer !== bytes.buffer);
    expect(own.reduce((sum, part) => sum + part.length, 0)).toBeLessThan(bytes.length / 20);
  });
});

describe('joinedAndFreed', () => {
  it('makes the same file and frees large buffers that nothing else of it needs, however often they occur', () => {
    const large = new Uint8Array(1 << 20).fill(1);
    const small = new Uint8Array(100).fill(2);
    const shared = new Uint8Array(1 << 20).fill(3);
    const parts = [large, small, shared, small, shared, shared.subarray(0, 10)];
    const want = joined(parts);
    const sizes = (): number[] => [large, small, shared].map((part) => part.buffer.byteLength);
    expect(Buffer.compare(joinedAndFreed(parts), want)).toBe(0);
    // The last of the shared parts does not fill its buffer: it may be part of something else.
    expect(sizes()).toEqual([0, 100, 1 << 20]);
    expect(joinedAndFreed([shared, shared]).every((byte) => byte === 3)).toBe(true);
    expect(sizes()).toEqual([0, 100, 0]);
  });
});

describe('sameBytes', () => {
  const list = fc.array(fc.uint8Array({ maxLength: 5, max: 1 }), { maxLength: 6 });

  it('agrees with comparing what the parts make', () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        expect(sameBytes(a, b)).toBe(Buffer.compare(joined(a), joined(b)) === 0);
        expect(sameBytes(a, [joined(a)])).toBe(true);
      }),
    );
  });
});
