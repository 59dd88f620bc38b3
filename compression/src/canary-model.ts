import { create } from '@bufbuild/protobuf';
import { GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema, ValueInfoProtoSchema } from 'onnx-buf';
import { encodeModel } from './encode.js';
import { makeNode, type Node, type Tensor } from './node.js';
import { DataType, float32Tensor, int8Tensor, int32Tensor } from './tensor.js';

/** Raised whenever the bytes of the canary change: what was measured with another one compares with nothing. */
export const canaryVersion = 1;

const channels = [8, 16, 16] as const;
const side = 24;
const scale = 2 ** -6;
const weightScale = 2 ** -9;

/**
 * The net that health checks run: two int8 convolutions in QDQ form, the same bytes each time. Long enough that a latency on a host is no noise
 * (0.9 million products), small enough for a Pico (4 KB of weights), and nothing but what every runtime here has.
 */
export function canaryModel(): Uint8Array<ArrayBuffer> {
  const nodes: Node[] = [];
  const initializers: Tensor[] = [
    float32Tensor('scale', [], Float32Array.of(scale)),
    int8Tensor('zero', [], Int8Array.of(0)),
    float32Tensor('weight-scale', [], Float32Array.of(weightScale)),
    float32Tensor('bias-scale', [], Float32Array.of(scale * weightScale)),
    int32Tensor('bias-zero', [], Int32Array.of(0)),
  ];
  let state = 1;
  /** A linear congruential generator: -100 to 100. */
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return ((state >>> 8) % 201) - 100;
  };
  const add = (op: string, inputs: readonly string[], attributes: Parameters<typeof makeNode>[3] = {}): string => {
    const name = `${op.toLowerCase()}-${nodes.length}`;
    nodes.push(makeNode(op, inputs, [name], attributes, { name }));
    return name;
  };
  const quantized = (name: string): string =>
    add('DequantizeLinear', [add('QuantizeLinear', [name, 'scale', 'zero']), 'scale', 'zero']);
  let at = quantized('x');
  for (const [layer, outputs] of channels.slice(1).entries()) {
    const inputs = channels[layer]!;
    const dims = [outputs, inputs, 3, 3];
    const weights = Int8Array.from({ length: outputs * inputs * 9 }, next);
    initializers.push(int8Tensor(`weight-${layer}`, dims, weights));
    initializers.push(int32Tensor(`bias-${layer}`, [outputs], Int32Array.from({ length: outputs }, next)));
    const weight = add('DequantizeLinear', [`weight-${layer}`, 'weight-scale', 'zero']);
    const bias = add('DequantizeLinear', [`bias-${layer}`, 'bias-scale', 'bias-zero']);
    const strides = layer === 0 ? [1n, 1n] : [2n, 2n];
    at = add('Conv', [at, weight, bias], { kernel_shape: [3n, 3n], pads: [1n, 1n, 1n, 1n], strides });
    at = quantized(add('Relu', [at]));
  }
  nodes.at(-1)!.output[0] = 'y';
  const value = (name: string, dims: readonly number[]) =>
    create(ValueInfoProtoSchema, {
      name,
      type: {
        value: {
          case: 'tensorType',
          value: {
            elemType: DataType.FLOAT,
            shape: { dim: dims.map((d) => ({ value: { case: 'dimValue' as const, value: BigInt(d) } })) },
          },
        },
      },
    });
  return encodeModel(
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'hilltop canary',
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 13n })],
      graph: create(GraphProtoSchema, {
        name: 'canary',
        node: nodes,
        initializer: initializers,
        input: [value('x', [1, channels[0], side, side])],
        output: [value('y', [1, channels[2], side / 2, side / 2])],
      }),
    }),
  );
}
