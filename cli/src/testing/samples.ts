import {
  type Device,
  type Frontier,
  type FrontierPoint,
  type Job,
  type Model,
  protocolOf,
  type Run,
  runStates,
} from '@hilltop/contracts';

const at = '2026-03-01T11:00:00.000Z';
const sha = (letter: string): string => letter.repeat(64);

export function sampleDevice(change: Partial<Device> = {}): Device {
  return {
    id: 'dev_00000001',
    name: 'bench-pi',
    kind: 'host',
    type: 'pi4/onnxruntime',
    emulated: false,
    agentId: 'agent-1',
    agentVersion: '0.1.0',
    labels: { site: 'berlin' },
    state: 'available',
    queued: 0,
    createdAt: at,
    facts: {
      cpuFeatures: [],
      cores: 4,
      memoryBytes: 4e9,
      arch: 'arm64',
      os: 'Debian 13',
      runtimes: [],
      evidence: ['schedstat', 'psi'],
    },
    ...change,
  };
}

export function sampleModel(change: Partial<Model> = {}): Model {
  return {
    id: 'mod_00000001',
    name: 'net',
    sha256: sha('a'),
    bytes: 925_798,
    opset: 17,
    inputs: [],
    outputs: [],
    parameters: 231_000,
    createdAt: at,
    ...change,
  };
}

export function sampleJob(change: Partial<Job> = {}): Job {
  return {
    id: 'job_00000001',
    modelId: 'mod_00000001',
    modelName: 'net',
    recipes: ['fp32'],
    selector: { devices: [], labels: {} },
    protocol: protocolOf('quick'),
    settings: [{ threads: 1, graphLevel: 'all' }],
    priority: 0,
    state: 'succeeded',
    devices: [],
    createdAt: at,
    counts: Object.fromEntries(runStates.map((state) => [state, 0])) as Job['counts'],
    ...change,
  };
}

export function sampleRun(change: Partial<Run> = {}): Run {
  return {
    id: 'run_00000001',
    jobId: 'job_00000001',
    modelId: 'mod_00000001',
    variantId: 'var_00000001',
    recipe: 'fp32',
    deviceId: 'dev_00000001',
    deviceName: 'bench-pi',
    protocol: protocolOf('quick'),
    settings: { threads: 1, graphLevel: 'all' },
    state: 'succeeded',
    attempt: 1,
    metrics: {},
    queuedAt: at,
    ...change,
  };
}

function point(
  recipe: string,
  ms: number,
  accuracy: number,
  bytes: number,
  change: Partial<FrontierPoint>,
): FrontierPoint {
  return {
    variant: `var_${recipe.replace(/[^a-z0-9]/g, '').padEnd(8, '0')}`,
    recipe,
    settings: { threads: 1, graphLevel: 'all' },
    artifact: { sha256: sha('b'), bytes },
    runs: ['run_00000001'],
    verdict: 'clean',
    status: 'on',
    probability: 1,
    dominatedBy: [],
    metrics: {
      latency_p50_ms: { value: ms, low: ms * 0.98, high: ms * 1.02, n: 3, unit: 'ms' },
      accuracy: { value: accuracy, low: accuracy - 0.01, high: accuracy + 0.01, n: 2000, unit: '' },
      size_bytes: { value: bytes, n: 1, unit: 'bytes' },
    },
    ...change,
  };
}

export function sampleFrontier(): Frontier {
  const fast = point('int8-static', 0.4, 0.912, 260_000, {});
  return {
    model: 'mod_00000001',
    modelName: 'net',
    protocol: 'quick',
    objectives: [
      { metric: 'latency_p50_ms', direction: 'min', unit: 'ms' },
      { metric: 'accuracy', direction: 'max', unit: '' },
    ],
    devices: [
      {
        device: { id: 'dev_00000001', name: 'bench-pi', type: 'pi4/onnxruntime', emulated: false },
        hypervolume: 1.234,
        reference: [2, 0.1],
        excluded: { invalid: 1 },
        points: [
          point('fp16', 1.3, 0.9, 460_000, { status: 'dominated', probability: 0.01, dominatedBy: [fast.variant] }),
          point('fp32', 1.2, 0.92, 925_798, {}),
          fast,
        ],
      },
    ],
  };
}
