import { planFits } from '@hilltop/compression';
import {
  type CompiledPlan,
  type Device,
  type FirmwareModel,
  firmwareDifferences,
  isLabError,
  type RunError,
} from '@hilltop/contracts';

/** Why a board cannot carry out a variant, before anything is sent to it; undefined where it can. */
export function boardRefusal(
  { facts, name }: Pick<Device, 'facts' | 'name'>,
  plan: CompiledPlan | undefined,
): RunError | undefined {
  const { mcu } = facts;
  if (mcu?.driver === 'mlperf-tiny') {
    const model = mcu.model ? ` (${mcu.model})` : '';
    const message = `${name} has its model in its firmware${model} and takes no other; measure that one (hilltop models push --variant-of MODEL --in-firmware-of DEVICE), or flash Hilltop's firmware`;
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

/** Why a device cannot carry out a variant that is inside a firmware; undefined where it has that firmware. */
export function firmwareRefusal(
  { facts, name }: Pick<Device, 'facts' | 'name'>,
  firmware: FirmwareModel,
): RunError | undefined {
  const { mcu, board } = facts;
  const where = `it is in the firmware of ${firmware.name} (${firmware.model})`;
  const refusal = (why: string): RunError => ({
    code: 'plan.unsupported',
    message: `${where}, which ${name} ${why}`.slice(0, 2000),
    cause: 'user',
  });
  if (mcu?.driver !== 'mlperf-tiny') return refusal('does not have: choose that device with -d');
  const differences = firmwareDifferences(firmware, { name: board, profile: mcu.profile, model: mcu.model });
  return differences.length > 0 ? refusal(`does not have: ${differences.join(', ')}`) : undefined;
}
