import { create } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  GraphProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { withOutputs } from '../graph.js';
import { type AttributeValue, makeNode, type Node, type Tensor } from '../node.js';
import { DataType, float32Tensor, int64Tensor, uint8Tensor } from '../tensor.js';
import { modelOf } from './models.js';

/** Says for one operator set how a node is written there: what was an attribute became an input at some point. */
export class NodeWriter {
  readonly initializers: Tensor[] = [];
  readonly attributes: Record<string, AttributeValue> = {};
  readonly inputs: string[] = ['x'];

  constructor(readonly opset: number) {}

  /** A list of integers: an attribute before set `from`, then the next input. */
  ints(from: number, name: string, values: readonly bigint[] | undefined): this {
    if (this.opset < from) {
      if (values) this.attributes[name] = values;
    } else this.inputs.push(values ? this.store(int64Tensor(name, [values.length], values)) : '');
    return this;
  }

  /** A number: a float attribute before set `from`, then the next input. */
  float(from: number, name: string, value: number | undefined): this {
    if (this.opset < from) {
      if (value !== undefined) this.attributes[name] = { float: value };
    } else this.inputs.push(value === undefined ? '' : this.store(float32Tensor(name, [], Float32Array.of(value))));
    return this;
  }

  /** Attributes, in every set. */
  with(attributes: Readonly<Record<string, AttributeValue>>): this {
    Object.assign(this.attributes, attributes);
    return this;
  }

  /** Constant inputs. */
  constants(...tensors: Tensor[]): this {
    for (const tensor of tensors) this.inputs.push(this.store(tensor));
    return this;
  }

  node(opType: string, outputs: readonly string[] = ['y']): Node {
    const inputs = [...this.inputs];
    while (inputs.at(-1) === '') inputs.pop();
    return makeNode(opType, inputs, outputs, this.attributes, { name: opType });
  }

  private store(tensor: Tensor): string {
    this.initializers.push(tensor);
    return tensor.name;
  }
}

/** One node in one form. */
export interface OpsetCase {
  readonly title: string;
  readonly opType: string;
  /** First set in which it can be written. */
  readonly from: number;
  readonly to: number;
  readonly write: (writer: NodeWriter) => NodeWriter;
  readonly outputs: readonly string[];
}

/** A boolean constant. */
export function boolTensor(name: string, value: number): Tensor {
  const tensor = uint8Tensor(name, [], Uint8Array.of(value));
  tensor.dataType = DataType.BOOL;
  return tensor;
}

/** The case as a model of one operator set. */
export function caseModel({ opType, write, outputs }: OpsetCase, opset: number): Uint8Array {
  const writer = write(new NodeWriter(opset));
  return nodeModel(writer.node(opType, outputs), opset, writer.initializers);
}

/**
 * All cases in one model, whose output holds what each gives, one behind the other: Cast, Reshape and Concat are the same in
 * every set.
 */
export function casesModel(cases: readonly OpsetCase[], opset: number): Uint8Array {
  const initializers: Tensor[] = [int64Tensor('flat', [1], [-1n])];
  const nodes = cases.flatMap(({ opType, write, outputs }, i) => {
    const writer = write(new NodeWriter(opset));
    const node = writer.node(opType, outputs);
    const own = (name: string): string => (name === 'x' || name === '' ? name : `${name}.${i}`);
    node.name = own(node.name);
    node.input = node.input.map(own);
    node.output = node.output.map(own);
    for (const tensor of writer.initializers) {
      tensor.name = own(tensor.name);
      initializers.push(tensor);
    }
    return [
      node,
      makeNode('Cast', [own('y')], [own('float')], { to: DataType.FLOAT }),
      makeNode('Reshape', [own('float'), 'flat'], [own('part')]),
    ];
  });
  const parts = cases.map((_, i) => `part.${i}`);
  return untyped({ nodes: [...nodes, makeNode('Concat', parts, ['y'], { axis: 0 })], opset, initializers });
}

/** A model of one node from `x`, float32 [1,2,3,4], to `y`, of whatever type and shape the runtime finds. */
export function nodeModel(node: Node, opset: number, initializers: readonly Tensor[] = []): Uint8Array {
  return untyped({ nodes: [node], opset, initializers });
}

/** If, Loop and Scan with operators inside whose form changed. */
export function bodyModel(kind: 'If' | 'Loop' | 'Scan', opset: number): Uint8Array {
  const writer = new NodeWriter(opset).ints(13, 'axes', [0n]);
  const inner = (input: string): Node[] => [
    makeNode('Squeeze', [input], ['s'], writer.attributes),
    makeNode('Softmax', ['s'], ['m'], { axis: 1 }),
    makeNode('Unsqueeze', ['m'], ['out'], writer.attributes),
  ];
  const info = (name: string, elemType?: DataType, dims: readonly bigint[] = []) =>
    create(ValueInfoProtoSchema, {
      name,
      ...(elemType && {
        type: {
          value: {
            case: 'tensorType',
            value: { elemType, shape: { dim: dims.map((value) => ({ value: { case: 'dimValue' as const, value } })) } },
          },
        },
      }),
    });
  const graph = (name: string, nodes: Node[], input: ReturnType<typeof info>[], output: string[]) =>
    create(AttributeProtoSchema, {
      name,
      type: AttributeType.GRAPH,
      g: create(GraphProtoSchema, { name, node: nodes, input, output: output.map((o) => info(o)) }),
    });
  if (kind === 'If') {
    const node = makeNode('If', ['on'], ['y'], {}, { name: 'either' });
    node.attribute.push(
      graph('then_branch', inner('x'), [], ['out']),
      graph('else_branch', [makeNode('Relu', ['x'], ['out2'])], [], ['out2']),
    );
    return untyped({ nodes: [node], opset, initializers: [boolTensor('on', 1)] });
  }
  if (kind === 'Loop') {
    const node = makeNode('Loop', ['trips', 'on', 'x'], ['y'], {}, { name: 'loop' });
    const inputs = [
      info('i', DataType.INT64),
      info('go', DataType.BOOL),
      info('state', DataType.FLOAT, [1n, 2n, 3n, 4n]),
    ];
    node.attribute.push(
      graph('body', [...inner('state'), makeNode('Identity', ['go'], ['still'])], inputs, ['still', 'out']),
    );
    return untyped({ nodes: [node], opset, initializers: [int64Tensor('trips', [], [3n]), boolTensor('on', 1)] });
  }
  // Set 8 has a batch axis, and lengths before the data.
  const node = makeNode('Scan', opset < 9 ? ['', 'x'] : ['x'], ['y'], { num_scan_inputs: 1 }, { name: 'scan' });
  const steps = [
    makeNode('Softmax', ['row'], ['m'], { axis: 1 }),
    makeNode('Unsqueeze', ['m'], ['out'], writer.attributes),
  ];
  node.attribute.push(graph('body', steps, [info('row', DataType.FLOAT, [2n, 3n, 4n])], ['out']));
  return untyped({ nodes: [node], opset, initializers: [] });
}

function untyped(spec: { nodes: readonly Node[]; opset: number; initializers: readonly Tensor[] }): Uint8Array {
  const inputs = [{ name: 'x', dims: [1, 2, 3, 4] }];
  return withOutputs(modelOf({ ...spec, irVersion: spec.opset < 9 ? 4 : 7, inputs, outputs: [] }), ['y']);
}
