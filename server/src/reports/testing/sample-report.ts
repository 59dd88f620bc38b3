import {
  type DeviceFrontier,
  type FrontierPoint,
  type Gate,
  type GateRow,
  type GateVerdict,
  type MetricId,
  type MetricValue,
  metrics,
  mulberry32,
  objectiveOf,
  type Report,
  type Sweep,
  SweepFile,
  type Trial,
} from '@hilltop/contracts';

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 24, 1, minute)).toISOString();
const sha = (n: number): string => n.toString(16).padStart(64, '0');
const devices = [
  { id: 'dev_aaaaaaaa', name: 'bench-pi', type: 'Raspberry Pi 4 Model B, onnxruntime', emulated: false },
  { id: 'dev_bbbbbbbb', name: 'pico', type: 'Raspberry Pi Pico, hilltop firmware', emulated: true },
] as const;
/** Recipe -> latency in ms, accuracy, size in bytes, status. */
const points = [
  ['fp32', 12.4, 0.921, 926_000, 'dominated'],
  ['optimized', 12.1, 0.921, 917_000, 'uncertain'],
  ['int8-static', 7.9, 0.919, 241_000, 'on'],
  ['int8-equalized', 8.0, 0.9195, 241_500, 'uncertain'],
  ['prune-channels-25', 8.3, 0.92, 540_000, 'uncertain'],
  ['prune-channels-25+int8', 6.1, 0.914, 149_000, 'on'],
  ['prune-channels-50', 5.2, 0.902, 241_000, 'dominated'],
  ['prune-channels-50+int8', 4.1, 0.894, 71_000, 'on'],
  ['int8-tensor', 7.8, 0.9, 239_000, 'dominated'],
] as const;

const value = (metric: MetricId, v: number, half: number): MetricValue => ({
  value: v,
  ...(half > 0 && { low: v - half, high: v + half }),
  n: 5,
  unit: metrics[metric].unit,
});

const metricsOf = (latency: number, accuracy: number, bytes: number): FrontierPoint['metrics'] => ({
  latency_p50_ms: value('latency_p50_ms', latency, latency * 0.015),
  accuracy: value('accuracy', accuracy, 0.011),
  size_bytes: value('size_bytes', bytes, 0),
});

function frontierOf(device: (typeof devices)[number], factor: number): DeviceFrontier {
  return {
    device,
    hypervolume: 1.62 / Math.sqrt(factor),
    reference: [24.8 * factor, 0.1],
    excluded: { disturbed: 2 },
    points: points.map(([recipe, latency, accuracy, bytes, status], i) => ({
      variant: `var_0000000${i}`,
      recipe,
      settings: { threads: 1, graphLevel: 'all' },
      artifact: { sha256: sha(i), bytes },
      runs: [`run_${device.id.slice(4)}${i}`],
      verdict: recipe === 'int8-tensor' ? 'disturbed' : 'clean',
      metrics: metricsOf(latency * factor, accuracy, bytes),
      status,
      probability: { on: 0.98, uncertain: 0.41, dominated: 0.01 }[status],
      dominatedBy: [],
    })),
  };
}

function trialsOf(): Trial[] {
  return devices.flatMap((device, d) =>
    points.map(([recipe, latency, accuracy, bytes], i): Trial => {
      const number = i * devices.length + d + 1;
      const isFailed = recipe === 'optimized' && device.emulated;
      return {
        id: `tri_${device.id.slice(4)}${i}`,
        sweepId: 'swp_11111111',
        number,
        modelId: 'mod_00000001',
        recipe,
        settings: { threads: 1, graphLevel: 'all' },
        deviceId: device.id,
        deviceName: device.name,
        protocol: 'standard',
        replicate: 1,
        state: isFailed ? 'failed' : 'succeeded',
        reason: i === 0 ? 'control' : i < 4 ? 'screening' : 'promotion',
        why:
          i === 0
            ? 'the control: measured first and last on every device'
            : `${recipe} was ${(accuracy * 100).toFixed(1)} % right on validation data at ${(bytes / 926_000).toFixed(2)} of the size`,
        jobId: `job_${device.id.slice(4)}${i}`,
        ...(isFailed
          ? { error: { code: 'plan.unsupported', message: 'float tensors have no plan', cause: 'user' as const } }
          : { runId: `run_${device.id.slice(4)}${i}`, hypervolume: 1 + 0.62 * (1 - 0.6 ** i) - d * 0.1 }),
        metrics: isFailed ? {} : metricsOf(latency * (d === 0 ? 1 : 40), accuracy, bytes),
        deviceSeconds: 21.5,
        proposedAt: at(number),
        endedAt: at(number + 1),
      };
    }),
  );
}

function sweepOf(trials: readonly Trial[]): Sweep {
  const failed = trials.filter(({ state }) => state === 'failed').length;
  return {
    id: 'swp_11111111',
    name: 'nightly',
    file: SweepFile.parse({
      name: 'nightly',
      models: ['fashion-resnet'],
      recipes: points.map(([recipe]) => recipe),
      constraints: ['accuracy>=90%'],
      budget: { runs: 60, deviceMinutes: 30 },
    }),
    revision: 1,
    state: 'succeeded',
    objectives: [objectiveOf('latency_p50_ms'), objectiveOf('accuracy')],
    note: 'the last 20 trials raised no hypervolume',
    used: { runs: 20, deviceMinutes: 6.4, wallMinutes: 9.2 },
    trials: { total: trials.length, open: 0, succeeded: trials.length - failed, failed, skipped: 0 },
    places: devices.map((device) => ({
      deviceId: device.id,
      deviceName: device.name,
      modelId: 'mod_00000001',
      modelName: 'fashion-resnet',
      points: points.length,
      measured: points.length,
      open: 0,
      failed: 0,
      ended: true,
    })),
    leftOut: [],
    createdBy: 'mira',
    createdAt: at(0),
    startedAt: at(0),
    endedAt: at(9),
  };
}

/** Of each verdict at least one; `accepted`: that somebody accepted the one that is worse. */
export function sampleGate({ accepted = false }: { readonly accepted?: boolean } = {}): Gate {
  const random = mulberry32(7);
  const rows = points.flatMap(([recipe, latency, accuracy], i) =>
    (['latency_p50_ms', 'accuracy'] as const).map((metric, m): GateRow => {
      const verdict: GateVerdict =
        recipe === 'int8-static' && m === 0
          ? 'worse'
          : recipe === 'prune-channels-50' && m === 0
            ? 'improved'
            : recipe === 'int8-tensor'
              ? 'inconclusive'
              : 'same';
      const change = { worse: 0.0312, improved: -0.041, inconclusive: 0.008, same: 0.002 * (random() - 0.5) }[verdict];
      const half = verdict === 'inconclusive' ? 0.02 : 0.0045;
      const shift = metric === 'accuracy' ? 0 : 1;
      const before = metric === 'accuracy' ? accuracy : latency;
      return {
        row: i * 2 + m + 1,
        modelId: 'mod_00000001',
        modelName: 'fashion-resnet',
        recipe,
        settings: { threads: 1, graphLevel: 'all' },
        deviceId: devices[0].id,
        deviceName: devices[0].name,
        protocol: 'standard',
        metric,
        unit: metrics[metric].unit,
        value: metric === 'accuracy' ? before + change : before * (1 + change),
        baseline: before,
        scale: metric === 'accuracy' ? 'difference' : 'ratio',
        change: shift + change,
        low: shift + change - half,
        high: shift + change + half,
        ...(metric !== 'accuracy' && { control: { ratio: 1.002, low: 0.998, high: 1.006 } }),
        test: metric === 'accuracy' ? 'mcnemar' : 'student',
        p: verdict === 'same' ? 0.7 : 0.0004,
        q: verdict === 'same' ? 0.9 : 0.004,
        runs: { now: 3, before: 3 },
        n: { now: 15, before: 15 },
        runIds: { now: ['run_nnnnnnn1'], before: ['run_bbbbbbb1'] },
        verdict,
        ...(verdict === 'inconclusive' && {
          doubt: 'noise' as const,
          note: 'about 9 runs of it and of the control a night would tell (now 3), or a threshold of 2.8 %',
        }),
        resolves: 0.01,
        ...(accepted &&
          verdict === 'worse' && {
            decision: { state: 'accepted' as const, n: 1, by: 'mira', comment: 'the new kernel trades it', at: at(30) },
          }),
      };
    }),
  );
  const count = (verdict: GateVerdict): number =>
    rows.filter((row) => row.verdict === verdict && row.decision === undefined).length;
  return {
    id: 'gate_11111111',
    sweepId: 'swp_11111111',
    sweepName: 'nightly',
    baselineId: 'base_11111111',
    baselineName: 'release-1.4',
    baselineSweepId: 'swp_00000000',
    maxRegression: 0.01,
    metrics: ['latency_p50_ms', 'accuracy'],
    verdict: accepted ? 'inconclusive' : 'worse',
    counts: {
      improved: count('improved'),
      same: count('same'),
      worse: count('worse'),
      inconclusive: count('inconclusive'),
      accepted: accepted ? 1 : 0,
      missing: 1,
    },
    environment: [
      {
        modelName: 'fashion-resnet',
        deviceId: devices[0].id,
        deviceName: devices[0].name,
        metric: 'latency_p50_ms',
        recipe: 'fp32',
        ratio: 1.021,
        low: 1.016,
        high: 1.026,
        severe: false,
      },
    ],
    createdBy: 'mira',
    createdAt: at(20),
    rows,
    missing: [
      {
        modelId: 'mod_00000001',
        modelName: 'fashion-resnet',
        recipe: 'fp16',
        settings: { threads: 1, graphLevel: 'all' },
        deviceId: devices[0].id,
        deviceName: devices[0].name,
        in: 'sweep',
        reason: 'not-clean',
      },
    ],
  };
}

/** A night of one model on two devices, as a lab would tell it. */
export function sampleReport({ gate }: { readonly gate?: Gate } = {}): Report {
  const trials = trialsOf();
  const frontiers = devices.map((device, d) => ({
    modelId: 'mod_00000001',
    modelName: 'fashion-resnet',
    protocol: 'standard' as const,
    objectives: [objectiveOf('latency_p50_ms'), objectiveOf('accuracy')],
    constraints: ['accuracy>=90%'],
    frontier: frontierOf(device, d === 0 ? 1 : 40),
    ...(gate && d === 0 && { before: frontierOf(device, 1.06) }),
  }));
  return {
    title: 'nightly',
    lab: { id: 'lab_00000000', version: '0.0.0' },
    createdAt: at(40),
    sweep: sweepOf(trials),
    ...(gate && { gate }),
    frontiers,
    trials,
    trialsLeftOut: 0,
    devices: devices.map((device, d) => ({
      ...device,
      kind: d === 0 ? 'host' : 'microcontroller',
      cpu: d === 0 ? 'Cortex-A72' : 'Cortex-M0+',
      ...(d === 0 && { os: 'Debian GNU/Linux 13' }),
      runtimes: d === 0 ? ['onnxruntime 1.27.0, cpu'] : ['microcontroller 1, hilltop'],
      agents: ['0.0.0'],
      kernels: d === 0 ? ['6.12.47'] : [],
      powerModes: d === 0 ? ['performance'] : [],
      prepared: [],
      ...(d === 0 && {
        floor: { latencyP50Ms: 0.021, latencyP99Ms: 0.034, inferences: 2000, measuredAt: at(0) },
      }),
      runs: { clean: 9, disturbed: d === 0 ? 2 : 0, invalid: 0, failed: d },
      disturbedBy: d === 0 ? [{ signal: 'psi.cpu_some_ratio', runs: 2 }] : [],
    })),
  };
}
