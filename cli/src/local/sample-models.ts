import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LabError, Model } from '@hilltop/contracts';
import type { LabClient } from '../lab/client.js';
import { pushModel } from '../lab/push-model.js';
import { hashFile } from '../lab/upload.js';
import { entryPoints } from './entry-points.js';

export const sampleNames = ['fashion-resnet', 'fashion-resnet-micro'] as const;
export type SampleName = (typeof sampleNames)[number];

/** A sample model in a lab: pushed with its labelled data the first time, found by its bytes later. */
export async function sampleModel(client: LabClient, name: SampleName): Promise<Model> {
  const file = join(entryPoints.sampleModels, `${name}.onnx`);
  if (!existsSync(file))
    throw new LabError('blob.missing', `the sample model ${file} is not there: the clone is incomplete`, { file });
  const sha256 = await hashFile(file);
  const models = await client.list<Model>('/api/v1/models', Model);
  const known = models.find((model) => model.sha256 === sha256);
  if (known) return known;
  const data = (use: string): string => join(entryPoints.sampleData, `fashion-${use}.npz`);
  return pushModel(client, {
    file,
    // Somebody's own model may have the name already.
    name: models.some((model) => model.name === name) ? `${name}-sample` : name,
    evaluation: data('evaluation'),
    validation: data('validation'),
    calibration: data('calibration'),
    metric: 'accuracy',
  });
}
