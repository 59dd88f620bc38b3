import { intAttribute, makeNode, type Node, type Tensor } from '../node.js';
import { DataType, dimsOf, float32Tensor, floatsOf, int8Tensor } from '../tensor.js';
import type { ConstantReads, OwnedConstant } from '../weights/reads.js';
import { quantizeWeight } from './integers.js';

/** An LSTM whose two weight matrices are constants. */
export interface Recurrent {
  readonly node: Node;
  /** Of the input and of the hidden state: [directions, 4 x hidden, inputs]. */
  readonly weights: readonly [OwnedConstant, OwnedConstant];
}

/** Why an LSTM stays float, or what is needed to quantize it. */
export function recurrentOf(node: Node, reads: ConstantReads): Recurrent | { why: string } {
  const [input, hidden] = [reads.constantAt(node, 1), reads.constantAt(node, 2)];
  if (!input || !hidden) return { why: 'its weights are computed at run time' };
  for (const { tensor } of [input, hidden]) {
    if (tensor.dataType !== DataType.FLOAT) return { why: 'its weights are not float32' };
    if (!floatsOf(tensor)!.every(Number.isFinite)) return { why: 'its weights are not finite' };
  }
  if (intAttribute(node, 'layout', 0) !== 0) return { why: 'its batch comes first' };
  return { node, weights: [input, hidden] };
}

/** Names of a weight in integers: values with outputs last, scales and zero points. */
export interface StoredWeight {
  readonly values: string;
  readonly scales: string;
  readonly zeros: string;
}

/** Stores weights of LSTMs as int8 [directions, inputs, 4 x hidden]: one scale for each direction, or for each output of its gates. */
export class RecurrentWeights {
  private readonly stored = new Map<Tensor, StoredWeight>();

  constructor(
    private readonly options: { readonly perChannel: boolean; readonly weightBits: number },
    private readonly fresh: (prefix: string) => string,
  ) {}

  namesOf({ tensor, body }: OwnedConstant): StoredWeight {
    const known = this.stored.get(tensor);
    if (known) return known;
    const { perChannel, weightBits } = this.options;
    const [directions, outputs, inputs] = dimsOf(tensor) as [number, number, number];
    const { values, scales } = quantizeWeight(
      floatsOf(tensor)!,
      perChannel ? [directions * outputs, inputs] : [directions, outputs * inputs],
      { bits: weightBits, axis: 0 },
    );
    const turned = values.map((_, k) => {
      const [o, i] = [k % outputs, Math.floor(k / outputs) % inputs];
      return values[(Math.floor(k / (outputs * inputs)) * outputs + o) * inputs + i]!;
    });
    const each = perChannel ? [directions, outputs] : [directions];
    const made = { values: this.fresh('w'), scales: this.fresh('s'), zeros: this.fresh('z') };
    body.initializer.push(
      int8Tensor(made.values, [directions, inputs, outputs], turned),
      float32Tensor(made.scales, each, scales),
      int8Tensor(made.zeros, each, new Int8Array(scales.length)),
    );
    this.stored.set(tensor, made);
    return made;
  }
}

/** com.microsoft DynamicQuantizeLSTM in the LSTM's place: it takes the same inputs, then scales and zero points. */
export function integerLstm({ node, weights }: Recurrent, stored: RecurrentWeights): Node {
  const [w, r] = [stored.namesOf(weights[0]), stored.namesOf(weights[1])];
  const optional = [3, 4, 5, 6, 7].map((i) => node.input[i] ?? '');
  const made = makeNode(
    'DynamicQuantizeLSTM',
    [node.input[0]!, w.values, r.values, ...optional, w.scales, w.zeros, r.scales, r.zeros],
    node.output,
    {},
    { name: node.name, domain: 'com.microsoft' },
  );
  made.attribute = node.attribute.filter((a) => a.name !== 'layout');
  return made;
}
