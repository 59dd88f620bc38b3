import { readFile } from 'node:fs/promises';
import { dequantizeOutput, errorText, LabError, type PlanFacts, quantizeInput, readPlan } from '@hilltop/contracts';
import { type BoardInfo, fitCheck, type LoadedPlan } from '@hilltop/firmware-bridge';
import { readItem } from './board-items.js';
import { runFailure } from './outcome.js';
import type { Subject } from './runtime.js';
import { elementCount, fillRandom } from './tensors.js';

/** A subject as a board takes it. */
export interface Prepared {
  readonly plan: PlanFacts;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** What is inferred in the loops: the first labelled item, or random values. */
  readonly input: Uint8Array;
  readonly inputOf: (floats: ArrayLike<number>) => Uint8Array;
  /** The output in the order of the model. */
  readonly outputOf: (bytes: Uint8Array) => Float32Array;
  layersTold: boolean;
}

/** Reads the plan and makes its first input. Throws with cause `user` for what no board can run. */
export async function prepare(subject: Subject): Promise<Prepared> {
  const bytes = await readFile(subject.artifact.path);
  const plan = readable(bytes);
  const [input, ...more] = plan.inputs;
  const [output] = plan.outputs;
  if (more.length > 0 || subject.inputs.length !== 1)
    throw runFailure('plan.unsupported', 'user', `the plan has ${plan.inputs.length} inputs; a board takes one`);
  const elements = elementCount(input!.dims);
  const wanted = elementCount(subject.inputs[0]!.dims.map(Number));
  if (elements !== wanted)
    throw runFailure(
      'variant.interface-mismatch',
      'user',
      `the plan takes [${input!.dims}], the model [${subject.inputs[0]!.dims}]`,
    );
  const inputOf = (floats: ArrayLike<number>): Uint8Array => quantizeInput(input!, floats);
  const floats = new Float32Array(elements);
  if (subject.data) await readItem(subject.data, 0, floats);
  else fillRandom(floats, 'float32', 1);
  return {
    plan,
    bytes,
    sha256: subject.artifact.sha256,
    input: inputOf(floats),
    inputOf,
    outputOf: (raw) => dequantizeOutput(output!, raw),
    layersTold: false,
  };
}

function readable(bytes: Uint8Array): PlanFacts {
  try {
    return readPlan(bytes);
  } catch (error) {
    throw runFailure('artifact.corrupt', 'user', errorText(error));
  }
}

/** Throws `plan.too-large` with the numbers. */
export function checkFits(info: Pick<BoardInfo, 'ramBytes' | 'board'>, plan: PlanFacts): void {
  const { fits, needBytes, haveBytes } = fitCheck(info, { planBytes: plan.bytes, arenaBytes: plan.arenaBytes });
  if (!fits)
    throw runFailure(
      'plan.too-large',
      'user',
      `the plan needs ${needBytes} bytes of memory (${plan.bytes} for itself, ${plan.arenaBytes} for its arena), ${info.board} has ${haveBytes}; choose a smaller variant or a larger board`,
    );
}

/** What the board says it loaded against what was sent. Throws `device.protocol`. */
export function checkAgrees(plan: PlanFacts, loaded: LoadedPlan): void {
  const pairs: Array<[string, number, number]> = [
    ['plan', loaded.planBytes, plan.bytes],
    ['input', loaded.inputBytes, plan.inputs[0]!.bytes],
    ['output', loaded.outputBytes, plan.outputs[0]!.bytes],
    ['list of operators', loaded.layers, plan.ops.length],
  ];
  const wrong = pairs.find(([, said, is]) => said !== is);
  if (wrong)
    throw new LabError(
      'device.protocol',
      `the board says its ${wrong[0]} has ${wrong[1]} bytes or entries, it has ${wrong[2]}`,
      { cause: 'device' },
    );
  // A firmware may need more than the plan's layout, never less: the figure goes to the frontier.
  if (loaded.arenaBytes < plan.arenaBytes)
    throw new LabError(
      'device.protocol',
      `the board says its arena has ${loaded.arenaBytes} bytes, the plan's layout takes ${plan.arenaBytes}`,
      { cause: 'device' },
    );
}
