import type { Device } from '@hilltop/contracts';
import { boardRefusal, firmwareRefusal } from '../runs/board-refusal.js';
import type { VariantEntity } from '../variants/variant.entity.js';
import type { Refusal } from './space.js';

/** Why a variant cannot run on a device, as far as it is known without running it; undefined where it can or nobody knows. */
export function misfitOf(
  device: Pick<Device, 'kind' | 'facts' | 'name'>,
  variant: Pick<VariantEntity, 'firmware' | 'plan' | 'planError'>,
): Refusal | undefined {
  if (variant.firmware) return firmwareRefusal(device, variant.firmware);
  if (device.kind !== 'microcontroller') return undefined;
  return boardRefusal(device, variant.plan ?? undefined) ?? variant.planError ?? undefined;
}
