import { type PlanFacts, type PlanOp, type PlanTensor, readPlan, upToPack } from '@hilltop/contracts';
import { joined } from '../encode.js';
import type { PlanRunner } from './plan-agreement.js';

/**
 * Runs a plan by its definition in plan.h, one value after the other, in integers: what the firmware's kernels are compared with, and where
 * there is no C compiler what plans are. Inputs and outputs are the bytes of the plan's own, in its order; `wrote` is given what each operator
 * wrote, in their order.
 */
export function planReference(
  plan: Uint8Array,
): (inputs: readonly Uint8Array[], wrote?: (output: Uint8Array) => void) => Uint8Array[] {
  const facts = readPlan(plan);
  const machine = new Machine(plan, facts);
  return (inputs, wrote) => machine.run(inputs, wrote);
}

/** The same as a runner of plans. */
export const referenceRunner: PlanRunner = {
  run(plan, items) {
    const run = planReference(plan);
    return items.map((inputs) => joined(run(inputs)));
  },
  layers(plan, items) {
    const run = planReference(plan);
    return items.map((inputs) => {
      const written: Uint8Array[] = [];
      run(inputs, (output) => written.push(output));
      return written;
    });
  },
};

// The globals of a test's realm are slow to reach.
const { abs, floor, fround, max, min, round } = Math;

/** round(value x multiplier / 2^shift), ties to even, as exact as integers: doubles where they are far from a tie. */
function scaled(value: number, multiplier: number, shift: number): number {
  const quotient = (value * multiplier) / 2 ** shift;
  const rest = quotient - floor(quotient);
  if (abs(rest - 0.5) > 1e-3) return round(quotient);
  return evenly(BigInt(value) * BigInt(multiplier), shift);
}

function evenly(product: bigint, shift: number): number {
  const down = product >> BigInt(shift);
  const rest = product - (down << BigInt(shift));
  const half = 1n << BigInt(shift - 1);
  const up = rest > half || (rest === half && (down & 1n) === 1n);
  return Number(down + (up ? 1n : 0n));
}

/** e^x for x <= 0, each step in float32: 2^n times the Taylor series of the rest. */
function exponential(x: number): number {
  if (!(x > -87)) return 0;
  const n = Math.trunc(fround(fround(x * fround(Math.LOG2E)) - 0.5));
  const r = fround(fround(x - fround(n * 0.693145751953125)) - fround(n * fround(1.42860682e-6)));
  let sum = fround(1 / 5040);
  for (const factor of [1 / 720, 1 / 120, 1 / 24, 1 / 6, 0.5, 1, 1]) sum = fround(fround(sum * r) + fround(factor));
  return fround(sum * 2 ** n);
}

const clamp = (value: number, low: number, high: number): number => (value < low ? low : value > high ? high : value);

/** Calls back for each place of a shape of four. */
function each(dims: readonly number[], visit: (n: number, h: number, w: number, c: number, at: number) => void): void {
  const [N, H, W, C] = dims as [number, number, number, number];
  let at = 0;
  for (let n = 0; n < N; n++)
    for (let h = 0; h < H; h++) for (let w = 0; w < W; w++) for (let c = 0; c < C; c++) visit(n, h, w, c, at++);
}

const index = ([, H, W, C]: readonly number[], n: number, h: number, w: number, c: number): number =>
  ((n * H! + h) * W! + w) * C! + c;

class Machine {
  private readonly arena: Uint8Array<ArrayBuffer>;
  private readonly file: Uint8Array<ArrayBuffer>;

  constructor(
    plan: Uint8Array,
    private readonly facts: PlanFacts,
  ) {
    this.arena = new Uint8Array(facts.arenaBytes);
    this.file = new Uint8Array(plan);
  }

  run(inputs: readonly Uint8Array[], wrote?: (output: Uint8Array) => void): Uint8Array[] {
    // Whatever a kernel does not write is noticed.
    this.arena.fill(0x5a);
    this.facts.inputs.forEach((input, i) => {
      this.bytes(this.facts.tensors[input.tensor]!).set(inputs[i]!);
    });
    for (const op of this.facts.ops) {
      // Kernels may use their scratch for anything.
      this.arena.fill(0xa5, op.scratch.at, op.scratch.at + op.scratch.bytes);
      this.step(op);
      wrote?.(this.bytes(this.facts.tensors[op.output]!).slice());
    }
    return this.facts.outputs.map((output) => this.bytes(this.facts.tensors[output.tensor]!).slice());
  }

  private bytes({ place, at, bytes }: PlanTensor): Uint8Array<ArrayBuffer> {
    return (place === 'arena' ? this.arena : this.file).subarray(at, at + bytes);
  }

  private int8(id: number): Int8Array {
    const bytes = this.bytes(this.facts.tensors[id]!);
    return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  private int32(id: number): Int32Array {
    const bytes = this.bytes(this.facts.tensors[id]!);
    return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  }

  private float(id: number): Float32Array {
    const bytes = this.bytes(this.facts.tensors[id]!);
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  }

  private dims(id: number): readonly number[] {
    return this.facts.tensors[id]!.dims;
  }

  private step(op: PlanOp): void {
    switch (op.kind) {
      case 'conv':
      case 'depthwise':
        this.conv(op);
        break;
      case 'dense':
        this.dense(op);
        break;
      case 'add':
      case 'mul':
        this.binary(op);
        break;
      case 'max-pool':
      case 'average-pool':
        this.pool(op);
        break;
      case 'softmax':
        this.softmax(op);
        break;
      case 'table': {
        const table = this.int8(op.inputs[1]!);
        this.int8(op.output).set(this.int8(op.inputs[0]!).map((q) => table[q & 255]!));
        break;
      }
      case 'transpose':
        this.transpose(op);
        break;
      case 'concat':
        this.concat(op);
        break;
      case 'pad': {
        const { before, value } = op.params;
        const [out, to] = [this.int8(op.output).fill(value), this.dims(op.output)];
        const x = this.int8(op.inputs[0]!);
        each(this.dims(op.inputs[0]!), (n, h, w, c, at) => {
          out[index(to, n + before[0]!, h + before[1]!, w + before[2]!, c + before[3]!)] = x[at]!;
        });
        break;
      }
      case 'dequantize': {
        const { scale, zeroPoint } = this.facts.tensors[op.inputs[0]!]!;
        this.float(op.output).set(Float32Array.from(this.int8(op.inputs[0]!), (q) => (q - zeroPoint) * scale));
        break;
      }
      case 'copy':
      case 'quantize':
        throw new Error(`the compiler makes no ${op.kind}`);
    }
  }

  private transpose({ params: { perm }, inputs, output }: PlanOp<'transpose'>): void {
    const from = this.dims(inputs[0]!);
    const isByte = this.facts.tensors[output]!.type === 'int8';
    const [x, out] = isByte ? [this.int8(inputs[0]!), this.int8(output)] : [this.int32(inputs[0]!), this.int32(output)];
    each(this.dims(output), (...place) => {
      const at = [0, 0, 0, 0];
      perm.forEach((axis, i) => {
        at[axis] = place[i]!;
      });
      out[place[4]] = x[index(from, at[0]!, at[1]!, at[2]!, at[3]!)]!;
    });
  }

  private conv(op: PlanOp<'conv' | 'depthwise'>): void {
    const { params: p } = op;
    const [xId, wId, channelsId] = op.inputs as [number, number, number];
    const [x, channels, out] = [this.int8(xId), this.int32(channelsId), this.int8(op.output)];
    const [, H, W, C] = this.dims(xId) as [number, number, number, number];
    const outputs = this.dims(op.output)[3]!;
    const [inputsPer, outputsPer] = [C / p.groups, outputs / p.groups];
    const taps = p.kernel_h * p.kernel_w;
    const rows = op.kind === 'depthwise' ? this.columns(wId, outputs) : this.rows(wId, outputsPer, taps * inputsPer);
    each(this.dims(op.output), (_n, oy, ox, o, at) => {
      const first = ((o / outputsPer) | 0) * inputsPer;
      let k = o * taps * inputsPer;
      let acc = channels[o * 3]!;
      for (let ky = 0; ky < p.kernel_h; ky++)
        for (let kx = 0; kx < p.kernel_w; kx++) {
          const iy = oy * p.stride_h + ky * p.dilation_h - p.pad_top;
          const ix = ox * p.stride_w + kx * p.dilation_w - p.pad_left;
          const inside = iy >= 0 && iy < H && ix >= 0 && ix < W;
          const from = (iy * W + ix) * C + first;
          for (let c = 0; c < inputsPer; c++) acc += (inside ? x[from + c]! : p.input_zero) * rows[k++]!;
        }
      out[at] = clamp(p.output_zero + scaled(acc, channels[o * 3 + 1]!, channels[o * 3 + 2]! & 255), p.min, p.max);
    });
  }

  /** Rows of packed weights one after the other: the words of every four rows are interleaved, in each group. */
  private rows(id: number, perGroup: number, length: number): Int8Array {
    const known = this.unpacked.get(id);
    if (known) return known;
    const [packed, groups, row] = [this.int8(id), this.dims(id)[1]!, upToPack(length)];
    const rows = new Int8Array(groups * perGroup * length);
    let at = 0;
    for (let group = 0; group < groups; group++)
      for (let r = 0; r < perGroup; r++)
        for (let k = 0; k < length; k++) {
          const block = (group * upToPack(perGroup) + r - (r % 4)) * row;
          rows[at++] = packed[block + (k - (k % 4)) * 4 + (r % 4) * 4 + (k % 4)]!;
        }
    this.unpacked.set(id, rows);
    return rows;
  }

  private columns(id: number, outputs: number): Int8Array {
    const known = this.unpacked.get(id);
    if (known) return known;
    const weights = this.int8(id);
    const taps = weights.length / outputs;
    const rows = weights.map((_, i) => weights[(i % taps) * outputs + ((i / taps) | 0)]!);
    this.unpacked.set(id, rows);
    return rows;
  }

  private readonly unpacked = new Map<number, Int8Array>();

  private dense({ params: p, inputs, output }: PlanOp<'dense'>): void {
    const [xId, wId, channelsId] = inputs as [number, number, number];
    const [x, channels] = [this.int8(xId), this.int32(channelsId)];
    const rows = this.rows(wId, p.outputs, p.inputs);
    const factors = new Float32Array(channels.buffer, channels.byteOffset, channels.length);
    const isFloat = this.facts.tensors[output]!.type === 'float32';
    for (let r = 0; r < p.rows; r++)
      for (let o = 0; o < p.outputs; o++) {
        let acc = channels[o * 3]!;
        for (let i = 0; i < p.inputs; i++) acc += x[r * p.inputs + i]! * rows[o * p.inputs + i]!;
        const at = r * p.outputs + o;
        if (isFloat) this.float(output)[at] = fround(acc) * factors[o * 3 + 1]!;
        else {
          const steps = p.output_zero + scaled(acc, channels[o * 3 + 1]!, channels[o * 3 + 2]! & 255);
          this.int8(output)[at] = clamp(steps, p.min, p.max);
        }
      }
  }

  private binary({ kind, params: p, inputs, output }: PlanOp<'add' | 'mul'>): void {
    const [a, b, out] = [this.int8(inputs[0]!).slice(), this.int8(inputs[1]!).slice(), this.int8(output)];
    const [A, B] = [this.dims(inputs[0]!), this.dims(inputs[1]!)];
    const at = (dims: readonly number[], place: readonly number[]): number => {
      const own = place.map((v, i) => (dims[i] === 1 ? 0 : v));
      return index(dims, own[0]!, own[1]!, own[2]!, own[3]!);
    };
    each(this.dims(output), (n, h, w, c, i) => {
      const [x, y] = [a[at(A, [n, h, w, c])]! - p.a_zero, b[at(B, [n, h, w, c])]! - p.b_zero];
      const steps =
        kind === 'mul'
          ? scaled(x * y, p.a_multiplier, p.shift)
          : evenly(BigInt(x) * BigInt(p.a_multiplier) + BigInt(y) * BigInt(p.b_multiplier), p.shift);
      out[i] = clamp(p.output_zero + steps, p.min, p.max);
    });
  }

  private pool({ kind, params: p, inputs, output }: PlanOp<'max-pool' | 'average-pool'>): void {
    const [x, out, dims] = [this.int8(inputs[0]!), this.int8(output), this.dims(inputs[0]!)];
    const data = new DataView(this.file.buffer, this.facts.dataAt + p.scales_at);
    each(this.dims(output), (n, oy, ox, c, at) => {
      let [taps, sum, most] = [0, 0, -128];
      for (let ky = 0; ky < p.kernel_h; ky++)
        for (let kx = 0; kx < p.kernel_w; kx++) {
          const [iy, ix] = [oy * p.stride_h + ky - p.pad_top, ox * p.stride_w + kx - p.pad_left];
          if (iy < 0 || iy >= dims[1]! || ix < 0 || ix >= dims[2]!) continue;
          const value = x[index(dims, n, iy, ix, c)]!;
          taps++;
          sum += value - p.input_zero;
          most = max(most, value);
        }
      if (kind === 'max-pool') out[at] = clamp(most, p.min, p.max);
      else {
        const entry = p.scale_count === 1 ? 0 : (taps - 1) * 8;
        const steps = scaled(sum, data.getInt32(entry, true), data.getInt32(entry + 4, true));
        out[at] = clamp(p.output_zero + steps, p.min, p.max);
      }
    });
  }

  private floatSoftmax(x: Float32Array, out: Float32Array, length: number): void {
    for (let start = 0; start < x.length; start += length) {
      const row = x.subarray(start, start + length);
      const most = row.reduce((m, v) => max(m, v), -Infinity);
      const parts = Array.from(row, (v) => exponential(fround(v - most)));
      const sum = parts.reduce((s, v) => fround(s + v), 0);
      parts.forEach((part, i) => {
        out[start + i] = part / sum;
      });
    }
  }

  private softmax({ params: p, inputs, output }: PlanOp<'softmax'>): void {
    if (inputs.length === 1) {
      this.floatSoftmax(this.float(inputs[0]!), this.float(output), this.dims(output)[3]!);
      return;
    }
    const [x, table, out] = [this.int8(inputs[0]!), this.int32(inputs[1]!), this.int8(output)];
    const length = this.dims(inputs[0]!)[3]!;
    for (let start = 0; start < x.length; start += length) {
      const row = x.subarray(start, start + length);
      const most = row.reduce((m, v) => max(m, v), -128);
      const parts = Array.from(row, (v) => table[most - v]!);
      const sum = parts.reduce((s, v) => s + v, 0);
      parts.forEach((part, i) => {
        const [up, rest] = [floor((part * p.inverse_scale) / sum), (part * p.inverse_scale) % sum];
        const rounded = up + (rest * 2 > sum || (rest * 2 === sum && up % 2 === 1) ? 1 : 0);
        out[start + i] = min(127, p.output_zero + rounded);
      });
    }
  }

  private concat({ params: p, inputs, output }: PlanOp<'concat'>): void {
    const [out, dims] = [this.int8(output), this.dims(output)];
    let front = 0;
    inputs.forEach((id, i) => {
      const { zero, multiplier, shift } = p.pieces[i]!;
      const x = this.int8(id);
      each(this.dims(id), (n, h, w, c, at) => {
        const place = [n, h, w, c];
        place[p.axis]! += front;
        const value = multiplier === 0 ? x[at]! : p.output_zero + scaled(x[at]! - zero, multiplier, shift);
        out[index(dims, place[0]!, place[1]!, place[2]!, place[3]!)] = clamp(value, -128, 127);
      });
      front += this.dims(id)[p.axis]!;
    });
  }
}
