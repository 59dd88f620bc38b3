import type { Graph, Links } from '../graph.js';
import { type Layer, layerOf } from '../layers.js';
import { floatAttribute, intAttribute, intsAttribute, type Node } from '../node.js';
import { DataType, dimsOf, floatsOf, intsOf } from '../tensor.js';

/** Two layers with nothing between them but what may be done before or after scaling channels. */
export interface Pair {
  readonly first: Layer;
  readonly second: Layer;
  /** The tensor the second layer reads. */
  readonly tensor: string;
  /** Whether `tensor` has its channels where statistics by channel look for them. */
  readonly countable: boolean;
  /** Constants added between the two, one value for each channel: they are scaled with the first layer's outputs. */
  readonly added: readonly { readonly node: Node; readonly index: number }[];
  /** Clips whose upper bound stands in the way: they have to become Relus. */
  readonly clips: readonly Node[];
}

export interface PairSearch {
  readonly pairs: readonly Pair[];
  /** The first layer that has no partner, with the reason. */
  readonly lonely?: { readonly node: Node; readonly why: string };
}

export interface PairOptions {
  /** Dimensions of activations, as far as known: only a Reshape to fixed sizes needs them. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Clips taken for Relus. */
  readonly released: ReadonlySet<Node>;
}

/** f(s x) = s f(x) for every s > 0, element by element or over positions of one channel. */
const homogeneous = new Set(['Relu', 'LeakyRelu', 'PRelu', 'Abs', 'Neg', 'Identity', 'Dropout']);
const pools = new Set(['MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'LpPool', 'GlobalLpPool']);
const reductions = new Set(['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceSum', 'ReduceL1', 'ReduceL2']);
/** Exporters write "no bound" as the largest float. */
const noBound = 3.4e38;

/** Finds the pairs of a graph whose constants are initializers. */
export function findPairs(graph: Graph, links: Links, options: PairOptions): PairSearch {
  const layers = new Map<Node, Layer>();
  for (const node of graph.body.node) {
    const layer = layerOf(node, links);
    if (layer && isOwn(layer, links)) layers.set(node, layer);
  }
  const pairs: Pair[] = [];
  let lonely: PairSearch['lonely'];
  for (const first of layers.values()) {
    const found = new Walk(first, layers, links, options).run();
    if (typeof found !== 'string') pairs.push(found);
    else lonely ??= { node: first.node, why: found };
  }
  return { pairs, ...(lonely && { lonely }) };
}

const isStandard = (node: Node): boolean => node.domain === '' || node.domain === 'ai.onnx';

/** Whether a layer's weight may change: float32, and nobody else reads it. */
function isOwn(layer: Layer, links: Links): boolean {
  const { node, tensor } = layer;
  const bias = links.constants.get(node.opType === 'MatMul' ? '' : (node.input[2] ?? ''));
  return (
    isStandard(node) &&
    tensor.dataType === DataType.FLOAT &&
    (links.consumers.get(tensor.name)?.length ?? 0) === 1 &&
    !links.captured.has(tensor.name) &&
    !links.outputs.has(tensor.name) &&
    layer.weight.length > 0 &&
    (!bias || (bias.dataType === DataType.FLOAT && dimsOf(bias).at(-1) === layer.outputs)) &&
    intAttribute(node, 'transA', 0) === 0
  );
}

/** Follows the channels of one layer to the next layer. */
class Walk {
  private readonly added: { node: Node; index: number }[] = [];
  private readonly clips: Node[] = [];
  private tensor: string;
  /** Undefined behind a MatMul: its channels are on the last axis, whichever that is. Otherwise they are on axis 1. */
  private rank: number | undefined;
  /** Whether each channel has become a run of features. */
  private spread = false;

  constructor(
    private readonly first: Layer,
    private readonly layers: ReadonlyMap<Node, Layer>,
    private readonly links: Links,
    private readonly options: PairOptions,
  ) {
    this.tensor = first.node.output[0]!;
    this.rank =
      first.node.opType === 'MatMul' ? undefined : first.node.opType === 'Gemm' ? 2 : first.tensor.dims.length;
  }

  /** The pair, or why there is none. */
  run(): Pair | string {
    for (;;) {
      if (this.links.outputs.has(this.tensor)) return 'its result is an output of the model';
      if (this.links.captured.has(this.tensor)) return 'a sub-graph reads its result';
      const readers = this.links.consumers.get(this.tensor) ?? [];
      const reader = readers[0];
      if (readers.length !== 1 || !reader) return `its result is read ${readers.length} times`;
      const second = this.layers.get(reader.node);
      if (second) return this.meets(second, reader.index) ?? `its channels do not meet those of ${second.node.opType}`;
      if (!this.follow(reader.node, reader.index)) return `${reader.node.opType} follows it`;
      this.tensor = reader.node.output[0]!;
    }
  }

  private meets(second: Layer, index: number): Pair | undefined {
    const { first, rank, tensor, added, clips } = this;
    const channels = first.outputs;
    const inputs = second.node.opType === 'Conv' ? dimsOf(second.tensor)[1]! * groupsOf(second.node) : second.columns;
    const fits =
      second.node.opType === 'Conv'
        ? rank === second.tensor.dims.length && inputs === channels
        : (rank === undefined || rank === 2) && (this.spread ? inputs % channels === 0 : inputs === channels);
    return index === 0 && fits ? { first, second, tensor, countable: rank !== undefined, added, clips } : undefined;
  }

  /** Whether scaled channels come out of a node as scaled channels. */
  private follow(node: Node, index: number): boolean {
    const { opType } = node;
    if (!isStandard(node)) return false;
    if (opType === 'Add' || opType === 'Sub') return this.addition(node, index);
    if (opType === 'Mul' || (opType === 'Div' && index === 0))
      return this.aligned(node.input[1 - index]!) !== undefined;
    if (index !== 0) return false;
    if (homogeneous.has(opType)) return true;
    if (opType === 'Clip') return this.clip(node);
    const { rank } = this;
    // Behind a MatMul of unknown rank nothing that counts axes can be followed.
    if (rank === undefined) return false;
    if (pools.has(opType)) return rank > 2;
    if (opType === 'Flatten') return (intAttribute(node, 'axis', 1) + rank) % rank === 1 && this.flatten();
    if (opType === 'Reshape') return this.reshape(node);
    if (opType === 'Squeeze') return this.drop(this.axes(node), { keep: false });
    if (reductions.has(opType)) return this.drop(this.axes(node), { keep: intAttribute(node, 'keepdims', 1) !== 0 });
    if (opType === 'Slice') return this.slice(node);
    return opType === 'Pad' && this.pad(node);
  }

  private addition(node: Node, index: number): boolean {
    const other = 1 - index;
    const values = this.aligned(node.input[other]!);
    if (values !== this.first.outputs || this.spread) return false;
    this.added.push({ node, index: other });
    return true;
  }

  /** How many values a constant holds along the channels; undefined where it is computed or would add axes or channels. */
  private aligned(name: string): number | undefined {
    const tensor = this.links.constants.get(name);
    if (!tensor || tensor.dataType !== DataType.FLOAT) return undefined;
    const dims = dimsOf(tensor);
    const size = dims.reduce((p, d) => p * d, 1);
    if (size === 1 && dims.length <= (this.rank ?? 1)) return 1;
    if (this.spread || dims.length > (this.rank ?? Number.POSITIVE_INFINITY)) return undefined;
    const axis = this.rank === undefined ? dims.length - 1 : dims.length - (this.rank - 1);
    return dims[axis] === size && size === this.first.outputs ? size : undefined;
  }

  private clip(node: Node): boolean {
    if (this.options.released.has(node)) return true;
    const bounds = clipBounds(node, this.links);
    if (!bounds || (bounds.low !== 0 && bounds.low !== undefined)) return false;
    if (bounds.high === undefined) return true;
    if (bounds.low !== 0 || !(bounds.high > 0)) return false;
    this.clips.push(node);
    return true;
  }

  private flatten(): boolean {
    this.spread ||= this.rank! > 2;
    this.rank = 2;
    return true;
  }

  private reshape(node: Node): boolean {
    const constant = this.links.constants.get(node.input[1] ?? '');
    const target = constant && intsOf(constant);
    if (target?.length !== 2) return false;
    // A zero copies the number of items, so that the second axis holds all of one item.
    if (target[0] === 0n && intAttribute(node, 'allowzero', 0) === 0) return this.flatten();
    const [from, to] = [this.options.shapes.get(node.input[0]!), this.options.shapes.get(node.output[0]!)];
    return from !== undefined && to !== undefined && from[0] === to[0] && this.flatten();
  }

  /** Axes of a node, from its attribute or an input. */
  private axes(node: Node, input = 1): number[] | undefined {
    const constant = this.links.constants.get(node.input[input] ?? '');
    const axes = constant ? intsOf(constant).map(Number) : intsAttribute(node, 'axes');
    return axes?.map((axis) => (axis < 0 ? axis + this.rank! : axis));
  }

  /** Axes behind the channels go. */
  private drop(axes: readonly number[] | undefined, { keep }: { keep: boolean }): boolean {
    if (!axes || axes.length === 0 || axes.some((axis) => axis < 2)) return false;
    if (!keep) this.rank = this.rank! - axes.length;
    return true;
  }

  /** Positions are cut out of every channel. */
  private slice(node: Node): boolean {
    return this.axes(node, 3)?.every((axis) => axis >= 2) ?? false;
  }

  private pad(node: Node): boolean {
    const constant = this.links.constants.get(node.input[1] ?? '');
    const pads = constant ? intsOf(constant).map(Number) : intsAttribute(node, 'pads');
    const value = this.links.constants.get(node.input[2] ?? '');
    const zero = value ? floatsOf(value)?.[0] === 0 : !node.input[2] && floatAttribute(node, 'value', 0) === 0;
    if (!pads || pads.length !== 2 * this.rank! || node.input[3] || !zero) return false;
    return [0, 1, this.rank!, this.rank! + 1].every((i) => pads[i] === 0);
  }
}

export const groupsOf = (node: Node): number => (node.opType === 'Conv' ? intAttribute(node, 'group', 1) : 1);

/** Bounds of a Clip, from attributes (before operator set 11) or constants; `undefined` for none. Undefined: they are computed. */
export function clipBounds(node: Node, links: Links): { low?: number; high?: number } | undefined {
  const bound = (name: string, index: number): number | undefined => {
    const input = node.input[index];
    if (!input) return floatAttribute(node, name, index === 1 ? -noBound : noBound);
    const constant = links.constants.get(input);
    return constant && floatsOf(constant)?.[0];
  };
  const [low, high] = [bound('min', 1), bound('max', 2)];
  if (low === undefined || high === undefined) return undefined;
  return { ...(low > -noBound && { low }), ...(high < noBound && { high }) };
}
