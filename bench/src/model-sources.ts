import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkModel, type Host, readNpz } from '@hilltop/compression';
import { isLabError, mulberry32, packItems, type TensorPack } from '@hilltop/contracts';
import { example } from '../../test/support/lab.js';

/** A model to compress with what is known of it. */
export interface ModelSource {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly calibration: TensorPack;
  readonly validation: TensorPack;
  /** What is reported: labelled for the project's own models. */
  readonly evaluation: TensorPack;
  /** Where the data comes from, for people. */
  readonly data: string;
}

const pack = async (path: string): Promise<TensorPack> => readNpz(readFileSync(path));

/** The project's own models, with the labelled data they were made for. */
export async function ownModels(): Promise<ModelSource[]> {
  const [calibration, validation, evaluation] = await Promise.all(
    ['calibration', 'validation', 'evaluation'].map((set) => pack(example(`data/fashion-${set}.npz`))),
  );
  return ['fashion-resnet', 'fashion-resnet-micro'].map((name) => ({
    name,
    bytes: readFileSync(example(`models/${name}.onnx`)),
    calibration: calibration!,
    validation: validation!,
    evaluation: evaluation!,
    data: `Fashion-MNIST, ${evaluation!.items} labelled items`,
  }));
}

/**
 * Models of others in `folder`. Data of `<name>.npz` beside a model where it is there (one third each for calibration,
 * validation and reporting), else made up.
 */
export async function foreignModels(folder: string, host: Host): Promise<ModelSource[]> {
  const sources: ModelSource[] = [];
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.onnx'))
    .sort()) {
    const bytes = readFileSync(join(folder, file));
    const beside = join(folder, file.replace(/\.onnx$/, '.npz'));
    const all = existsSync(beside) ? await pack(beside) : await madeUp(bytes, host);
    const third = Math.floor(all.items / 3);
    sources.push({
      name: file.replace(/\.onnx$/, ''),
      bytes,
      calibration: packItems(all, 0, third),
      validation: packItems(all, third, 2 * third),
      evaluation: packItems(all, 2 * third, 3 * third),
      data: existsSync(beside) ? `${third} items of ${file.replace(/\.onnx$/, '.npz')}` : `${third} made-up items`,
    });
  }
  return sources;
}

/** Sizes tried for free axes, of a signal and of anything else; the first with which the model runs is taken. */
const signalSizes = [512, 256, 1024, 64, 1];
const freeSizes = [48, 32, 64, 96, 128, 224, 1];
const madeUpItems = 384;

/** Random items of the shape the model takes, a little like signals and images: nothing it was trained on, but the same for every variant. */
async function madeUp(bytes: Uint8Array, host: Host): Promise<TensorPack> {
  const { inputs, outputs } = checkModel(bytes);
  // What comes out as it went in is a state: it begins with zeros.
  const isState = (dims: readonly (number | string)[], i: number): boolean =>
    i > 0 && dims.length > 0 && outputs.some((output) => output.dims.length === dims.length);
  // Whatever is called as the item axis of the first input is called is one item.
  const itemAxis = inputs[0]?.dims[0];
  let first: unknown;
  for (const size of inputs[0]?.dims.length === 2 ? signalSizes : freeSizes) {
    const made: TensorPack = {
      items: madeUpItems,
      inputs: inputs.map(({ dims, type }, i) => {
        // A free or single first axis is the item axis; a scalar is an item by itself.
        const batched = dims.length > 0 && (typeof dims[0] === 'string' || (dims[0] === 1 && dims.length > 1));
        const item = (batched ? dims.slice(1) : dims).map((d) =>
          typeof d === 'number' ? d : d === itemAxis ? 1 : size,
        );
        if (isState(dims, i)) return zeros(item);
        return type.startsWith('int') ? sameInteger(item) : item.length === 1 ? voices(item[0]!) : smooth(item, i);
      }),
    };
    try {
      const { data } = await host.outputs(bytes, packItems(made, 0, 2));
      if (data.length > 0) return made;
    } catch (error) {
      if (!isLabError(error)) throw error;
      first ??= error;
    }
  }
  throw first;
}

const elements = (dims: readonly number[]): number => dims.reduce((p, d) => p * d, 1);

const floats = (dims: readonly number[], data: Float32Array<ArrayBuffer>): TensorPack['inputs'][number] => ({
  type: 'float32',
  dims,
  scale: 1,
  offset: 0,
  data: new Uint8Array(data.buffer),
});

const zeros = (dims: readonly number[]) => floats(dims, new Float32Array(madeUpItems * elements(dims)));

/** A random walk that is pulled back: neighbours are alike, as in images. */
function smooth(dims: readonly number[], seed: number): TensorPack['inputs'][number] {
  const random = mulberry32(seed + 7);
  const size = elements(dims);
  const data = new Float32Array(madeUpItems * size);
  for (let item = 0; item < madeUpItems; item++) {
    let level = 0;
    const gain = 0.2 + random();
    for (let k = 0; k < size; k++) {
      level = 0.8 * level + gain * (random() - 0.5);
      data[item * size + k] = level;
    }
  }
  return floats(dims, data);
}

/** Harmonics of a pitch between 80 and 300 Hz at 16 kHz, some louder than others, with a little noise: like a vowel. */
function voices(size: number): TensorPack['inputs'][number] {
  const random = mulberry32(11);
  const data = new Float32Array(madeUpItems * size);
  for (let item = 0; item < madeUpItems; item++) {
    const step = (2 * Math.PI * (80 + 220 * random())) / 16_000;
    const gains = Array.from({ length: 20 }, () => (0.3 * random() ** 3) / 2);
    const phases = gains.map(() => 2 * Math.PI * random());
    for (let k = 0; k < size; k++) {
      let value = 0.01 * (random() - 0.5);
      gains.forEach((gain, h) => {
        value += gain * Math.sin((h + 1) * step * k + phases[h]!);
      });
      data[item * size + k] = value;
    }
  }
  return floats([size], data);
}

/** Integers are settings more often than data (a sampling rate): 16,000 for all items. */
function sameInteger(dims: readonly number[]): TensorPack['inputs'][number] {
  const data = new BigInt64Array(madeUpItems * elements(dims)).fill(16_000n);
  return { type: 'int64', dims, scale: 1, offset: 0, data: new Uint8Array(data.buffer) };
}
