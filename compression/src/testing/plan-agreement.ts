import { dequantizeOutput, type PlanFacts, quantizeInput, readPlan, type TensorPack } from '@hilltop/contracts';
import { feedItems, planFeed } from '../feed.js';
import type { Host } from '../host.js';

/** How far the outputs of a plan are from those of ONNX Runtime, in steps of the output's scale. */
export interface Agreement {
  readonly outputs: number;
  /** Values one step apart, and further apart. */
  readonly byOne: number;
  readonly byMore: number;
}

export const noOutputs: Agreement = { outputs: 0, byOne: 0, byMore: 0 };

export const together = (a: Agreement, b: Agreement): Agreement => ({
  outputs: a.outputs + b.outputs,
  byOne: a.byOne + b.byOne,
  byMore: a.byMore + b.byMore,
});

export type RunPlan = (items: readonly (readonly Uint8Array[])[]) => Promise<Uint8Array[]> | Uint8Array[];

/** Bytes of the plan's inputs for each item of a pack of float items. */
export function planItems(facts: PlanFacts, pack: TensorPack): Uint8Array[][] {
  const inputs = facts.inputs.map(({ dims }, i) => ({ name: `${i}`, type: 'float32', dims }));
  const feed = planFeed(pack, inputs);
  return Array.from({ length: pack.items }, (_, item) => {
    const values = feedItems(pack, feed, item, item + 1);
    return facts.inputs.map((input, i) => quantizeInput(input, values[`${i}`]!.data as Float32Array));
  });
}

/**
 * Output 0 of a plan against that of ONNX Runtime. A float output has no scale: a step is 1/255 of the range of all its values, what
 * quantizing it would round to.
 */
export async function agreementOf(
  made: { readonly plan: Uint8Array; readonly model: Uint8Array },
  pack: TensorPack,
  host: Host,
  run: RunPlan,
): Promise<Agreement> {
  const facts = readPlan(made.plan);
  const output = facts.outputs[0]!;
  const { data } = await host.outputs(made.model, pack);
  const own = (await run(planItems(facts, pack))).map((bytes) => dequantizeOutput(output, bytes));
  const range = data.reduce((m, v) => Math.max(m, v), -Infinity) - data.reduce((m, v) => Math.min(m, v), Infinity);
  const step = output.type === 'int8' ? output.scale : range / 255 || 1;
  let [byOne, byMore, at] = [0, 0, 0];
  for (const item of own)
    for (const value of item) {
      const steps = Math.round(Math.abs(value - data[at++]!) / step);
      if (steps === 1) byOne++;
      else if (steps !== 0) byMore++;
    }
  return { outputs: at, byOne, byMore };
}
