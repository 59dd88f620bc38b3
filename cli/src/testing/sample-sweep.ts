import { type Sweep, SweepFile, type Trial } from '@hilltop/contracts';

const at = '2026-03-01T11:00:00.000Z';

export function sampleSweep(change: Partial<Sweep> = {}): Sweep {
  return {
    id: 'swp_00000001',
    name: 'nightly',
    file: SweepFile.parse({
      name: 'nightly',
      models: ['net'],
      recipes: ['fp32', 'int8-static'],
      budget: { runs: 40, deviceMinutes: 60 },
    }),
    revision: 1,
    state: 'running',
    objectives: [
      { metric: 'latency_p50_ms', direction: 'min', unit: 'ms' },
      { metric: 'accuracy', direction: 'max', unit: '' },
    ],
    used: { runs: 10, deviceMinutes: 12.34, wallMinutes: 20 },
    trials: { total: 12, open: 2, succeeded: 9, failed: 1, skipped: 0 },
    places: [
      {
        deviceId: 'dev_00000001',
        deviceName: 'bench-pi',
        modelId: 'mod_00000001',
        modelName: 'net',
        points: 24,
        measured: 9,
        open: 2,
        failed: 1,
        hypervolume: 0.8123,
        ended: false,
      },
    ],
    leftOut: [],
    createdBy: 'anna',
    createdAt: at,
    startedAt: at,
    ...change,
  };
}

export function sampleTrial(change: Partial<Trial> = {}): Trial {
  return {
    id: 'trl_00000001',
    sweepId: 'swp_00000001',
    number: 7,
    modelId: 'mod_00000001',
    recipe: 'int8-static',
    settings: { threads: 2, graphLevel: 'all' },
    deviceId: 'dev_00000001',
    deviceName: 'bench-pi',
    protocol: 'standard',
    replicate: 1,
    state: 'succeeded',
    reason: 'promotion',
    why: 'second best of 8 screened',
    metrics: {
      latency_p50_ms: { value: 1.24, low: 1.21, high: 1.29, n: 5, unit: 'ms' },
      accuracy: { value: 0.913, n: 1000, unit: '' },
    },
    proposedAt: at,
    ...change,
  };
}
