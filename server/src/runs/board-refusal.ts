import { planFits } from '@hilltop/compression';
import { type CompiledPlan, type Device, isLabError, type RunError } from '@hilltop/contracts';

/** Why a board cannot carry out a variant, before anything is sent to it; undefined where it can. */
export function boardRefusal(
  { facts, name }: Pick<Device, 'facts' | 'name'>,
  plan: CompiledPlan | undefined,
): RunError | undefined {
  const { mcu } = facts;
  if (mcu?.driver === 'mlperf-tiny') {
    const model = mcu.model ? ` (${mcu.model})` : '';
    const message = `${name} has its model in its firmware${model} and takes no other; with Hilltop's firmware it does`;
    return { code: 'plan.unsupported', message, cause: 'user' };
  }
  if (!plan || mcu?.ramBytes === undefined) return undefined;
  try {
    // What a board says of its RAM is for plan and arena together.
    planFits({ arenaBytes: plan.arenaBytes, flashBytes: plan.bytes }, { ramBytes: mcu.ramBytes });
    return undefined;
  } catch (error) {
    if (!isLabError(error)) throw error;
    return { code: error.code, message: `${name}: ${error.message}`, cause: 'user' };
  }
}
