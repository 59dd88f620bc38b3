import type { DeviceFrontier } from './frontier.js';
import type { MetricId } from './metrics.js';

/** `board-input`, `dut-vdd, simulated`: what an energy or a power contains; undefined for other metrics, and where none was measured. */
export function scopeOf(metric: MetricId, energy: DeviceFrontier['energy']): string | undefined {
  if (!energy || !/^(energy|power)_/.test(metric)) return undefined;
  return `${energy.scope}${energy.simulated ? ', simulated' : ''}`;
}
