import { type FileHandle, open } from 'node:fs/promises';
import type { TensorInfo } from '@hilltop/contracts';
import { runFailure } from './outcome.js';
import type { Subject } from './runtime.js';
import { castItem, elementCount, fillRandom, newTensorData, storedElementBytes, type TensorData } from './tensors.js';

/** A model's inputs as plain arrays, filled from the labelled data, or with seeded random values where there is none. */
export class ItemTensors {
  readonly buffers: readonly TensorData[];

  /** Throws `run.model-rejected` for an input of a type that cannot be fed. */
  constructor(private readonly subject: Pick<Subject, 'inputs' | 'data'>) {
    this.buffers = subject.inputs.map((input, i) => {
      const data = newTensorData(input.type, elementCount(input.dims.map(Number)));
      if (!data)
        throw runFailure(
          'run.model-rejected',
          'user',
          `input ${input.name} is of type ${input.type}, which cannot be fed`,
        );
      fillRandom(data, input.type, i + 1);
      return data;
    });
  }

  /** Puts an item of the labelled data into the buffers; resolves with its label, where there is one. */
  async feed(item: number): Promise<number | undefined> {
    const { path, layout } = this.subject.data!;
    const file = await open(path, 'r');
    try {
      for (const [i, stored] of layout.inputs.entries()) {
        const size = stored.elements * storedElementBytes(stored.type);
        castItem(
          await exactly(file, stored.at + item * size, size),
          stored,
          this.subject.inputs[i]!.type,
          this.buffers[i]!,
        );
      }
      const { labelsAt } = layout;
      return labelsAt === undefined
        ? undefined
        : Number((await exactly(file, labelsAt + item * 8, 8)).readBigInt64LE(0));
    } finally {
      await file.close();
    }
  }
}

async function exactly(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  if (bytesRead !== length)
    throw runFailure('data.shape-mismatch', 'infrastructure', 'the labelled data ends too early');
  return bytes;
}

/** A tensor's bytes, little-endian as every host here is. */
export const bytesOf = (data: TensorData): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** Largest tensor of an unknown shape, bytes. */
const unknownShapeLimit = 64 * 2 ** 20;

/** A whole file as a tensor of the lab's interface, looked at before it is read. Throws `run.output-invalid` where it is not of that size. */
export async function readTensor(file: FileHandle, { name, type, dims }: TensorInfo): Promise<TensorData> {
  const invalid = (what: string) => runFailure('run.output-invalid', 'user', `output ${name} is ${what}`);
  const one = newTensorData(type, 1);
  if (!one) throw invalid(`of type ${type}, which cannot be read`);
  const about = await file.stat();
  const { size } = about;
  if (!about.isFile()) throw invalid('no file');
  const fixed = dims.every((d) => typeof d === 'number');
  if (!fixed && size > unknownShapeLimit) throw invalid(`${size} bytes, more than any that is read`);
  const elements = fixed ? elementCount(dims as number[]) : Math.floor(size / one.byteLength);
  const wanted = elements * one.byteLength;
  if (size !== wanted) throw invalid(`${size} bytes and not ${wanted}, ${type} [${dims}]`);
  const data = newTensorData(type, elements)!;
  new Uint8Array(data.buffer).set(await exactly(file, 0, size));
  return data;
}
