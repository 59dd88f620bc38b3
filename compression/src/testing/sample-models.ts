import type { TensorPack } from '@hilltop/contracts';
import { applyRecipe } from '../apply.js';
import type { Host } from '../host.js';
import { readNpz } from '../npz.js';
import { findRecipe } from '../recipes.js';
import { example } from './models.js';

export const sampleModels = ['fashion-resnet', 'fashion-resnet-micro'] as const;
export type SampleModel = (typeof sampleModels)[number];

const pack = async (of: 'calibration' | 'validation' | 'evaluation'): Promise<TensorPack> =>
  await readNpz(example(`data/fashion-${of}.npz`));

/** A sample model as the lab compresses it. Throws the codes of `applyRecipe`. */
export async function sampleVariant(model: SampleModel, recipe: string, host: Host): Promise<Uint8Array> {
  const { artifact } = await applyRecipe({
    model: example(`models/${model}.onnx`),
    recipe: findRecipe(recipe),
    calibration: await pack('calibration'),
    validation: await pack('validation'),
    host,
  });
  return artifact;
}

/** The first `count` items that sample models are measured on. */
export async function sampleItems(count: number): Promise<TensorPack> {
  const all = await pack('evaluation');
  return {
    items: count,
    inputs: all.inputs.map((input) => ({
      ...input,
      data: input.data.subarray(0, (input.data.length / all.items) * count),
    })),
  };
}
