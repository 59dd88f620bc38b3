import { LabError } from './errors.js';
import type { PlanFacts, PlanOp, PlanTensor, PlanTensorType } from './plan-format.js';
import { planPack, upToPack } from './plan-layout.js';

export const corruptPlan = (why: string): LabError =>
  new LabError('artifact.corrupt', `not a plan for microcontrollers: ${why}; make it again from its variant`);

/** What the kernels rely on, operator by operator. Throws `artifact.corrupt`. */
export function checkPlanOps(plan: PlanFacts): void {
  const filled = new Filled();
  const isThere = (id: number): boolean => plan.tensors[id]!.place === 'data' || filled.has(plan.tensors[id]!);
  for (const { tensor } of plan.inputs) filled.add(plan.tensors[tensor]!);
  plan.ops.forEach((op, i) => {
    const lost = op.inputs.find((id) => !isThere(id));
    if (lost !== undefined) throw corruptPlan(`operator ${i} (${op.kind}) reads tensor ${lost}, which is not there`);
    const why = reasonAgainst(op, new Operands(plan, op));
    if (why) throw corruptPlan(`operator ${i} (${op.kind}): ${why}`);
    if (op.scratch.bytes > 0) filled.remove(op.scratch);
    filled.add(plan.tensors[op.output]!);
  });
  for (const { tensor } of plan.outputs)
    if (!isThere(tensor)) throw corruptPlan(`output tensor ${tensor} is not there at the end`);
}

type Span = Pick<PlanTensor, 'at' | 'bytes'>;

/** Stretches of the arena that hold a tensor, whatever its shape: views of one tensor have one place. */
class Filled {
  private readonly bytesAt = new Map<number, number>();

  has({ at, bytes }: Span): boolean {
    return this.bytesAt.get(at) === bytes;
  }

  add({ at, bytes }: Span): void {
    this.remove({ at, bytes });
    this.bytesAt.set(at, bytes);
  }

  remove({ at, bytes }: Span): void {
    for (const [start, size] of this.bytesAt) if (start < at + bytes && at < start + size) this.bytesAt.delete(start);
  }
}

const sizeOf = (dims: readonly number[]): number => dims.reduce((product, d) => product * d, 1);
const isInt8 = (value: number): boolean => value >= -128 && value <= 127;

class Operands {
  readonly tensors: readonly PlanTensor[];
  readonly output: PlanTensor;

  constructor(
    private readonly plan: PlanFacts,
    readonly op: PlanOp,
  ) {
    this.tensors = op.inputs.map((id) => plan.tensors[id]!);
    this.output = plan.tensors[op.output]!;
  }

  get x(): PlanTensor {
    return this.tensors[0]!;
  }

  /** Whether the activations given and the output are int8. */
  get allInt8(): boolean {
    return this.output.type === 'int8' && this.tensors.every((t) => t.place === 'data' || t.type === 'int8');
  }

  /** Whether input `index` is a constant of that type with these dims. */
  constant(index: number, type: PlanTensorType, dims: readonly number[]): boolean {
    const tensor = this.tensors[index]!;
    return tensor.place === 'data' && tensor.type === type && tensor.dims.every((d, i) => d === dims[i]);
  }

  /** Whether `count` values of `width` bytes lie in the constants at an offset. */
  inData(at: number, count: number, width: number): boolean {
    return at % 4 === 0 && at + count * width <= this.plan.bytes - this.plan.dataAt;
  }

  /** Whether the output lies where it may: over an input only where the kernel reads before it writes. */
  get overlaps(): boolean {
    const { output, op } = this;
    const meets = (at: number, bytes: number): boolean => at < output.at + output.bytes && output.at < at + bytes;
    if (op.scratch.bytes > 0 && meets(op.scratch.at, op.scratch.bytes)) return true;
    return this.tensors.some(
      (t) =>
        t.place === 'arena' &&
        meets(t.at, t.bytes) &&
        !(inPlaceKinds.has(op.kind) && t.at === output.at && t.bytes === output.bytes),
    );
  }
}

const inPlaceKinds: ReadonlySet<string> = new Set(['add', 'mul', 'table', 'copy']);
const noMatch = 'its shapes do not go together';
const outOfRange = 'its parameters are out of range';

/** Undefined where the operator is right. */
function reasonAgainst(op: PlanOp, of: Operands): string | undefined {
  const { x, output } = of;
  if (of.overlaps) return 'its output lies on what it reads';
  const sameSize = sizeOf(x.dims) === sizeOf(output.dims);
  switch (op.kind) {
    case 'conv':
    case 'depthwise':
      return convReason(op, of);
    case 'dense':
      return denseReason(op, of);
    case 'add':
    case 'mul': {
      if (!of.allInt8 || of.tensors.some((t) => t.type !== 'int8')) return 'it takes int8 only';
      if (of.tensors.some((t) => t.dims.some((d, i) => d !== output.dims[i] && d !== 1))) return noMatch;
      const { min, max, a_zero, b_zero, output_zero, shift } = op.params;
      if (op.kind === 'add' ? shift < 17 || shift > 46 : !isShift(shift)) return outOfRange;
      return clampReason(min, max, [a_zero, b_zero, output_zero]);
    }
    case 'max-pool':
    case 'average-pool':
      return poolReason(op, of);
    case 'softmax': {
      if (op.inputs.length === 1) {
        if (x.type !== 'float32' || output.type !== 'float32') return 'its table is none';
        if (op.params.inverse_scale !== 0 || op.params.output_zero !== 0) return outOfRange;
        return x.dims.every((d, i) => d === output.dims[i]) ? undefined : noMatch;
      }
      if (!of.allInt8 || !of.constant(1, 'int32', [1, 1, 1, 256])) return 'its table is none';
      if (!x.dims.every((d, i) => d === output.dims[i])) return noMatch;
      const { inverse_scale, output_zero } = op.params;
      return inverse_scale >= 1 && inverse_scale <= 511 && isInt8(output_zero) ? undefined : outOfRange;
    }
    case 'table':
      if (!of.allInt8 || !of.constant(1, 'int8', [1, 1, 1, 256])) return 'its table is none';
      return sameSize ? undefined : noMatch;
    case 'copy':
      return sameSize && x.type === output.type ? undefined : noMatch;
    case 'transpose': {
      const { perm } = op.params;
      if ([...perm].sort().join() !== '0,1,2,3') return outOfRange;
      return x.type === output.type && perm.every((from, i) => output.dims[i] === x.dims[from]) ? undefined : noMatch;
    }
    case 'concat': {
      const { axis, pieces, output_zero } = op.params;
      if (axis > 3 || of.tensors.some((t) => t.type !== 'int8') || output.type !== 'int8') return 'it takes int8 only';
      const along = of.tensors.reduce((sum, t) => sum + t.dims[axis]!, 0);
      if (along !== output.dims[axis]) return noMatch;
      if (of.tensors.some((t) => t.dims.some((d, i) => i !== axis && d !== output.dims[i]))) return noMatch;
      if (pieces.some((piece) => piece.multiplier !== 0 && !isShift(piece.shift))) return outOfRange;
      return clampReason(-128, 127, [output_zero, ...pieces.map((piece) => piece.zero)]);
    }
    case 'pad': {
      const { before, value } = op.params;
      if (!of.allInt8 || !isInt8(value)) return 'it takes int8 only';
      return x.dims.every((d, i) => d + before[i]! <= output.dims[i]!) ? undefined : noMatch;
    }
    case 'quantize':
      return x.type === 'float32' && output.type === 'int8' && sameSize && output.scale > 0 ? undefined : noMatch;
    case 'dequantize':
      return x.type === 'int8' && output.type === 'float32' && sameSize ? undefined : noMatch;
  }
}

const isShift = (shift: number): boolean => shift >= 1 && shift <= 62;

function clampReason(min: number, max: number, zeros: readonly number[]): string | undefined {
  return isInt8(min) && isInt8(max) && min <= max && zeros.every(isInt8) ? undefined : outOfRange;
}

interface Window {
  readonly kernel_h: number;
  readonly kernel_w: number;
  readonly stride_h: number;
  readonly stride_w: number;
  readonly pad_top: number;
  readonly pad_left: number;
  readonly dilation_h?: number;
  readonly dilation_w?: number;
}

/** Every window must meet the input. */
function windowReason(w: Window, x: PlanTensor, output: PlanTensor): string | undefined {
  const axis = (kernel: number, stride: number, dilation: number, before: number, input: number, out: number) => {
    if (kernel < 1 || stride < 1 || dilation < 1) return false;
    return before < (kernel - 1) * dilation + 1 && (out - 1) * stride - before < input;
  };
  const fine =
    axis(w.kernel_h, w.stride_h, w.dilation_h ?? 1, w.pad_top, x.dims[1]!, output.dims[1]!) &&
    axis(w.kernel_w, w.stride_w, w.dilation_w ?? 1, w.pad_left, x.dims[2]!, output.dims[2]!);
  return fine ? undefined : 'its window leaves the input';
}

function poolReason({ kind, params: p }: PlanOp<'max-pool' | 'average-pool'>, of: Operands): string | undefined {
  const { x, output } = of;
  if (!of.allInt8) return 'it takes int8 only';
  if (x.dims[0] !== output.dims[0] || x.dims[3] !== output.dims[3]) return noMatch;
  const counts = kind === 'max-pool' ? [0] : [1, p.kernel_h * p.kernel_w];
  if (!counts.includes(p.scale_count) || !of.inData(p.scales_at, p.scale_count, 8)) return 'its scales lie outside';
  return windowReason(p, x, output) ?? clampReason(p.min, p.max, [p.input_zero, p.output_zero]);
}

function convReason(op: PlanOp<'conv' | 'depthwise'>, of: Operands): string | undefined {
  const { params: p } = op;
  const { x, output } = of;
  if (!of.allInt8) return 'it takes int8 only';
  const [channels, outputs] = [x.dims[3]!, output.dims[3]!];
  if (p.groups < 1 || channels % p.groups !== 0 || outputs % p.groups !== 0) return 'its groups do not go up';
  if (op.kind === 'depthwise' && p.groups !== channels) return 'its groups are not its channels';
  if (x.dims[0] !== 1 || output.dims[0] !== 1) return 'its batch is not 1';
  const row = p.kernel_h * p.kernel_w * (channels / p.groups);
  const dims =
    op.kind === 'depthwise'
      ? [1, p.kernel_h, p.kernel_w, outputs]
      : [1, p.groups, upToPack(outputs / p.groups), upToPack(row)];
  if (!of.constant(1, 'int8', dims) || !of.constant(2, 'int32', [1, 1, outputs, 3]))
    return 'its weights do not go with its shapes';
  if (op.scratch.bytes < (op.kind === 'conv' ? 4 * upToPack(row) : 0)) return 'its scratch is too small';
  return windowReason(p, x, output) ?? clampReason(p.min, p.max, [p.input_zero, p.output_zero]);
}

function denseReason({ params: p, scratch }: PlanOp<'dense'>, of: Operands): string | undefined {
  const { x, output } = of;
  if (x.type !== 'int8' || output.type === 'int32') return 'its types do not go together';
  if (sizeOf(x.dims) !== p.rows * p.inputs || sizeOf(output.dims) !== p.rows * p.outputs) return noMatch;
  if (!of.constant(1, 'int8', [1, 1, upToPack(p.outputs), upToPack(p.inputs)])) return noMatch;
  if (!of.constant(2, 'int32', [1, 1, p.outputs, 3])) return noMatch;
  if (p.rows > 1 && p.inputs % planPack !== 0 && scratch.bytes < upToPack(p.inputs)) return 'its scratch is too small';
  return clampReason(p.min, p.max, [p.output_zero]);
}
