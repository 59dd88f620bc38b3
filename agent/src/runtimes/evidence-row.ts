import type { KernelCounters } from '../kernel-counters.js';
import type { EvidenceRow } from './child-wire.js';

/** Columns of `evidence`: what the kernel counted over a measuring loop, what it does not tell left out. */
export function evidence(
  before: KernelCounters,
  after: KernelCounters,
  wallMs: number,
  frequencyKhz: number,
): EvidenceRow {
  const change = (key: keyof KernelCounters): number => after[key] - before[key];
  const row = {
    wall_ms: wallMs,
    run_ns: change('runNs'),
    wait_ns: change('waitNs'),
    psi_cpu_some_us: change('psiCpuSomeUs'),
    steal_ticks: change('stealTicks'),
    total_ticks: change('totalTicks'),
    involuntary_switches: change('involuntarySwitches'),
    major_faults: change('majorFaults'),
    swap_in_pages: change('swapInPages'),
    throttle_count: change('throttleCount'),
    temperature_start_c: before.temperatureC,
    temperature_end_c: after.temperatureC,
    frequency_khz: frequencyKhz,
  };
  return known(row);
}

/** JSON has no NaN. */
export function known<K extends string>(row: Record<K, number>): Partial<Record<K, number>> {
  return Object.fromEntries(Object.entries<number>(row).filter(([, value]) => !Number.isNaN(value))) as Partial<
    Record<K, number>
  >;
}
