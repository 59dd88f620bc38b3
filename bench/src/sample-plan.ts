import { readFileSync } from 'node:fs';
import { applyRecipe, type CompiledPlan, compilePlan, findRecipe, type Host, readNpz } from '@hilltop/compression';
import { example } from '../../test/support/lab.js';

/** Sample models by the name of their file in examples/models. */
export type SampleModel = 'fashion-resnet' | 'fashion-resnet-micro';

/** A sample model in int8, compiled as the lab does it: by recipe int8-static and with its own calibration items. */
export async function samplePlan(model: SampleModel, host: Host): Promise<CompiledPlan> {
  const bytes = (path: string): Uint8Array => new Uint8Array(readFileSync(example(path)));
  const calibration = await readNpz(bytes('data/fashion-calibration.npz'));
  const recipe = findRecipe('int8-static');
  const { artifact } = await applyRecipe({ model: bytes(`models/${model}.onnx`), recipe, calibration, host });
  return compilePlan(artifact, { host });
}
