import { freshNames, type Graph, opsetOf, raiseIrVersion } from './graph.js';
import {
  type Body,
  constantOf,
  floatAttribute,
  intAttribute,
  intsAttribute,
  makeNode,
  type Node,
  setIntAttribute,
  stringAttribute,
  type Tensor,
} from './node.js';
import { float32Tensor, floatsOf, int64Tensor } from './tensor.js';
import { bodiesOf } from './weights/bodies.js';

/** Oldest operator set the adapters understand. */
const oldest = 7;
/** What they raise it to: the first in which QuantizeLinear has scales per channel. */
const newest = 13;

/**
 * Rewrites a model of operator set 7 to 12 for operator set 13; others are left alone. `ranks`: number of dimensions of each
 * activation, as far as known. Returns the first node there is no way for; the graph is then half changed and of no use.
 */
export function raiseOpset(graph: Graph, ranks: ReadonlyMap<string, number>): Node | undefined {
  const from = opsetOf(graph);
  if (from >= newest) return undefined;
  if (from < oldest) return graph.body.node[0];
  const fresh = freshNames(graph);
  const bodies = bodiesOf(graph);
  const read = new Set(bodies.flatMap((b) => [...b.node.flatMap((n) => n.input), ...b.output.map((o) => o.name)]));
  read.delete('');
  for (const body of bodies) {
    const constantIn = (name: string): Tensor | undefined =>
      constantNamed(body, name) ?? constantNamed(graph.body, name);
    const nodes: Node[] = [];
    for (const node of body.node) {
      const rewritten =
        node.domain === '' || node.domain === 'ai.onnx'
          ? adapt(node, from, { body, fresh, ranks, read, constantIn })
          : [node];
      if (!rewritten) return node;
      nodes.push(...rewritten);
    }
    body.node = nodes;
  }
  for (const opset of graph.model.opsetImport)
    if (opset.domain === '' || opset.domain === 'ai.onnx') opset.version = BigInt(newest);
  raiseIrVersion(graph, 7);
  return undefined;
}

interface Place {
  readonly body: Body;
  readonly fresh: (prefix: string) => string;
  readonly ranks: ReadonlyMap<string, number>;
  /** Names that any node or output reads. */
  readonly read: ReadonlySet<string>;
  /** A constant the body may read: its own or the main graph's. */
  readonly constantIn: (name: string) => Tensor | undefined;
}

const constantNamed = (body: Body, name: string): Tensor | undefined =>
  body.initializer.find((t) => t.name === name) ??
  body.node.map(constantOf).find((t, i) => t && body.node[i]!.output[0] === name);

/** The nodes that do in operator set 13 what `node` does in set `from`; undefined where there is no way. */
function adapt(node: Node, from: number, place: Place): Node[] | undefined {
  const ints = (values: readonly (number | bigint)[]): string =>
    store(place, (name) => int64Tensor(name, [values.length], values.map(BigInt)));
  const float = (value: number): string => store(place, (name) => float32Tensor(name, [], Float32Array.of(value)));
  /** Turns attributes into inputs behind the first. */
  const moved = (names: readonly string[], inputs: readonly string[]): Node[] => {
    node.attribute = node.attribute.filter((a) => !names.includes(a.name));
    node.input = [node.input[0]!, ...inputs];
    return [node];
  };
  switch (node.opType) {
    case 'Slice': {
      if (from >= 10) return [node];
      // As stored: an end of INT64_MAX means "to the end".
      const list = (name: string): readonly bigint[] | undefined => node.attribute.find((a) => a.name === name)?.ints;
      const [starts, ends, axes] = [list('starts'), list('ends'), list('axes')];
      if (!starts || !ends) return undefined;
      return moved(['starts', 'ends', 'axes'], [ints(starts), ints(ends), ...(axes ? [ints(axes)] : [])]);
    }
    case 'Clip': {
      if (from >= 11) return [node];
      const bound = (name: string): string =>
        node.attribute.some((a) => a.name === name) ? float(floatAttribute(node, name, 0)) : '';
      const bounds = [bound('min'), bound('max')];
      while (bounds.at(-1) === '') bounds.pop();
      return moved(['min', 'max'], bounds);
    }
    case 'Pad': {
      if (from >= 11) return [node];
      const pads = node.attribute.find((a) => a.name === 'pads')?.ints;
      const value = floatAttribute(node, 'value', 0);
      // Left out it is 0 of whatever type is padded.
      return pads && moved(['pads', 'value'], [ints(pads), ...(value === 0 ? [] : [float(value)])]);
    }
    case 'Squeeze':
    case 'Unsqueeze':
    case 'ReduceSum': {
      const axes = intsAttribute(node, 'axes');
      return moved(['axes'], axes ? [ints(axes)] : []);
    }
    case 'Split': {
      const sizes = intsAttribute(node, 'split');
      return moved(['split'], sizes ? [ints(sizes)] : []);
    }
    case 'Softmax':
    case 'LogSoftmax':
    case 'Hardmax':
      return softmax(node, place);
    case 'Dropout':
      if (from >= 12) return [node];
      // Until set 10 the mask had the type of the data.
      if (place.read.has(node.output[1] ?? '')) return undefined;
      node.output = node.output.slice(0, 1);
      return moved(['ratio', 'is_test'], []);
    case 'BatchNormalization':
      if (intAttribute(node, 'spatial', 1) !== 1) return undefined;
      return moved(['spatial'], node.input.slice(1));
    case 'TopK': {
      if (from >= 10) return [node];
      return moved(['k'], [ints([intAttribute(node, 'k', 1)])]);
    }
    case 'Upsample':
    case 'Resize':
      return from >= 11 ? [node] : resize(node, place);
    case 'Scatter':
      node.opType = 'ScatterElements';
      return [node];
    case 'Scan':
      return from >= 9 ? [node] : undefined;
    default:
      return [node];
  }
}

function store({ body, fresh }: Place, make: (name: string) => Tensor): string {
  const tensor = make(fresh('k'));
  body.initializer.push(tensor);
  return tensor.name;
}

/** Before set 13 the axes from `axis` on were one; the same holds for a single last axis, else the tensor is made a matrix for it. */
function softmax(node: Node, { fresh, ranks }: Place): Node[] {
  const axis = intAttribute(node, 'axis', 1);
  const rank = ranks.get(node.input[0]!);
  if (axis === -1 || (rank !== undefined && (axis + rank) % rank === rank - 1)) {
    setIntAttribute(node, 'axis', -1);
    return [node];
  }
  const [input, output] = [node.input[0]!, node.output[0]!];
  const [shape, matrix, result] = [fresh('r'), fresh('r'), fresh('r')];
  node.input = [matrix];
  node.output = [result];
  setIntAttribute(node, 'axis', -1);
  return [
    makeNode('Shape', [input], [shape]),
    makeNode('Flatten', [input], [matrix], { axis }),
    node,
    makeNode('Reshape', [result, shape], [output]),
  ];
}

/**
 * Until set 10 positions were scaled from the corner: set 11 has words for it. The nearest value was the one before when an axis
 * grew and the one behind when it shrank, which set 11 says of all axes at once: where both happen, one Resize follows another.
 */
function resize(node: Node, place: Place): Node[] | undefined {
  const mode = stringAttribute(node, 'mode', 'nearest');
  if (mode !== 'nearest' && mode !== 'linear' && mode !== 'bilinear') return undefined;
  const named = node.input[1] ?? '';
  const constant = named === '' ? undefined : place.constantIn(named);
  const factors = constant ? floatsOf(constant) : node.attribute.find((a) => a.name === 'scales')?.floats;
  const [input, output] = [node.input[0]!, node.output[0]!];
  const step = (from: string, scales: string, to: string, nearest: 'floor' | 'ceil', name = node.name): Node =>
    makeNode(
      'Resize',
      [from, '', scales],
      [to],
      {
        mode: mode === 'nearest' ? 'nearest' : 'linear',
        coordinate_transformation_mode: 'asymmetric',
        nearest_mode: nearest,
      },
      { name },
    );
  const stored = (values: readonly number[]): string =>
    store(place, (name) => float32Tensor(name, [values.length], Float32Array.from(values)));
  if (mode !== 'nearest' || node.opType === 'Upsample') {
    const scales = named || (factors && stored([...factors]));
    return scales === undefined ? undefined : [step(input, scales, output, 'floor')];
  }
  if (!factors) return undefined;
  const [shrinks, grows] = [factors.some((f) => f < 1), factors.some((f) => f > 1)];
  if (!shrinks) return [step(input, named, output, 'floor')];
  if (!grows) return [step(input, named, output, 'ceil')];
  const between = place.fresh('r');
  return [
    step(input, stored([...factors].map((f) => Math.min(1, f))), between, 'ceil', ''),
    step(between, stored([...factors].map((f) => Math.max(1, f))), output, 'floor'),
  ];
}
