import { itemsAsFloat32, LabError, type TensorPack, type TensorPackInput } from '@hilltop/contracts';
import type { TensorFacts } from './check-model.js';
import { toFloat16 } from './float16.js';
import { sizeOf } from './sizes.js';

/** How the items of a pack go into a model. */
export interface FeedPlan {
  /** Items per run. */
  readonly batch: number;
  readonly inputs: readonly {
    readonly name: string;
    readonly type: string;
    /** Whether the first axis is the item axis; otherwise one item has the input's whole shape and runs go one by one. */
    readonly batched: boolean;
  }[];
}

/** One tensor to be fed: what an ONNX Runtime tensor is made of. */
export interface FeedTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array | Uint8Array | Int8Array | Int32Array | BigInt64Array | Uint16Array;
}

const shown = (dims: readonly (number | string)[]): string => `[${dims.map((d) => (d === '' ? '?' : d)).join(', ')}]`;

const feedTypes = new Set(['float32', 'float16', 'float64', 'uint8', 'int8', 'int32', 'int64', 'bool']);

/**
 * Pairs a pack's inputs with the model's, in order. The first axis of an input is the item axis when its rank is one more
 * than an item's; with equal rank an item is the whole input (recurrent state, scalars). Throws `data.shape-mismatch`, `data.dtype`.
 */
export function planFeed(pack: TensorPack, inputs: readonly TensorFacts[], maxBatch = 32): FeedPlan {
  if (pack.inputs.length !== inputs.length) {
    throw new LabError(
      'data.shape-mismatch',
      `the model takes ${inputs.length} inputs (${inputs.map((i) => i.name).join(', ')}), the data has ${pack.inputs.length}`,
      {
        model: inputs.length,
        data: pack.inputs.length,
      },
    );
  }
  let batch = maxBatch;
  const planned = inputs.map((input, i) => {
    const item = pack.inputs[i]!.dims;
    if (!feedTypes.has(input.type)) {
      throw new LabError(
        'data.dtype',
        `input ${input.name} is of type ${input.type}, which cannot be fed from .npz data`,
        { input: input.name, type: input.type },
      );
    }
    const batched = input.dims.length === item.length + 1;
    const want = batched ? input.dims.slice(1) : input.dims;
    const fits = want.length === item.length && want.every((d, axis) => typeof d === 'string' || d === item[axis]);
    if (!fits) {
      throw new LabError(
        'data.shape-mismatch',
        `input ${input.name} of the model is ${shown(input.dims)}; the data's items are ${shown(item)}: reshape them so that the axes behind the first agree`,
        { input: input.name, model: input.dims, item },
      );
    }
    const first = input.dims[0];
    if (!batched) batch = 1;
    else if (typeof first === 'number') {
      if (first > pack.items) {
        throw new LabError(
          'data.shape-mismatch',
          `input ${input.name} takes ${first} items at once, the data has ${pack.items}`,
          { input: input.name, model: input.dims, items: pack.items },
        );
      }
      batch = Math.min(batch, first);
    }
    return { name: input.name, type: input.type, batched };
  });
  for (const [i, input] of inputs.entries()) {
    const first = input.dims[0];
    if (planned[i]!.batched && typeof first === 'number' && first !== batch) {
      throw new LabError('data.shape-mismatch', `the model's inputs take different numbers of items at once`, {
        input: input.name,
      });
    }
  }
  return { batch, inputs: planned };
}

/** Items `[from, to)` as tensors by input name: cast to the model's type, then scaled. */
export function feedItems(pack: TensorPack, plan: FeedPlan, from: number, to: number): Record<string, FeedTensor> {
  const feeds: Record<string, FeedTensor> = {};
  for (const [i, { name, type, batched }] of plan.inputs.entries()) {
    const input = pack.inputs[i]!;
    const dims = batched ? [to - from, ...input.dims] : [...input.dims];
    feeds[name] = { type, dims, data: castItems(input, type, from, to) };
  }
  return feeds;
}

function castItems(input: TensorPackInput, type: string, from: number, to: number): FeedTensor['data'] {
  if (type === 'int64' && input.type === 'int64' && input.scale === 1 && input.offset === 0) {
    // Not through floats: 64-bit tokens may be larger than 2^53.
    const size = sizeOf(input.dims);
    const view = new DataView(input.data.buffer, input.data.byteOffset + from * size * 8, (to - from) * size * 8);
    return BigInt64Array.from({ length: (to - from) * size }, (_, k) => view.getBigInt64(k * 8, true));
  }
  const values = itemsAsFloat32(input, from, to);
  switch (type) {
    case 'float32':
      return values;
    case 'float16':
      return Uint16Array.from(values, toFloat16);
    case 'float64':
      return Float64Array.from(values);
    case 'int64':
      return BigInt64Array.from(values, (v) => BigInt(Math.round(v)));
    case 'int32':
      return Int32Array.from(values);
    case 'int8':
      return Int8Array.from(values);
    default:
      return Uint8Array.from(values);
  }
}
