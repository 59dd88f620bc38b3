import type { concatInputRecord, PlanOpKind, PlanParams, PlanTensorType, RecordValues } from '@hilltop/contracts';
import type { Node } from '../node.js';
import { sizeOf } from '../sizes.js';
import { memoryShape, type View } from './view.js';

/** (q - zero) x scale; `zero` is that of int8, also where the model's integers are uint8. */
export interface Affine {
  readonly scale: number;
  readonly zero: number;
}

/** Memory that holds the values of one tensor; several views may look at it. */
export interface Storage {
  readonly name: string;
  readonly bytes: number;
  readonly type: PlanTensorType;
  /** Of an int8 tensor. */
  readonly affine?: Affine;
  /** Of a constant. */
  readonly data?: Uint8Array;
}

/** A storage under a shape of four, in memory order. */
export interface Operand {
  readonly storage: Storage;
  readonly shape: readonly number[];
  readonly rank: number;
  readonly layout: 'rows' | 'channels-last';
  readonly affine?: Affine;
}

export type DraftParams<K extends PlanOpKind> = Omit<PlanParams<K>, 'scales_at' | 'scale_count' | 'reserved'>;

export interface DraftOp<K extends PlanOpKind = PlanOpKind> {
  readonly kind: K;
  readonly inputs: readonly Operand[];
  readonly output: Operand;
  /** Without the places the writer finds. */
  readonly params: DraftParams<K>;
  /** Of a concat. */
  readonly pieces?: readonly RecordValues<typeof concatInputRecord>[];
  /** Of an average pool: a multiplier and a shift for each. */
  readonly scales?: Int32Array;
  /** Bytes of the arena the kernel needs for itself. */
  readonly scratch: number;
  readonly macs: number;
  /** Inputs the kernel may write its output over. */
  readonly inPlace: readonly number[];
  readonly node: Node | undefined;
}

/** What the compiler collects before memory is planned and bytes are written. */
export interface Draft {
  readonly ops: DraftOp[];
  readonly inputs: Operand[];
  readonly outputs: Operand[];
}

const elementBytes = { int8: 1, int32: 4, float32: 4 } as const satisfies Record<PlanTensorType, number>;

export function storageOf(name: string, type: PlanTensorType, dims: readonly number[], affine?: Affine): Storage {
  return { name, type, bytes: sizeOf(dims) * elementBytes[type], ...(affine && { affine }) };
}

/** A constant with its own shape, in memory order. */
export function constantOperand(
  name: string,
  data: Int8Array | Int32Array,
  shape: readonly number[],
  affine?: Affine,
): Operand {
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  const type = data instanceof Int8Array ? 'int8' : 'int32';
  return {
    storage: { name, type, bytes: bytes.length, data: bytes, ...(affine && { affine }) },
    shape: [...new Array<number>(4 - shape.length).fill(1), ...shape],
    rank: shape.length,
    layout: 'rows',
    ...(affine && { affine }),
  };
}

/** How an operator sees a view whose values lie in its order. */
export function operandOf({ storage, dims, order }: View): Operand {
  return {
    storage,
    shape: memoryShape(dims, order),
    rank: dims.length,
    layout: dims.length > 2 && order[order.length - 1] === 1 ? 'channels-last' : 'rows',
    ...(storage.affine && { affine: storage.affine }),
  };
}
