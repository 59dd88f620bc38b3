import { checkModel, createHost, type TensorFacts } from '@hilltop/compression';
import { decodeTensorPack, LabError, type Model, packItems, type TensorInfo } from '@hilltop/contracts';
import { readBytes } from '../links/read-bytes.js';
import type { Task } from '../links/worker-pool.js';
import { interfaceDifferences } from './interface-differences.js';

export interface CheckVariantInput {
  readonly file: string;
  /** What it is to take the place of: concrete inputs and outputs. */
  readonly model: Pick<Model, 'name' | 'inputs' | 'outputs'>;
  /** Encoded tensor pack whose first item is fed; without one, zeros are. */
  readonly sampleFile?: string;
}

/** Its own tensor names with the model's concrete shapes. */
export type CheckedVariant = Pick<Model, 'inputs' | 'outputs'>;

export const checkVariantTask: Task<CheckVariantInput, CheckedVariant> = { name: 'check-variant' };

/** One inference in the capped child must end within these, as for a model. */
const limits = { dataBytesLimit: 1024 ** 3, cpuSecondsLimit: 20, wallMs: 60_000 } as const;

/**
 * What is asked of an artifact that was made elsewhere: all that is asked of a model, and the model's inputs and outputs by
 * order, type and shape. Throws the codes of `checkModel` and Host, and `variant.interface-mismatch`.
 */
export async function checkVariantWork(
  { file, model, sampleFile }: CheckVariantInput,
  _progress: (value: never) => void,
  signal: AbortSignal,
): Promise<CheckedVariant> {
  const bytes = await readBytes(file);
  const facts = checkModel(bytes);
  requireSame(model.name, interfaceDifferences('input', model.inputs, facts.inputs));
  // Before it is run: a clear word about what it declares is better than what the runtime says of its feed. No
  // dimensions means a scalar, or an output of which the file says nothing.
  const declared = facts.outputs.map((o, i) => (o.dims.length > 0 ? o : { ...o, dims: model.outputs[i]?.dims ?? [] }));
  requireSame(model.name, interfaceDifferences('output', model.outputs, declared));
  const inputs = model.inputs.map((input, i) => ({ ...input, name: facts.inputs[i]!.name }));
  const host = createHost(limits);
  try {
    const feed = sampleFile
      ? { pack: packItems(decodeTensorPack(await readBytes(sampleFile)), 0, 1) }
      : { dims: Object.fromEntries(inputs.map((input) => [input.name, input.dims.map(Number)])) };
    const names = facts.outputs.map((output) => output.name);
    const seen = new Map((await host.shapes(bytes, names, feed, signal)).map((shape) => [shape.tensor, shape]));
    const outputs = facts.outputs.map((output) => concrete(output, seen.get(output.name)));
    requireSame(model.name, interfaceDifferences('output', model.outputs, outputs));
    // As a device loads it, every optimization on.
    await host.inspect(bytes, signal);
    return { inputs, outputs };
  } finally {
    await host.close();
  }
}

const concrete = (
  { name, type, dims }: TensorFacts,
  seen: { readonly type: string; readonly dims: readonly number[] } | undefined,
): TensorInfo => ({ name, type: seen?.type ?? type, dims: [...(seen?.dims ?? dims)] });

function requireSame(model: string, differences: readonly string[]): void {
  if (differences.length === 0) return;
  throw new LabError(
    'variant.interface-mismatch',
    `it cannot take the place of ${model}: ${differences.join('; ')}. Names may differ, order, types and shapes may not`,
    { differences },
  );
}
