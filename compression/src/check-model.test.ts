import { create, toBinary } from '@bufbuild/protobuf';
import { type ErrorCode, isLabError, LabError } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  SparseTensorProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from 'onnx-buf';
import { checkModel } from './check-model.js';
import { readGraph } from './graph.js';
import { makeNode, type Node, type Tensor } from './node.js';
import { DataType, float32Tensor, int4Tensor } from './tensor.js';
import { example, modelOf, residualNet } from './testing/models.js';

const inputs = [{ name: 'x', dims: ['N', 4] }];
const outputs = [{ name: 'y', dims: ['N', 4] }];
const relu = (): Node => makeNode('Relu', ['x'], ['y']);
const withWeight = (tensor: Tensor): Uint8Array =>
  modelOf({ nodes: [makeNode('Add', ['x', tensor.name], ['y'])], inputs, outputs, initializers: [tensor] });
const weight = (fields: Partial<Omit<TensorProto, '$typeName' | '$unknown'>>): Tensor =>
  create(TensorProtoSchema, { name: 'w', dataType: DataType.FLOAT, ...fields });

function codeOf(bytes: Uint8Array): ErrorCode | 'accepted' {
  try {
    checkModel(bytes);
    return 'accepted';
  } catch (error) {
    if (error instanceof LabError) return error.code;
    throw error;
  }
}

/** A node with a graph (or other things) in an attribute. */
function withAttribute(node: Node, attribute: Parameters<typeof create<typeof AttributeProtoSchema>>[1]): Node {
  node.attribute.push(create(AttributeProtoSchema, attribute));
  return node;
}

describe('checkModel', () => {
  it('says what a model takes, gives and holds', () => {
    expect(checkModel(residualNet())).toEqual({
      irVersion: 8,
      producer: 'test',
      nodes: 15,
      opsets: [{ domain: '', version: 13 }],
      inputs: [{ name: 'x', type: 'float32', dims: ['N', 3, 8, 8] }],
      outputs: [{ name: 'y', type: 'float32', dims: ['N', 5] }],
      parameters: 16 * 27 + 16 * 144 + 16 * 9 + 16 + 24 * 16 + 24 + 5 * 40 + 5 + 8 * 16,
    });
  });

  it('leaves initializers out of the inputs and counts weights of Constant nodes', () => {
    const bytes = modelOf({
      nodes: [
        makeNode('Constant', [], ['c'], { value: float32Tensor('', [4], Float32Array.of(1, 2, 3, 4)) }),
        makeNode('Sum', ['x', 'w', 'c'], ['y']),
      ],
      inputs: [...inputs, { name: 'w', dims: [4] }],
      outputs,
      irVersion: 3,
      initializers: [float32Tensor('w', [4], new Float32Array(4))],
    });
    expect(checkModel(bytes)).toMatchObject({ inputs: [{ name: 'x' }], parameters: 8, nodes: 2 });
  });

  it('accepts the sample models', () => {
    for (const file of ['models/fashion-resnet.onnx', 'models/fashion-resnet-micro.onnx'])
      expect(codeOf(example(file))).toBe('accepted');
  });

  it('accepts typed data, 4-bit data and empty tensors of the right size', () => {
    expect(codeOf(withWeight(weight({ dims: [4n], floatData: [1, 2, 3, 4] })))).toBe('accepted');
    expect(codeOf(withWeight(int4Tensor('w', [3], Uint8Array.of(1, 2))))).toBe('accepted');
    expect(codeOf(withWeight(weight({ dims: [0n] })))).toBe('accepted');
    expect(codeOf(withWeight(weight({ dims: [2n], dataType: DataType.FLOAT16, int32Data: [1, 70_000] })))).toBe(
      'accepted',
    );
  });

  it('refuses data that does not fit its shape', () => {
    const wrong = [
      weight({ dims: [4n], rawData: new Uint8Array(12) }),
      weight({ dims: [2n ** 40n], rawData: new Uint8Array(16) }),
      weight({ dims: [2n ** 32n, 2n ** 32n], rawData: new Uint8Array(0) }),
      weight({ dims: [-4n], rawData: new Uint8Array(16) }),
      weight({ dims: [4n], floatData: [1, 2, 3] }),
      weight({ dims: [4n] }),
      weight({ dims: [4n], floatData: [1, 2, 3, 4], rawData: new Uint8Array(16) }),
      weight({ dims: [4n], int64Data: [1n, 2n, 3n, 4n] }),
      weight({ dims: [2n], dataType: DataType.STRING, rawData: new Uint8Array(2) }),
    ];
    expect(wrong.map((tensor) => codeOf(withWeight(tensor)))).toEqual(wrong.map(() => 'model.tensor-size'));
  });

  it('refuses external data wherever it hides', () => {
    const outside = (): Tensor => weight({ dims: [4n], dataLocation: TensorProto_DataLocation.EXTERNAL });
    const named = weight({
      dims: [4n],
      rawData: new Uint8Array(16),
      externalData: [{ $typeName: 'onnx.StringStringEntryProto', key: 'location', value: '../../etc/passwd' }],
    });
    const sparse = create(SparseTensorProtoSchema, { values: outside(), dims: [4n] });
    const inner = create(GraphProtoSchema, { initializer: [outside()] });
    const hidden: Node[] = [
      makeNode('Constant', [], ['y'], { value: outside() }),
      withAttribute(relu(), { name: 'a', type: AttributeProto_AttributeType.TENSORS, tensors: [outside()] }),
      withAttribute(relu(), { name: 'a', type: AttributeProto_AttributeType.SPARSE_TENSOR, sparseTensor: sparse }),
      withAttribute(relu(), { name: 'a', type: AttributeProto_AttributeType.GRAPH, g: inner }),
      withAttribute(relu(), { name: 'a', type: AttributeProto_AttributeType.GRAPHS, graphs: [inner] }),
    ];
    const models = [
      withWeight(outside()),
      withWeight(named),
      ...hidden.map((node) => modelOf({ nodes: [node], inputs, outputs })),
    ];
    const elsewhere = readGraph(modelOf({ nodes: [relu()], inputs, outputs }));
    elsewhere.body.sparseInitializer.push(sparse);
    elsewhere.model.functions.push(
      create(FunctionProtoSchema, {
        name: 'f',
        domain: 'd',
        node: [makeNode('Constant', [], ['y'], { value: outside() })],
      }),
    );
    models.push(toBinary(ModelProtoSchema, elsewhere.model));
    expect(models.map(codeOf)).toEqual(models.map(() => 'model.external-data'));
  });

  it('refuses operators of foreign domains, unless the model defines them itself', () => {
    const foreign = modelOf({ nodes: [makeNode('Evil', ['x'], ['y'], {}, { domain: 'evil' })], inputs, outputs });
    expect(codeOf(foreign)).toBe('model.op-domain');
    const defined = readGraph(foreign);
    defined.model.functions.push(
      create(FunctionProtoSchema, {
        name: 'Evil',
        domain: 'evil',
        input: ['a'],
        output: ['b'],
        node: [makeNode('Relu', ['a'], ['b'])],
      }),
    );
    expect(codeOf(toBinary(ModelProtoSchema, defined.model))).toBe('accepted');
    const unused = readGraph(modelOf({ nodes: [relu()], inputs, outputs }));
    unused.model.opsetImport.push({ $typeName: 'onnx.OperatorSetIdProto', domain: 'com.microsoft.nchwc', version: 1n });
    expect(codeOf(toBinary(ModelProtoSchema, unused.model))).toBe('accepted');
  });

  it('refuses deep nesting and too many parts', () => {
    let graph = create(GraphProtoSchema, { node: [relu()] });
    for (let i = 0; i < 90; i++) {
      graph = create(GraphProtoSchema, {
        node: [
          withAttribute(makeNode('If', ['c'], ['y']), {
            name: 'then_branch',
            type: AttributeProto_AttributeType.GRAPH,
            g: graph,
          }),
        ],
      });
    }
    expect(codeOf(modelOf({ nodes: graph.node, inputs, outputs }))).toBe('model.too-complex');
    // Two bytes each for an empty node: 400 kB that would decode to 200,001 objects.
    const empty = new Uint8Array(400_002).fill(0);
    for (let i = 0; i < empty.length; i += 2) empty[i] = 0x0a;
    expect(codeOf(envelope(empty))).toBe('model.too-complex');
  });

  it('refuses fields that a decoder would merge unseen', () => {
    const graph = toBinary(GraphProtoSchema, create(GraphProtoSchema, { name: 'g' }));
    expect(codeOf(Uint8Array.of(...envelope(graph), 0x3a, graph.length, ...graph))).toBe('model.not-onnx');
  });

  it('calls what is cut truncated, and what never was a model not ONNX', () => {
    const bytes = residualNet();
    const codes = new Set<string>();
    for (let length = 2; length < bytes.length; length += 7) codes.add(codeOf(bytes.subarray(0, length)));
    expect([...codes]).toEqual(['model.truncated']);
    expect(
      ['', 'PK\u0003\u0004 a zip archive', '<html></html>', '{"a": 1}'].map((text) =>
        codeOf(new TextEncoder().encode(text)),
      ),
    ).toEqual(Array(4).fill('model.not-onnx'));
  });

  it('gives a value or a LabError for arbitrary and for damaged bytes, fast', () => {
    const real = residualNet();
    const judged = (bytes: Uint8Array): boolean => {
      const started = performance.now();
      try {
        checkModel(bytes);
      } catch (error) {
        if (!isLabError(error)) throw error;
      }
      return performance.now() - started < 2000;
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 4096 }), judged), { numRuns: 300 });
    const edits = fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(edits, fc.nat(real.length), (changes, cut) => {
        const bytes = real.slice(0, Math.max(1, real.length - (cut % 64)));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        return judged(bytes);
      }),
      { numRuns: 500 },
    );
  });
});

/** A model of IR version 8 around the bytes of a graph. */
function envelope(graph: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let left = graph.length; ; left = Math.floor(left / 128)) {
    if (left < 128) {
      length.push(left);
      break;
    }
    length.push((left % 128) | 128);
  }
  const bytes = new Uint8Array(3 + length.length + graph.length);
  bytes.set([0x08, 8, 0x3a, ...length]);
  bytes.set(graph, 3 + length.length);
  return bytes;
}
