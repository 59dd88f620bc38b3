import { LabError, type TensorPack, type TensorPackInput, type TensorType } from '@hilltop/contracts';
import type { ModelFacts } from './check-model.js';
import { planFeed } from './feed.js';
import { type NpyArray, type NpyType, npyNumbers, readNpy } from './npy.js';
import { readZip } from './zip.js';

export interface NpzLimits {
  /** Sum of the declared sizes of all arrays. Default 1 GiB. */
  readonly maxBytes?: number;
}

/** Highest label + 1: beyond it a file of labels is a mistake (identifiers, time stamps). */
const maxClasses = 1_000_000;
const maxItems = 10_000_000;
const maxInputs = 16;

/** How an array's elements are stored in the pack. float64 becomes float32; other types are for labels only. */
const stored: Partial<Record<NpyType, TensorType>> = {
  '|b1': 'bool',
  '|u1': 'uint8',
  '|i1': 'int8',
  '<i4': 'int32',
  '<i8': 'int64',
  '<f4': 'float32',
  '<f8': 'float32',
};

/**
 * An untrusted .npz as a tensor pack: `x` (or `x0 x1 ...`), labels `y`, and for all inputs `x_scale`, `x_offset` (for one:
 * `x0_scale`, ...). Throws `data.not-npz`, `data.bomb`, `data.dtype`, `data.shape-mismatch`, `data.label-range`.
 */
export async function readNpz(bytes: Uint8Array, limits: NpzLimits = {}): Promise<TensorPack> {
  const files = await readZip(bytes, {
    maxBytes: limits.maxBytes ?? 1024 ** 3,
    maxEntries: 64,
    names: /^[\w-]+\.npy$/,
  });
  const arrays = new Map(
    [...files].map(([file, content]) => {
      const name = file.slice(0, -'.npy'.length);
      return [name, readNpy(content, name)] as const;
    }),
  );
  const names = inputNames(arrays);
  const items = arrays.get(names[0]!)!.dims[0] ?? 0;
  if (items < 1 || items > maxItems)
    throw mismatch(`array ${names[0]} has ${items} items; 1 to ${maxItems} are accepted`);
  const inputs = names.map((name) =>
    packInput(name, arrays.get(name)!, items, {
      scale: scalar(arrays, `${name}_scale`) ?? scalar(arrays, 'x_scale') ?? 1,
      offset: scalar(arrays, `${name}_offset`) ?? scalar(arrays, 'x_offset') ?? 0,
    }),
  );
  const y = arrays.get('y');
  return { items, inputs, ...(y && readLabels(y, items)) };
}

const mismatch = (why: string): LabError => new LabError('data.shape-mismatch', why);

function inputNames(arrays: ReadonlyMap<string, NpyArray>): string[] {
  if (arrays.has('x')) return ['x'];
  const names: string[] = [];
  while (arrays.has(`x${names.length}`)) names.push(`x${names.length}`);
  if (names.length === 0)
    throw new LabError(
      'data.not-npz',
      `it has no array x (or x0, x1, ...); it has ${[...arrays.keys()].join(', ') || 'none'}`,
    );
  if (names.length > maxInputs) throw mismatch(`it has ${names.length} inputs; at most ${maxInputs} are accepted`);
  return names;
}

function packInput(
  name: string,
  array: NpyArray,
  items: number,
  { scale, offset }: { scale: number; offset: number },
): TensorPackInput {
  const type = stored[array.dtype];
  if (!type)
    throw new LabError(
      'data.dtype',
      `array ${name} is of type ${array.dtype}; inputs may be ${Object.keys(stored).join(' ')}: convert it with astype`,
      { array: name, dtype: array.dtype },
    );
  const [first, ...dims] = array.dims;
  if (first !== items) throw mismatch(`array ${name} has ${first ?? 'no'} items, the first array has ${items}`);
  if (dims.length > 8 || dims.some((d) => d < 1))
    throw mismatch(`array ${name}: items of shape (${dims.join(', ')}) are not accepted`);
  const data = array.dtype === '<f8' ? new Uint8Array(Float32Array.from(npyNumbers(array)).buffer) : array.data;
  return { type, dims, scale, offset, data };
}

/** A number given as a 0-d array or one with a single element. */
function scalar(arrays: ReadonlyMap<string, NpyArray>, name: string): number | undefined {
  const array = arrays.get(name);
  if (!array) return undefined;
  const values = npyNumbers(array);
  if (values.length !== 1 || !Number.isFinite(values[0])) throw mismatch(`${name} must be one finite number`);
  return values[0];
}

function readLabels(y: NpyArray, items: number): { labels: Int32Array; classes: number } {
  if (y.dtype.includes('f'))
    throw new LabError('data.dtype', `labels y are of type ${y.dtype}; they must be integers: save y.astype("int64")`, {
      array: 'y',
      dtype: y.dtype,
    });
  const [first, ...rest] = y.dims;
  if (first !== items || rest.some((d) => d !== 1))
    throw mismatch(
      `labels y are of shape (${y.dims.join(', ')}); one class for each of the ${items} items is expected`,
    );
  const values = npyNumbers(y);
  let highest = 0;
  for (const [i, label] of values.entries()) {
    if (label < 0 || label >= maxClasses)
      throw new LabError('data.label-range', `label ${label} of item ${i} is out of range; classes count from 0`, {
        item: i,
        label,
      });
    highest = Math.max(highest, label);
  }
  return { labels: Int32Array.from(values), classes: highest + 1 };
}

/**
 * Checks a pack against a model: number, types and shapes of the inputs, labels against the width of output 0.
 * Throws `data.shape-mismatch`, `data.dtype`, `data.label-range`.
 */
export function checkPackFitsModel(
  pack: TensorPack,
  facts: Pick<ModelFacts, 'inputs'> & Partial<Pick<ModelFacts, 'outputs'>>,
): void {
  planFeed(pack, facts.inputs);
  const classes = facts.outputs?.[0]?.dims.at(-1);
  if (pack.classes !== undefined && typeof classes === 'number' && classes > 1 && pack.classes > classes) {
    throw new LabError(
      'data.label-range',
      `the labels go up to ${pack.classes - 1}, the model tells ${classes} classes apart`,
      { highest: pack.classes - 1, classes },
    );
  }
}
