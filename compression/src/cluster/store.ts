import { type Body, makeNode, type Node, type Tensor } from '../node.js';
import { DataType, float32Tensor, int64Tensor, uint8Tensor } from '../tensor.js';
import { replaceWeights } from '../weights/bodies.js';

/** A weight as indices into a codebook, times a scale of each slice along an axis. */
export interface ClusteredWeight {
  readonly name: string;
  readonly dims: readonly number[];
  readonly codebook: Float64Array;
  readonly indices: Uint8Array;
  readonly scales?: { readonly axis: number; readonly values: Float64Array };
}

/** How many indices below `clusters` go into one byte. */
export function indicesPerByte(clusters: number): number {
  return Math.floor(Math.log(256) / Math.log(Math.max(2, clusters)) + 1e-9);
}

/**
 * Stores a body's weights as indices into codebooks. The nodes that make them again (operator set 7 and newer) are folded into float32
 * weights when the runtime loads the model; one chain serves all, as several would outweigh small ones:
 *
 *   bytes -> Cast -> one index after the other, by Div, Floor, Mul, Sub -> Concat -> Cast -> Split -> Reshape -> Gather -> Mul
 *
 * Codebooks that are the same array are stored once; where all are, values are gathered before they are split.
 */
export function storeClustered(
  body: Body,
  weights: readonly ClusteredWeight[],
  fresh: (prefix: string) => string,
  opset: number,
): void {
  if (weights.length === 0) return;
  const stored: Tensor[] = [];
  const nodes: Node[] = [];
  const store = (prefix: string, make: (name: string) => Tensor): string => {
    const tensor = make(fresh(prefix));
    stored.push(tensor);
    return tensor.name;
  };
  const step = (opType: string, inputs: string[], attributes = {}): string => {
    const output = fresh('u');
    nodes.push(makeNode(opType, inputs, [output], attributes));
    return output;
  };
  const books = new Map<Float64Array, string>();
  for (const { codebook } of weights)
    if (!books.has(codebook))
      books.set(
        codebook,
        store('c', (name) => float32Tensor(name, [codebook.length], Float32Array.from(codebook))),
      );
  const clusters = Math.max(...[...books.keys()].map((book) => book.length));
  const total = weights.reduce((sum, w) => sum + w.indices.length, 0);
  const packed = pack(weights, total, clusters);
  const integers = unpack(
    store('p', (name) => uint8Tensor(name, [packed.length], packed)),
    clusters,
    step,
    (value) => store('k', (name) => float32Tensor(name, [], Float32Array.of(value))),
  );
  const one = books.size === 1 ? [...books.values()][0]! : undefined;
  const list = one === undefined ? integers : step('Gather', [one, integers], { axis: 0 });
  const sizes = weights.map((w) => w.indices.length);
  const rest = packed.length * indicesPerByte(clusters) - total;
  // Indices that only fill the last byte are split off and left unread.
  if (rest > 0) sizes.push(rest);
  const parts = sizes.map(() => fresh('u'));
  const lengths = sizes.map(BigInt);
  nodes.push(
    opset >= 13
      ? makeNode('Split', [list, store('k', (name) => int64Tensor(name, [lengths.length], lengths))], parts, {
          axis: 0,
        })
      : makeNode('Split', [list], parts, { axis: 0, split: lengths }),
  );
  const shapes = new Map<string, string>();
  weights.forEach((weight, i) => {
    const key = weight.dims.join();
    if (!shapes.has(key))
      shapes.set(
        key,
        store('k', (name) => int64Tensor(name, [weight.dims.length], weight.dims.map(BigInt))),
      );
    const steps: [string, string[], Record<string, number>][] = [['Reshape', [shapes.get(key)!], {}]];
    if (one === undefined) steps.push(['Gather', [books.get(weight.codebook)!], { axis: 0 }]);
    if (weight.scales) {
      const { axis, values } = weight.scales;
      const dims = weight.dims.map((d, a) => (a === axis ? d : 1));
      steps.push(['Mul', [store('s', (name) => float32Tensor(name, dims, Float32Array.from(values)))], {}]);
    }
    let value = parts[i]!;
    steps.forEach(([opType, others, attributes], s) => {
      const output = s === steps.length - 1 ? weight.name : fresh('u');
      nodes.push(makeNode(opType, opType === 'Gather' ? [...others, value] : [value, ...others], [output], attributes));
      value = output;
    });
  });
  replaceWeights(body, new Set(weights.map((w) => w.name)), stored, nodes);
}

/** All indices, `indicesPerByte` to a byte: digit d of a byte is from part d of the list, so that each digit unpacks to a run. */
function pack(weights: readonly ClusteredWeight[], total: number, clusters: number): Uint8Array {
  const digits = indicesPerByte(clusters);
  const bytes = new Uint8Array(Math.ceil(total / digits));
  const factors = Array.from({ length: digits }, (_, d) => clusters ** d);
  let at = 0;
  for (const { indices } of weights)
    for (const index of indices) {
      const place = at % bytes.length;
      bytes[place] = bytes[place]! + index * factors[Math.floor(at / bytes.length)]!;
      at++;
    }
  return bytes;
}

function unpack(
  packed: string,
  clusters: number,
  step: (opType: string, inputs: string[], attributes?: Record<string, number>) => string,
  number: (value: number) => string,
): string {
  const digits = indicesPerByte(clusters);
  // Gather takes no uint8.
  if (digits === 1) return step('Cast', [packed], { to: DataType.INT32 });
  let rest = step('Cast', [packed], { to: DataType.FLOAT });
  const base = number(clusters);
  const parts: string[] = [];
  for (let d = 1; d < digits; d++) {
    // Exact: a quotient of integers below 256 never rounds up to a whole number.
    const higher = step('Floor', [step('Div', [rest, base])]);
    parts.push(step('Sub', [rest, step('Mul', [higher, base])]));
    rest = higher;
  }
  return step('Cast', [step('Concat', [...parts, rest], { axis: 0 })], { to: DataType.INT32 });
}
