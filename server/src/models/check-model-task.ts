import { readFile } from 'node:fs/promises';
import { checkModel, checkPackFitsModel, createHost, readNpz } from '@hilltop/compression';
import { encodeTensorPack, type ModelCreate, packItems, type TensorInfo, type TensorPack } from '@hilltop/contracts';
import type { Task } from '../links/worker-pool.js';
import { concreteInputs } from './concrete-shapes.js';

export const setNames = ['evaluation', 'validation', 'calibration'] as const;
export type SetName = (typeof setNames)[number];

export interface CheckModelInput {
  /** Files, so that no more of them are in memory than are being checked. */
  readonly modelFile: string;
  /** The .npz files. */
  readonly setFiles: Partial<Record<SetName, string>>;
  readonly shapes?: ModelCreate['shapes'];
}

export interface CheckedSet {
  /** Encoded tensor pack. */
  readonly pack: Uint8Array;
  readonly items: number;
  readonly classes?: number;
  readonly labelled: boolean;
}

export interface CheckedModel {
  readonly opset: number;
  /** Concrete, batch 1. */
  readonly inputs: TensorInfo[];
  readonly outputs: TensorInfo[];
  readonly parameters: number;
  readonly sets: Partial<Record<SetName, CheckedSet>>;
}

export const checkModelTask: Task<CheckModelInput, CheckedModel> = { name: 'check-model' };

/** One inference in the capped child must end within these, or the model is refused. */
const limits = { dataBytesLimit: 1024 ** 3, cpuSecondsLimit: 20, wallMs: 60_000 } as const;

/**
 * Everything that is asked of an upload before it becomes a model: its wire format, its data, and one inference in a
 * capped child process. Throws the codes of `checkModel`, `readNpz`, `checkPackFitsModel`, Host, and `model.shape-unknown`.
 */
export async function checkModelWork(input: CheckModelInput): Promise<CheckedModel> {
  const model = new Uint8Array(await readFile(input.modelFile));
  const facts = checkModel(model);
  const packs: Partial<Record<SetName, TensorPack>> = {};
  for (const name of setNames) {
    const file = input.setFiles[name];
    if (file === undefined) continue;
    const pack = await readNpz(new Uint8Array(await readFile(file)));
    checkPackFitsModel(pack, facts);
    packs[name] = pack;
  }
  const sample = packs.evaluation ?? packs.validation ?? packs.calibration;
  const inputs = concreteInputs(facts.inputs, input.shapes, sample);
  const host = createHost(limits);
  try {
    const dims = Object.fromEntries(inputs.map((i) => [i.name, i.dims.map(Number)]));
    const feed = sample ? { pack: packItems(sample, 0, 1) } : { dims };
    const names = facts.outputs.map((output) => output.name);
    const seen = new Map((await host.shapes(model, names, feed)).map((s) => [s.tensor, s]));
    const outputs = facts.outputs.map((o) => ({
      name: o.name,
      type: seen.get(o.name)?.type ?? o.type,
      dims: [...(seen.get(o.name)?.dims ?? o.dims)],
    }));
    for (const pack of Object.values(packs)) checkPackFitsModel(pack, { inputs: facts.inputs, outputs });
    return {
      opset: facts.opsets.find((o) => o.domain === '' || o.domain === 'ai.onnx')?.version ?? 0,
      inputs,
      outputs,
      parameters: facts.parameters,
      sets: Object.fromEntries(Object.entries(packs).map(([name, pack]) => [name, checkedSet(pack)])),
    };
  } finally {
    await host.close();
  }
}

function checkedSet(pack: TensorPack): CheckedSet {
  return {
    pack: encodeTensorPack(pack),
    items: pack.items,
    labelled: pack.labels !== undefined,
    ...(pack.classes !== undefined && { classes: pack.classes }),
  };
}
