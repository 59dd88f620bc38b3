import { type Graph, type Links, linksOf } from '../graph.js';
import { intAttribute, type Node } from '../node.js';
import { dimsOf, intsOf } from '../tensor.js';
import { ChannelClasses } from './channel-classes.js';

/**
 * Which channels of which tensors live and die together. Every channel of every activation has a class; a residual Add joins the
 * classes of its inputs, a depthwise Conv and a Flatten hand theirs on, a Concat lines them up.
 */
export interface ChannelMap {
  /** Activation -> class of each position on axis 1. Ask `root` for the class itself. */
  readonly channels: ReadonlyMap<string, Int32Array>;
  /** The class a channel belongs to. */
  root(channel: number): number;
  /** Classes that must stay: they reach an input, an output or an operator that mixes channels. */
  locked(channel: number): boolean;
  /** Constants to be cut with their channels. */
  readonly slices: readonly Slice[];
  /** Nodes that make channels by multiplying with a weight. */
  readonly producers: readonly WeightUse[];
  /** Nodes that read channels by multiplying with a weight. */
  readonly consumers: readonly WeightUse[];
  /** Convolutions of one channel each. */
  readonly depthwise: readonly WeightUse[];
  /** Reshape nodes whose target holds the number of channels, with the channels behind it. */
  readonly reshapes: readonly { readonly node: Node; readonly channels: Int32Array }[];
}

/** Axis `axis` of a constant holds these channels. */
export interface Slice {
  readonly constant: string;
  readonly axis: number;
  readonly channels: Int32Array;
}

export interface WeightUse {
  readonly node: Node;
  /** Axis of the weight (input 1). */
  readonly axis: number;
  readonly channels: Int32Array;
}

/** Operators that keep every channel to itself and have no constant per channel. */
const channelwise = new Set(
  `Relu LeakyRelu Clip Sigmoid HardSigmoid HardSwish Tanh Elu Selu Softplus Identity Dropout Neg Abs
  Sqrt Exp Log Erf Gelu MaxPool AveragePool GlobalAveragePool GlobalMaxPool LpPool Cast Reciprocal Floor Ceil`.split(
    /\s+/,
  ),
);
const elementwise = new Set(['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Pow', 'PRelu', 'Sum']);

/** Analyses a graph whose nodes are sorted. `shapes`: dimensions of its activations in a run with one item. */
export function mapChannels(graph: Graph, shapes: ReadonlyMap<string, readonly number[]>): ChannelMap {
  return new Analysis(graph, shapes).run();
}

class Analysis implements ChannelMap {
  readonly channels = new Map<string, Int32Array>();
  readonly slices: Slice[] = [];
  readonly producers: WeightUse[] = [];
  readonly consumers: WeightUse[] = [];
  readonly depthwise: WeightUse[] = [];
  readonly reshapes: { node: Node; channels: Int32Array }[] = [];
  private readonly classes = new ChannelClasses();
  private readonly links: Links;

  constructor(
    private readonly graph: Graph,
    private readonly shapes: ReadonlyMap<string, readonly number[]>,
  ) {
    this.links = linksOf(graph);
  }

  root(channel: number): number {
    return this.classes.root(channel);
  }

  locked(channel: number): boolean {
    return this.classes.locked(channel);
  }

  run(): this {
    for (const input of this.graph.body.input) this.lock(this.make(input.name));
    for (const node of this.graph.body.node) {
      if (!this.follow(node)) {
        for (const name of node.input) this.lock(this.channels.get(name));
        for (const name of node.output) this.lock(this.make(name));
      }
    }
    for (const name of [...this.links.outputs, ...this.links.captured]) this.lock(this.channels.get(name));
    return this;
  }

  /** New channels for a tensor; undefined where it has no channel axis. */
  private make(name: string): Int32Array | undefined {
    const size = this.shapes.get(name)?.[1];
    if (size === undefined || name === '') return undefined;
    const made = Int32Array.from({ length: size }, () => this.classes.make());
    this.channels.set(name, made);
    return made;
  }

  private lock(channels: Int32Array | undefined): void {
    for (const channel of channels ?? []) this.classes.lock(channel);
  }

  private joinAll(channels: Int32Array, others: Int32Array): void {
    channels.forEach((channel, i) => {
      this.classes.join(channel, others[i]!);
    });
  }

  /** Hands channels through a node; false where it cannot be told what happens to them. */
  private follow(node: Node): boolean {
    const x = this.channels.get(node.input[0] ?? '');
    const output = node.output[0]!;
    const same = (): boolean => {
      if (!x || this.shapes.get(output)?.[1] !== x.length || node.output.length > 1) return false;
      this.channels.set(output, x);
      return true;
    };
    if (channelwise.has(node.opType)) return same();
    if (elementwise.has(node.opType)) return this.elementwise(node);
    switch (node.opType) {
      case 'Conv':
        return x !== undefined && this.conv(node, x);
      case 'Gemm':
      case 'MatMul':
        return x !== undefined && this.product(node, x);
      case 'BatchNormalization':
        if (!same()) return false;
        for (const name of node.input.slice(1)) this.slices.push({ constant: name, axis: 0, channels: x! });
        return node.input.slice(1).every((name) => this.links.constants.has(name));
      case 'ReduceMean':
      case 'ReduceMax':
        return this.reducesBehind(node) && same();
      case 'Concat':
        return this.concat(node);
      case 'Flatten':
        return intAttribute(node, 'axis', 1) === 1 && this.flatten(node, x, false);
      case 'Reshape':
        return this.links.constants.has(node.input[1] ?? '') && this.flatten(node, x, true);
      case 'Squeeze':
        return (this.shapes.get(output)?.length ?? 0) >= 2 && this.flatten(node, x, false);
      default:
        return false;
    }
  }

  private conv(node: Node, x: Int32Array): boolean {
    const weight = this.links.constants.get(node.input[1]!);
    if (!weight || (node.input[2] && !this.links.constants.has(node.input[2]))) return false;
    const groups = intAttribute(node, 'group', 1);
    const outputs = dimsOf(weight)[0]!;
    if (groups === 1) {
      const y = this.make(node.output[0]!);
      if (y?.length !== outputs) return false;
      this.consumers.push({ node, axis: 1, channels: x });
      this.produce(node, 0, y);
      this.slices.push({ constant: node.input[1]!, axis: 1, channels: x });
      return true;
    }
    if (groups !== x.length || outputs % groups !== 0) return false;
    const y = Int32Array.from({ length: outputs }, (_, i) => x[Math.floor(i / (outputs / groups))]!);
    this.channels.set(node.output[0]!, y);
    this.depthwise.push({ node, axis: 0, channels: y });
    this.sliceOutputs(node, 0, y);
    return true;
  }

  private product(node: Node, x: Int32Array): boolean {
    const weight = this.links.constants.get(node.input[1]!);
    const rank = this.shapes.get(node.input[0]!)?.length;
    if (weight?.dims.length !== 2 || rank !== 2 || intAttribute(node, 'transA', 0) !== 0) return false;
    const out = node.opType === 'Gemm' && intAttribute(node, 'transB', 0) !== 0 ? 0 : 1;
    const y = this.make(node.output[0]!);
    if (!y || y.length !== dimsOf(weight)[out] || (node.input[2] && !this.links.constants.has(node.input[2])))
      return false;
    this.consumers.push({ node, axis: 1 - out, channels: x });
    this.slices.push({ constant: node.input[1]!, axis: 1 - out, channels: x });
    this.produce(node, out, y);
    return true;
  }

  private produce(node: Node, axis: number, y: Int32Array): void {
    this.producers.push({ node, axis, channels: y });
    this.sliceOutputs(node, axis, y);
  }

  private sliceOutputs(node: Node, axis: number, y: Int32Array): void {
    this.slices.push({ constant: node.input[1]!, axis, channels: y });
    const bias = this.links.constants.get(node.input[2] ?? '');
    const last = bias ? dimsOf(bias).length - 1 : -1;
    if (bias && dimsOf(bias)[last] === y.length)
      this.slices.push({ constant: node.input[2]!, axis: last, channels: y });
  }

  private elementwise(node: Node): boolean {
    const output = node.output[0]!;
    const rank = this.shapes.get(output)?.length ?? 0;
    const size = this.shapes.get(output)?.[1];
    let joined: Int32Array | undefined;
    for (const name of node.input) {
      const constant = this.links.constants.get(name);
      if (constant) continue;
      const channels = this.channels.get(name);
      if (!channels || this.shapes.get(name)?.length !== rank) return false;
      if (channels.length !== size) {
        // One channel spread over all: it stays.
        this.lock(channels);
        continue;
      }
      if (joined) this.joinAll(channels, joined);
      joined ??= channels;
    }
    if (!joined) return false;
    for (const name of node.input) {
      const constant = this.links.constants.get(name);
      if (!constant) continue;
      const axis = constant.dims.length - (rank - 1);
      if (axis >= 0 && dimsOf(constant)[axis] === size) this.slices.push({ constant: name, axis, channels: joined });
      else if (axis >= 0 && dimsOf(constant)[axis] !== 1) return false;
    }
    this.channels.set(output, joined);
    return true;
  }

  private concat(node: Node): boolean {
    const output = node.output[0]!;
    const rank = this.shapes.get(output)?.length ?? 0;
    const axis = intAttribute(node, 'axis', 1);
    const parts = node.input.map((name) => this.channels.get(name));
    if (!parts.every((part) => part !== undefined)) return false;
    if ((axis + rank) % rank === 1) {
      this.channels.set(output, Int32Array.from(parts.flatMap((part) => [...part])));
      return true;
    }
    for (const part of parts.slice(1)) this.joinAll(part, parts[0]!);
    this.channels.set(output, parts[0]!);
    return true;
  }

  /** [N, C, ...] -> [N, C * rest]: each channel becomes a run of features. */
  private flatten(node: Node, x: Int32Array | undefined, reshape: boolean): boolean {
    const from = this.shapes.get(node.input[0]!);
    const to = this.shapes.get(node.output[0]!);
    if (!x || !from || !to || to.length < 2) return false;
    const run = to[1]! / x.length;
    const behind = from.slice(2).reduce((p, d) => p * d, 1);
    const rest = to.slice(2).reduce((p, d) => p * d, 1);
    // All that lies behind the channel goes into it, or nothing does.
    if (!Number.isInteger(run) || from[0] !== to[0] || run * rest !== behind || (run !== 1 && rest !== 1)) return false;
    const y = Int32Array.from({ length: to[1]! }, (_, i) => x[Math.floor(i / run)]!);
    if (reshape) {
      const target = intsOf(this.links.constants.get(node.input[1]!)!);
      // A size stated as 0 or -1 follows by itself; "all in one" ([-1] first) does not say where the items are.
      if (target.length !== to.length || (target[0] === -1n && target[1]! <= 0n)) return false;
      if (target[1]! > 0n) this.reshapes.push({ node, channels: y });
    }
    this.channels.set(node.output[0]!, y);
    return true;
  }

  /** Whether a reduction leaves the first two axes alone. */
  private reducesBehind(node: Node): boolean {
    const rank = this.shapes.get(node.input[0]!)?.length ?? 0;
    const constant = this.links.constants.get(node.input[1] ?? '');
    const axes = constant
      ? intsOf(constant).map(Number)
      : node.attribute.find((a) => a.name === 'axes')?.ints.map(Number);
    return axes !== undefined && axes.length > 0 && axes.every((axis) => (axis + rank) % rank > 1);
  }
}
