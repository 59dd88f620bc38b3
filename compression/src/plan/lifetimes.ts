import { type Graph, type Links, linksOf } from '../graph.js';
import type { TensorShape } from '../host-messages.js';
import { type Node, subGraphs } from '../node.js';
import { sizeOf } from '../sizes.js';
import { carriedIntegers } from './carried.js';
import type { InPlacePair, PlannedTensor } from './memory.js';

/** What the planner has to know of a graph. */
export interface GraphLifetimes {
  /** Everything but constants that takes memory, by the name of the tensor that stands for it. */
  readonly tensors: readonly PlannedTensor[];
  readonly inPlace: readonly InPlacePair[];
  /** Node that runs -> its step. Nodes that only decode constants, or only rename memory, are not in it. */
  readonly stepOf: ReadonlyMap<Node, number>;
  /** Tensor -> the planned tensor in whose memory it lies. */
  readonly storageOf: ReadonlyMap<string, string>;
  /** Tensors whose size is not known: they are not among `tensors`. */
  readonly unsized: readonly string[];
  /** Nodes whose sub-graphs make tensors of their own, which are not counted. */
  readonly hiding: ReadonlySet<Node>;
}

/** Operators that give their input back under another shape or name: the output is a view. */
const views = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity', 'Dropout']);

/** Operators that read input i before they write output i and nothing after: they may write over an input of the output's shape. */
const elementWise = new Set([
  ...[
    'Relu',
    'Clip',
    'LeakyRelu',
    'PRelu',
    'Elu',
    'Selu',
    'Celu',
    'ThresholdedRelu',
    'Softplus',
    'Softsign',
    'Gelu',
    'Mish',
  ],
  ...[
    'Sigmoid',
    'HardSigmoid',
    'HardSwish',
    'Tanh',
    'Erf',
    'Exp',
    'Log',
    'Sqrt',
    'Reciprocal',
    'Abs',
    'Neg',
    'Sign',
    'Not',
  ],
  ...['Floor', 'Ceil', 'Round', 'Sin', 'Cos', 'Cast', 'BatchNormalization'],
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Mod', 'Min', 'Max', 'Sum', 'Mean', 'And', 'Or', 'Xor', 'Where'],
]);

/** Operators that give something else each time, also from constants. */
const random = /^(Random|Multinomial|Bernoulli)/;

const elementBits: Readonly<Record<string, number>> = {
  float32: 32,
  float16: 16,
  float64: 64,
  int64: 64,
  uint64: 64,
  int32: 32,
  uint32: 32,
  int16: 16,
  uint16: 16,
  int8: 8,
  uint8: 8,
  bool: 8,
  int4: 4,
  uint4: 4,
};

/**
 * Lifetimes of the tensors of a graph's main body, run in the order of its nodes. The convention:
 * - Step 0 is where the inputs are written, node i is step i + 1, and in the last step the outputs are read. An input may be written
 *   over once its last reader has run; outputs are kept to the end.
 * - Constants, and what follows from constants alone (decoded weights), are no tensors of the arena.
 * - What a sub-graph reads from outside lives until its node has run. Tensors made inside are not counted, their nodes are in `hiding`.
 * - Reshape, Flatten, Squeeze, Unsqueeze, Identity and Dropout are views: input and output are one tensor that lives as long as either.
 * - Element-wise operators may write over an input of the output's shape and width; whether it dies there is the planner's to see.
 * - A QDQ graph counts its tensors as the integers a device computes on, see `carriedIntegers`.
 */
export function lifetimesOf(graph: Graph, shapes: readonly TensorShape[]): GraphLifetimes {
  const links = linksOf(graph);
  const nodes = graph.body.node;
  const constants = constantNames(nodes, links);
  const shapeOf = new Map(shapes.map((shape) => [shape.tensor, shape]));
  const storageOf = storages(nodes, links, constants);
  const storage = (name: string): string => storageOf.get(name) ?? name;

  const alive = new Map<string, { first: number; last: number }>();
  const touch = (name: string, step: number): void => {
    if (name === '' || constants.has(name)) return;
    const life = alive.get(storage(name));
    if (!life) alive.set(storage(name), { first: step, last: step });
    else {
      life.first = Math.min(life.first, step);
      life.last = Math.max(life.last, step);
    }
  };
  const hiding = new Set<Node>();
  const stepOf = new Map<Node, number>();
  for (const input of graph.body.input) touch(input.name, 0);
  nodes.forEach((node, i) => {
    const step = i + 1;
    const inner = subGraphs(node).flatMap((body) => body.node);
    const runs = node.output.some((name) => name !== '' && !constants.has(name));
    if (!runs) return;
    if (inner.some((n) => n.opType !== 'Constant')) hiding.add(node);
    // A node whose output lies in its input's memory does nothing: its readers count instead.
    const renames =
      inner.length === 0 && node.output[0] !== undefined && storage(node.output[0]) === storage(node.input[0] ?? '');
    if (!renames) {
      stepOf.set(node, step);
      for (const name of node.input) touch(name, step);
      for (const name of namesInside(node)) if (alive.has(storage(name))) touch(name, step);
    }
    for (const name of node.output) touch(name, step);
  });
  for (const output of graph.body.output) touch(output.name, nodes.length + 1);

  const tensors: PlannedTensor[] = [];
  const unsized: string[] = [];
  for (const [name, life] of alive) {
    const shape = shapeOf.get(name);
    const bits = shape && elementBits[shape.type];
    if (!shape || bits === undefined) unsized.push(name);
    else tensors.push({ name, bytes: Math.ceil((sizeOf(shape.dims) * bits) / 8), ...life });
  }
  return {
    tensors,
    inPlace: pairs([...stepOf.keys()], { storage, shapeOf, constants }),
    stepOf,
    storageOf,
    unsized,
    hiding,
  };
}

/** Names of the tensors that are made at every run: inputs, and the outputs of nodes that do not follow from constants alone. */
export function activationNames(graph: Graph): string[] {
  const links = linksOf(graph);
  const constants = constantNames(graph.body.node, links);
  return [...graph.body.input.map((input) => input.name), ...graph.body.node.flatMap((node) => node.output)].filter(
    (name) => name !== '' && !constants.has(name),
  );
}

/** Constants, and what follows from them alone. */
function constantNames(nodes: readonly Node[], links: Links): Set<string> {
  const names = new Set(links.constants.keys());
  for (const node of nodes) {
    const reads = [...node.input.filter((name) => name !== ''), ...namesInside(node)];
    const known = node.opType === 'Constant' || (reads.length > 0 && reads.every((name) => names.has(name)));
    if (known && !random.test(node.opType)) for (const name of node.output) names.add(name);
  }
  return names;
}

/** Names that sub-graphs of a node read from outside, and some of their own, which nobody outside knows. */
function namesInside(node: Node): string[] {
  return subGraphs(node).flatMap((body) => [
    ...body.node.flatMap((inner) => [...inner.input, ...namesInside(inner)]),
    ...body.output.map((output) => output.name),
  ]);
}

/** Tensor -> the one in whose memory it lies, for views and for floats that stand for integers. */
function storages(nodes: readonly Node[], links: Links, constants: ReadonlySet<string>): Map<string, string> {
  const parent = carriedIntegers(nodes, links, (name) => constants.has(name));
  for (const node of nodes) {
    const [input, output] = [node.input[0], node.output[0]];
    // A float on its way to its integers is theirs already.
    if (!views.has(node.opType) || !input || !output || constants.has(input) || parent.has(output)) continue;
    parent.set(output, input);
  }
  const root = (name: string): string => {
    let at = name;
    for (let next = parent.get(at); next !== undefined; next = parent.get(at)) at = next;
    return at;
  };
  return new Map([...parent.keys()].map((name) => [name, root(name)]));
}

interface Tensors {
  readonly storage: (name: string) => string;
  readonly shapeOf: ReadonlyMap<string, TensorShape>;
  readonly constants: ReadonlySet<string>;
}

/** Inputs that element-wise nodes may write over, the first of each node first. */
function pairs(nodes: readonly Node[], { storage, shapeOf, constants }: Tensors): InPlacePair[] {
  const sameShape = (a: string, b: string): boolean =>
    String(shapeOf.get(a)?.dims) === String(shapeOf.get(b)?.dims) && shapeOf.has(a);
  return nodes.flatMap((node) => {
    const output = node.output[0]!;
    if (!elementWise.has(node.opType)) return [];
    return node.input.flatMap((input) => {
      if (input === '' || constants.has(input) || !sameShape(input, output)) return [];
      // The same memory read under another shape, as in x + reshape(x), would be read where it is written already.
      const twisted = node.input.some((other) => storage(other) === storage(input) && !sameShape(other, input));
      return twisted ? [] : [{ input: storage(input), output: storage(output) }];
    });
  });
}
