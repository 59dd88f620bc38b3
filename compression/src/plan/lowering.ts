import type { PlanOpKind } from '@hilltop/contracts';
import type { Links } from '../graph.js';
import type { TensorShape } from '../host-messages.js';
import { type Node, nodeName } from '../node.js';
import { type Affine, type DraftOp, type DraftParams, type Operand, operandOf, storageOf } from './draft.js';
import type { Constant, Flow, Pending, Real } from './flow.js';
import { quantized } from './requantize.js';
import { unsupported } from './unsupported.js';
import { identityOrder, sameOrder, type View } from './view.js';

type Extra<K extends PlanOpKind> = Partial<Pick<DraftOp<K>, 'pieces' | 'scales' | 'scratch' | 'macs' | 'inPlace'>>;

/** What the lowering of one model knows and has made so far. */
export class Lowering {
  readonly ops: DraftOp[] = [];
  /** Graph input -> its tensor, once something quantized it. */
  readonly inputs = new Map<string, Operand>();
  readonly flows = new Map<string, Flow>();
  /** The node at hand, for messages and for the layers' names. */
  node: Node | undefined;

  constructor(
    readonly links: Links,
    readonly shapes: ReadonlyMap<string, TensorShape>,
    readonly opset: number,
  ) {}

  /** Shape of a tensor, batch 1. Throws `plan.unsupported`. */
  dims(name: string): readonly number[] {
    const flow = this.flows.get(name);
    if (flow?.kind === 'constant') return flow.dims;
    const dims = this.shapes.get(name)?.dims;
    if (!dims) throw unsupported(this.node ?? name, `the shape of ${name} is not known`);
    if (dims.length > 4)
      throw unsupported(
        this.node ?? name,
        `${this.node ? name : 'it'} has ${dims.length} axes, kernels take four: export it with four`,
      );
    if (dims.includes(0)) throw unsupported(this.node ?? name, `${name} has no elements`);
    return dims;
  }

  refuse(why: string): never {
    throw unsupported(this.node, why);
  }

  flow(index: number): Flow {
    const name = this.node?.input[index] ?? '';
    const flow = this.flows.get(name);
    if (flow) return flow;
    return this.refuse(name === '' ? `it has no input ${index}` : `its input ${name} comes from nowhere`);
  }

  /** An input that must be the output of a DequantizeLinear, or of what only moves its values. */
  real(index: number): Real {
    const flow = this.flow(index);
    if (flow.kind === 'real' && !flow.map) return flow;
    if (flow.kind === 'constant') return this.refuse(`its input ${this.node?.input[index]} is a constant`);
    return this.refuseFloat(index);
  }

  /** Refuses an input that is float where kernels take integers, by the node that makes it so. */
  refuseFloat(index: number): never {
    const name = this.node?.input[index] ?? '';
    const maker = this.links.producer.get(name);
    const made = maker ? `${nodeName(maker)} (${maker.opType}) makes it` : 'the model takes it';
    return this.refuse(
      `its input ${name} is float, as ${made}: put QuantizeLinear and DequantizeLinear behind it; boards compute on integers only`,
    );
  }

  /** A constant input; undefined where the node does not have it. */
  constant(index: number): Constant | undefined {
    if (!this.node?.input[index]) return undefined;
    const flow = this.flow(index);
    return flow.kind === 'constant'
      ? flow
      : this.refuse(
          `its input ${this.node.input[index]} is computed at run time: make it a constant (pass optimize folds what is one)`,
        );
  }

  /** Integers of a constant input, such as axes or pads. */
  integers(index: number): number[] | undefined {
    const flow = this.constant(index);
    return flow && Array.from(flow.values);
  }

  emit<K extends PlanOpKind>(
    kind: K,
    inputs: readonly Operand[],
    output: Operand,
    params: DraftParams<K>,
    extra: Extra<K> = {},
  ): void {
    this.ops.push({
      scratch: 0,
      macs: 0,
      inPlace: [],
      ...extra,
      kind,
      inputs,
      output,
      params,
      node: this.node,
    } as DraftOp);
  }

  /** A new int8 tensor whose axes lie in memory in `order`. */
  made(dims: readonly number[], order: readonly number[], affine: Affine): View {
    return { storage: storageOf(this.name(), 'int8', dims, affine), dims, order };
  }

  private names = 0;
  name(): string {
    return `t${this.names++}`;
  }

  /** The view with an order of axes of its own; one that is shuffled is transposed first. */
  settled(view: View): View {
    if (!view.shuffled) return view;
    const rows = this.arranged(view.shuffled, identityOrder(view.shuffled.dims.length));
    return { storage: rows.storage, dims: view.dims, order: identityOrder(view.dims.length) };
  }

  /** The view with its axes in the given order: as it is where it lies so, else through a transpose. */
  arranged(given: View, order: readonly number[]): View {
    const view = this.settled(given);
    if (sameOrder(view.dims, view.order, order)) return { ...view, order };
    const made: View = {
      storage: { ...view.storage, name: this.name() },
      dims: view.dims,
      order,
    };
    const front = 4 - order.length;
    const perm = [...identityOrder(front), ...order.map((axis) => front + view.order.indexOf(axis))];
    this.emit('transpose', [operandOf(view)], operandOf(made), { perm });
    return made;
  }

  operand(view: View, order: readonly number[]): Operand {
    return operandOf(this.arranged(view, order));
  }

  /** The int8 function of each value. What is shuffled stays so. */
  table(view: View, of: (q: number) => number, affine: Affine): View {
    const source = view.shuffled ?? view;
    const values = Int8Array.from({ length: 256 }, (_, i) => of(i < 128 ? i : i - 256));
    const made: View = { ...source, storage: storageOf(this.name(), 'int8', source.dims, affine) };
    this.emit('table', [operandOf(source), tableOperand(values)], operandOf(made), {}, { inPlace: [0] });
    return view.shuffled ? { ...view, storage: made.storage, shuffled: made } : made;
  }

  /** Clips a finished view to real values. */
  clipped(view: View, affine: Affine, low: number, high: number): View {
    const { min, max } = limits({ affine, low, high });
    if (min === -128 && max === 127) return view;
    return this.table(view, (q) => Math.min(max, Math.max(min, q)), affine);
  }

  /** A result that waits for its rounding, made once for each rounding asked for. */
  pending(
    dims: readonly number[],
    finish: Pending['finish'],
    more: Pick<Pending, 'finishFloat' | 'withBias'> = {},
  ): Pending {
    const node = this.node;
    const done = new Map<string, View>();
    return {
      kind: 'pending',
      node,
      name: node?.output[0] ?? '',
      dims,
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY,
      finish: (rounding) => {
        const key = `${rounding.affine.scale} ${rounding.affine.zero} ${rounding.low} ${rounding.high}`;
        const known = done.get(key);
        if (known) return known;
        const view = this.as(node, () => finish(rounding));
        done.set(key, view);
        return view;
      },
      ...more,
    };
  }

  /** Runs something on behalf of a node: for what is emitted later. */
  as<T>(node: Node | undefined, run: () => T): T {
    const at = this.node;
    this.node = node ?? at;
    const value = run();
    this.node = at;
    return value;
  }
}

/** Clamp of an int8 output for real limits. Rounding is monotone, so that clipping before and after it is the same. */
export function limits(r: { affine: Affine; low: number; high: number }): { min: number; max: number } {
  return { min: quantized(r.low, r.affine), max: quantized(r.high, r.affine) };
}

/** Values for q = 0..127, then -128..-1: the kernel takes the bits of q for an index. */
function tableOperand(values: Int8Array): Operand {
  const data = new Uint8Array(values.buffer as ArrayBuffer);
  return {
    storage: { name: 'table', type: 'int8', bytes: 256, data },
    shape: [1, 1, 1, 256],
    rank: 1,
    layout: 'rows',
  };
}
