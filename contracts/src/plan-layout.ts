/**
 * Records of the plan, the compiled int8 model a microcontroller runs, as firmware-bridge/firmware/core/plan.h lays them out:
 * little-endian, fields in this order, no holes between them.
 */
type Scalar = 'u8' | 'u16' | 'u32' | 'i32' | 'f32';
type Field = Scalar | readonly [Scalar, number];
export type PlanRecord = Readonly<Record<string, Field>>;
/** Values of a record: a number for each field, a list for an array. */
export type RecordValues<R extends PlanRecord> = {
  readonly [K in keyof R]: R[K] extends Scalar ? number : readonly number[];
};

/** 'HTPL' */
export const planMagic = 0x4c505448;
export const planVersion = 1;
/** Constants, and what the compiler puts into the arena, begin at a multiple of it. */
export const planAlignment = 16;
/** Tensor id of an input that is not there. */
export const noTensor = 0xffff;
/** Inputs an operator has room for. */
export const maxPlanInputs = 6;

export const planHeader = {
  magic: 'u32',
  version: 'u16',
  flags: 'u16',
  bytes: 'u32',
  crc32: 'u32',
  arena_bytes: 'u32',
  tensor_count: 'u16',
  op_count: 'u16',
  input_count: 'u8',
  output_count: 'u8',
  reserved: 'u16',
  tensors_at: 'u32',
  ops_at: 'u32',
  io_at: 'u32',
  data_at: 'u32',
  macs_low: 'u32',
  macs_high: 'u32',
  reserved2: ['u32', 3],
} as const satisfies PlanRecord;

export const planTensorRecord = {
  at: 'u32',
  bytes: 'u32',
  place: 'u8',
  type: 'u8',
  rank: 'u8',
  layout: 'u8',
  dims: ['u32', 4],
  scale: 'f32',
  zero_point: 'i32',
} as const satisfies PlanRecord;

export const planOpRecord = {
  kind: 'u8',
  input_count: 'u8',
  output_count: 'u8',
  reserved: 'u8',
  inputs: ['u16', maxPlanInputs],
  output: 'u16',
  reserved2: 'u16',
  params_at: 'u32',
  scratch_at: 'u32',
  scratch_bytes: 'u32',
  macs: 'u32',
} as const satisfies PlanRecord;

const conv = {
  kernel_h: 'u16',
  kernel_w: 'u16',
  stride_h: 'u16',
  stride_w: 'u16',
  dilation_h: 'u16',
  dilation_w: 'u16',
  pad_top: 'u16',
  pad_left: 'u16',
  groups: 'u16',
  reserved: 'u16',
  input_zero: 'i32',
  output_zero: 'i32',
  min: 'i32',
  max: 'i32',
} as const satisfies PlanRecord;

const dense = {
  rows: 'u32',
  inputs: 'u32',
  outputs: 'u32',
  output_zero: 'i32',
  min: 'i32',
  max: 'i32',
} as const satisfies PlanRecord;

const binary = {
  a_zero: 'i32',
  b_zero: 'i32',
  output_zero: 'i32',
  min: 'i32',
  max: 'i32',
  a_multiplier: 'i32',
  b_multiplier: 'i32',
  shift: 'i32',
} as const satisfies PlanRecord;

const pool = {
  kernel_h: 'u16',
  kernel_w: 'u16',
  stride_h: 'u16',
  stride_w: 'u16',
  pad_top: 'u16',
  pad_left: 'u16',
  input_zero: 'i32',
  output_zero: 'i32',
  min: 'i32',
  max: 'i32',
  scales_at: 'u32',
  scale_count: 'u32',
} as const satisfies PlanRecord;

const softmax = { inverse_scale: 'u32', output_zero: 'i32' } as const satisfies PlanRecord;
const transpose = { perm: ['u8', 4] } as const satisfies PlanRecord;
const concat = { axis: 'u32', output_zero: 'i32' } as const satisfies PlanRecord;
const pad = { before: ['u32', 4], value: 'i32' } as const satisfies PlanRecord;

/** Behind the record of a concat, one for each input; a multiplier of 0: copied as it is. */
export const concatInputRecord = { zero: 'i32', multiplier: 'i32', shift: 'i32' } as const satisfies PlanRecord;

/** Rows, and bytes of a row, of packed weights are rounded up to it. */
export const planPack = 4;
export const upToPack = (count: number): number => Math.ceil(count / planPack) * planPack;

/** Operators of a plan: their number, parameters and how many inputs they take. */
export const planOps = {
  conv: { code: 1, params: conv, inputs: [3, 3] },
  depthwise: { code: 2, params: conv, inputs: [3, 3] },
  dense: { code: 3, params: dense, inputs: [3, 3] },
  add: { code: 4, params: binary, inputs: [2, 2] },
  mul: { code: 5, params: binary, inputs: [2, 2] },
  'max-pool': { code: 6, params: pool, inputs: [1, 1] },
  'average-pool': { code: 7, params: pool, inputs: [1, 1] },
  softmax: { code: 8, params: softmax, inputs: [1, 2] },
  table: { code: 9, params: {}, inputs: [2, 2] },
  copy: { code: 10, params: {}, inputs: [1, 1] },
  transpose: { code: 11, params: transpose, inputs: [1, 1] },
  concat: { code: 12, params: concat, inputs: [1, maxPlanInputs] },
  pad: { code: 13, params: pad, inputs: [1, 1] },
  quantize: { code: 14, params: {}, inputs: [1, 1] },
  dequantize: { code: 15, params: {}, inputs: [1, 1] },
} as const satisfies Record<string, { code: number; params: PlanRecord; inputs: readonly [number, number] }>;

export type PlanOpKind = keyof typeof planOps;
export type PlanParams<K extends PlanOpKind> = RecordValues<(typeof planOps)[K]['params']>;

const widths = { u8: 1, u16: 2, u32: 4, i32: 4, f32: 4 } as const satisfies Record<Scalar, number>;

const parts = (field: Field): readonly [Scalar, number] => (typeof field === 'string' ? [field, 1] : field);

/** Bytes of a record. */
export function recordBytes(record: PlanRecord): number {
  return Object.values(record).reduce((sum, field) => sum + widths[parts(field)[0]] * parts(field)[1], 0);
}

/** Reads a record. Throws RangeError where it does not lie inside the view. */
export function readRecord<R extends PlanRecord>(view: DataView, at: number, record: R): RecordValues<R> {
  let offset = at;
  const one = (type: Scalar): number => {
    const here = offset;
    offset += widths[type];
    if (type === 'u8') return view.getUint8(here);
    if (type === 'u16') return view.getUint16(here, true);
    if (type === 'u32') return view.getUint32(here, true);
    return type === 'i32' ? view.getInt32(here, true) : view.getFloat32(here, true);
  };
  const values = Object.entries(record).map(([name, field]) => [
    name,
    typeof field === 'string' ? one(field) : Array.from({ length: field[1] }, () => one(field[0])),
  ]);
  return Object.fromEntries(values);
}

/** Writes a record; a value that its field cannot hold is a RangeError. */
export function writeRecord(
  view: DataView,
  at: number,
  record: PlanRecord,
  values: Readonly<Record<string, number | readonly number[]>>,
): void {
  let offset = at;
  for (const [name, field] of Object.entries(record)) {
    const [type, count] = parts(field);
    const given = values[name];
    if (given === undefined) throw new RangeError(`${name} is not given`);
    for (let i = 0; i < count; i++) {
      const value = typeof given === 'number' ? given : given[i]!;
      write(view, offset, type, value, name);
      offset += widths[type];
    }
  }
}

function write(view: DataView, at: number, type: Scalar, value: number, name: string): void {
  if (type === 'f32') {
    view.setFloat32(at, value, true);
    return;
  }
  const bits = widths[type] * 8;
  const [low, high] = type === 'i32' ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** bits - 1];
  if (!Number.isInteger(value) || value < low || value > high)
    throw new RangeError(`${name} is ${value}: no ${type} of a plan`);
  if (type === 'u8') view.setUint8(at, value);
  else if (type === 'u16') view.setUint16(at, value, true);
  else if (type === 'u32') view.setUint32(at, value, true);
  else view.setInt32(at, value, true);
}
