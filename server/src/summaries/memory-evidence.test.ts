import { encodeColumns, type Observations, protocols } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { groupDifference } from './memory-evidence.js';
import { summarize } from './summarize.js';
import { verdictOf } from './verdict.js';

const process = { rss_baseline_bytes: 50e6, peak_load_bytes: 70e6, peak_bytes: 80e6 };
const group = (growth: number) => ({ group_baseline_bytes: 10e6, group_peak_bytes: 10e6 + growth });
const quiet = { wait_ns: 1, run_ns: 1e9, psi_cpu_some_us: 1, wall_ms: 1e3, steal_ticks: 0, total_ticks: 100 };
const verdict = (memory: Record<string, number>) =>
  verdictOf([{ block: 0, counters: quiet, latencies: new Float64Array(60).fill(1), process, memory }]);

describe('groupDifference', () => {
  it('[MEM-2] is told over 20 %, either way, and of the growth alone', () => {
    expect(groupDifference({ process, memory: group(36e6) })).toBeUndefined();
    expect(groupDifference({ process, memory: group(24.1e6) })).toBeUndefined();
    expect(groupDifference({ process, memory: group(45e6) })).toBeCloseTo(0.5);
    expect(groupDifference({ process, memory: group(15e6) })).toBeCloseTo(0.5);
  });

  it('[MEM-2] nothing is told of what is not known, or of less than the kernel counts to', () => {
    expect(groupDifference({})).toBeUndefined();
    expect(groupDifference({ process })).toBeUndefined();
    expect(
      groupDifference({ process, memory: { group_baseline_bytes: Number.NaN, group_peak_bytes: 1e9 } }),
    ).toBeUndefined();
    const tiny = { rss_baseline_bytes: 50e6, peak_load_bytes: 50.1e6, peak_bytes: 50.1e6 };
    expect(groupDifference({ process: tiny, memory: group(1e6) })).toBeUndefined();
  });

  it('[MEM-2] is information: it is not held against the run', () => {
    const { verdict: word, evidence } = verdict(group(60e6));
    expect(word).toBe('clean');
    expect(evidence).toContainEqual({ signal: 'memory.group_difference', value: 1, level: 'ok', block: 0 });
    expect(verdict(group(30e6)).evidence.map(({ signal }) => signal)).not.toContain('memory.group_difference');
  });

  it('[MEM-3] a process with memory in swap makes the run invalid', () => {
    expect(verdict({ swapped_bytes: 0 }).verdict).toBe('clean');
    const { verdict: word, reasons } = verdict({ swapped_bytes: 4096 });
    expect(word).toBe('invalid');
    expect(reasons).toEqual(['memory.swapped_bytes 4.10e+3 over 0']);
    expect(verdict({}).evidence.map(({ signal }) => signal)).not.toContain('memory.swapped_bytes');
  });
});

describe('memory_system_bytes', () => {
  const batch = (kind: Observations['kind'], block: number, values: Record<string, number[]>): Observations => ({
    runId: 'run_12345678',
    fence: 1,
    seq: 0,
    kind,
    block,
    ...encodeColumns(kind, values),
  });
  const metrics = (...system: number[]) =>
    summarize({
      batches: system.flatMap((bytes, block) => [
        batch('latency', block, { latency_ms: new Array<number>(64).fill(1) }),
        batch('memory', block, {
          group_baseline_bytes: [Number.NaN],
          group_peak_bytes: [Number.NaN],
          swapped_bytes: [0],
          system_bytes: [bytes],
        }),
      ]),
      protocol: protocols.quick,
      deviceType: 'board/trtexec',
      labelled: false,
      artifactMetrics: {},
    }).metrics;

  it('[MEM-4] is the most of the processes', () => {
    expect(metrics(3e8, 4e8).memory_system_bytes).toEqual({ value: 4e8, low: 3e8, high: 4e8, n: 2, unit: 'bytes' });
  });

  it('[MEM-5] what is not known is no metric', () => {
    expect(Object.keys(metrics(Number.NaN))).not.toContain('memory_system_bytes');
  });
});
