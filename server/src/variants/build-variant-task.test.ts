import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRecipe } from '@hilltop/compression';
import { encodeTensorPack, type TensorPack, type VariantProgress } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BuildVariantInput, buildVariantWork } from './build-variant-task.js';

const modelFile = new URL('../../../examples/models/fashion-resnet-micro.onnx', import.meta.url).pathname;
const pack = (dims: readonly number[], items = 8): TensorPack => {
  const data = new Float32Array(items * dims.reduce((a, b) => a * b, 1)).map((_, i) => Math.sin(i));
  return {
    items,
    inputs: [{ type: 'float32', dims: [...dims], scale: 1, offset: 0, data: new Uint8Array(data.buffer) }],
    labels: Int32Array.from({ length: items }, (_, i) => i % 10),
    classes: 10,
  };
};

describe('building a variant', () => {
  let folder: string;
  let input: BuildVariantInput;
  const none = new AbortController().signal;
  const nothing = (): void => undefined;
  const file = (name: string, set: TensorPack): string => {
    writeFileSync(join(folder, name), encodeTensorPack(set));
    return join(folder, name);
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hilltop-build-'));
    input = {
      modelFile,
      recipe: findRecipe('int8-weights'),
      validationFile: file('validation', pack([1, 28, 28])),
      inputs: [{ name: 'image', type: 'float32', dims: [1, 1, 28, 28] }],
      outputFile: join(folder, 'artifact'),
    };
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('[VAR-4] [VAR-7] writes the artifact, finds its cost, screens it, and tells each step', async () => {
    const told: VariantProgress[] = [];
    const built = await buildVariantWork(input, (value) => told.push(value), none);
    const written = readFileSync(input.outputFile);
    expect(built).toMatchObject({
      sha256: createHash('sha256').update(written).digest('hex'),
      metrics: { size_bytes: { value: written.length }, macs: { unit: '' } },
      screening: { set: 'validation', items: 8, metrics: { accuracy: { n: 8 } } },
    });
    expect([...new Set(told.map(({ step }) => step))]).toEqual([
      ...input.recipe.steps.map((step) => step.pass),
      undefined,
      'screening',
    ]);
    expect(new Set(told.map(({ total }) => total))).toEqual(new Set([input.recipe.steps.length + 1]));
  });

  it('[VAR-4] a screening that fails says why and takes nothing from the variant', async () => {
    const built = await buildVariantWork({ ...input, validationFile: file('odd', pack([3, 5])) }, nothing, none);
    expect(built).toMatchObject({ sha256: expect.any(String), screeningError: expect.any(String) });
    expect([built.screening, built.steps.at(-1)]).toEqual([
      undefined,
      { pass: 'screening', ms: expect.any(Number), notes: [expect.stringMatching(/^not screened: /)] },
    ]);
  });

  it('[VAR-8] of an artifact that is there already only cost and quality are found', async () => {
    rmSync(input.outputFile, { force: true });
    const built = await buildVariantWork({ ...input, artifactFile: modelFile }, nothing, none);
    expect(built).toMatchObject({
      steps: [],
      metrics: { size_bytes: { value: readFileSync(modelFile).length } },
      screening: { metrics: { agreement: { value: 1 } }, comparison: { pValue: 1 } },
    });
    expect([built.sha256, existsSync(input.outputFile)]).toEqual([undefined, false]);
  });

  it('[VAR-6] one that is cancelled ends, also in the middle of screening, and is no failed screening', async () => {
    const cancel = new AbortController();
    const stop = ({ step }: VariantProgress): void => {
      if (step === 'screening') cancel.abort();
    };
    await expect(buildVariantWork(input, stop, cancel.signal)).rejects.toMatchObject({ code: 'run.cancelled' });
  });
});
