/** Applies one recipe to a file, as `hilltop compress` does; a process of its own, whose memory is looked at from outside. */
import { readFileSync } from 'node:fs';
import { applyRecipe, createHost, resolveRecipe } from '@hilltop/compression';
import type { PassName, PassParameter, TensorPack } from '@hilltop/contracts';
import { answering } from './helper-process.js';

/** One pass, with what it differs from its defaults in. */
export interface PassQuestion {
  readonly pass: PassName;
  readonly parameters?: Readonly<Record<string, PassParameter>>;
  readonly calibration?: { readonly items: number; readonly dims: readonly number[] };
}

export type CompressQuestion =
  /** Loads all code that takes part, with a small model. */
  { readonly warm: string } | (PassQuestion & { readonly file: string });

export interface CompressAnswer {
  readonly bytes: number;
  readonly seconds: number;
  readonly nodesChanged: number;
}

const host = createHost({ dataBytesLimit: 4 * 1024 ** 3 });

/** Random images; the same each time. */
function packOf(items: number, dims: readonly number[]): TensorPack {
  let state = 1;
  const values = Float32Array.from({ length: items * dims.reduce((p, d) => p * d, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24;
  });
  return { items, inputs: [{ type: 'float32', dims, scale: 1, offset: 0, data: new Uint8Array(values.buffer) }] };
}

answering<CompressQuestion, CompressAnswer | undefined>(async (question) => {
  if ('warm' in question) {
    await host.inspect(readFileSync(question.warm));
    return undefined;
  }
  const started = performance.now();
  const { pass, parameters, calibration, file } = question;
  const recipe = resolveRecipe({
    name: 'bench',
    title: pass,
    description: 'One pass alone.',
    steps: [{ pass, ...(parameters && { parameters }) }],
  });
  const { artifact, report } = await applyRecipe({
    model: readFileSync(file),
    recipe,
    host,
    ...(calibration && { calibration: packOf(calibration.items, calibration.dims) }),
  });
  return {
    bytes: artifact.length,
    seconds: (performance.now() - started) / 1000,
    nodesChanged: report.steps.reduce((sum, step) => sum + step.nodesChanged, 0),
  };
});
