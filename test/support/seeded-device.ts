import {
  type DeviceReport,
  encodeColumns,
  marks,
  mulberry32,
  normal,
  type ObservationKind,
  type Observations,
  type RunStart,
  type Sensor,
} from '@hilltop/contracts';

/** What becomes of a run of a seeded device. */
export type SeededFate = 'clean' | 'disturbed' | 'invalid' | 'failed' | 'infrastructure' | 'held';

/** What a seeded device makes of a variant: numbers of a story, never measurements. */
export interface SeededEffort {
  /** Median of an inference, ms; and the standard deviation of its logarithm from block to block. */
  readonly latencyMs: number;
  readonly between: number;
  readonly memoryBytes: number;
  readonly accuracy: number;
  /** Of the model: which items are hard is the same for each of its variants. */
  readonly itemSeed: number;
}

/** 32-bit FNV-1a: a seed from words. */
export const seedOf = (...words: readonly (string | number)[]): number =>
  [...words.join('|')].reduce((hash, char) => Math.imul(hash ^ char.charCodeAt(0), 16_777_619) >>> 0, 2_166_136_261);

/** A meter of the story at the board's input; `simulated`, so that every screen says so. */
export const seededMeter: Sensor = {
  id: 'seeded/VDD_IN',
  driver: 'ina3221',
  quantity: 'power',
  scope: 'board-input',
  kind: 'averaged',
  total: true,
  updateMs: 50,
  uncertainty: { gain: 0.01, offset: 0.02, source: 'seeded' },
  simulated: true,
};

/** How a seeded device describes itself: nothing in it can be taken for hardware. */
export function seededReport(
  name: string,
  type: string,
  more: { emulated?: boolean; board?: boolean; power?: boolean; labels?: Record<string, string> } = {},
): Partial<DeviceReport> {
  return {
    key: more.board ? 'board' : 'host',
    name,
    kind: more.board ? 'microcontroller' : 'host',
    type: `seeded ${type}`,
    emulated: more.emulated ?? false,
    labels: { origin: 'seeded', ...more.labels },
    facts: {
      board: `seeded stand-in for ${type}`,
      cpuFeatures: [],
      cores: more.board ? 1 : 4,
      memoryBytes: more.board ? 264 * 1024 : 4 * 2 ** 30,
      arch: more.board ? 'arm' : 'arm64',
      os: 'seeded',
      runtimes: more.board
        ? [{ name: 'microcontroller', version: 'seeded', providers: ['cpu'] }]
        : [{ name: 'onnxruntime', version: 'seeded', providers: ['cpu'] }],
      evidence: more.board ? [] : ['schedstat', 'psi', 'steal'],
      ...(more.power && { sensors: [seededMeter] }),
      ...(more.board && {
        mcu: {
          cpu: 'seeded Cortex-M0+',
          hz: 125_000_000,
          ticks: 'systick',
          ramBytes: 200 * 1024,
          flashBytes: 2 * 2 ** 20,
          driver: 'smp',
          firmware: 'seeded',
        },
      }),
    },
  };
}

const readingMs = 50;
const restMs = 500;

/**
 * The observations of one whole run, block by block, as an agent would send them: deterministic by `seed`. The time they tell of is the story's own; nothing
 * here waits. `inferences`: rows of latency in a block.
 */
export function seededObservations(
  start: RunStart,
  effort: SeededEffort,
  fate: SeededFate,
  { seed, inferences, power, board }: { seed: number; inferences: number; power: boolean; board: boolean },
): Observations[] {
  const random = mulberry32(seed);
  const gauss = (): number => normal(random);
  const batches: Observations[] = [];
  const emit = (kind: ObservationKind, block: number, values: Record<string, ArrayLike<number>>): void => {
    const { runId, fence } = start;
    batches.push({ runId, fence, seq: batches.length, kind, block, ...encodeColumns(kind, values) });
  };
  const readings: number[][] = [];
  let now = 1000;
  const pass = (ms: number, watts: number): void => {
    for (const end = now + ms; now < end; now += readingMs) readings.push([0, now, now, watts * (1 + 0.01 * gauss())]);
  };
  if (power) {
    emit('mark', 0, { mark: [marks['idle-start'], marks['idle-end']], at_ms: [now, now + 1000], clock_ms: [0, 0] });
    pass(1000, 2.1);
  }
  for (let block = 0; block < start.protocol.blocks; block++) {
    const centre = effort.latencyMs * Math.exp(effort.between * gauss());
    const latencies = Float64Array.from({ length: board ? 5 : inferences }, () =>
      board ? centre : centre * Math.exp(0.02 * gauss()),
    );
    const wallMs = latencies.reduce((sum, ms) => sum + ms, 0);
    emit('latency', block, { latency_ms: latencies });
    if (board) {
      emit('ticks', block, { ticks: latencies.map((ms) => Math.round(ms * 125_000)) });
      const plan = effort.memoryBytes;
      emit('board', block, {
        hz: [125e6],
        arena_bytes: [plan],
        plan_bytes: [start.artifact.bytes],
        stack_bytes: [2048],
        ram_bytes: [plan + 2048],
      });
      continue;
    }
    const base = 40e6;
    emit('process', block, {
      load_ms: [3 + effort.latencyMs * (1 + 0.1 * random())],
      first_inference_ms: [centre * (2 + random())],
      measured_ms: [wallMs],
      rss_baseline_bytes: [base],
      peak_load_bytes: [base + effort.memoryBytes * 1.1],
      peak_bytes: [base + effort.memoryBytes * (1 + 0.004 * random())],
    });
    const share = fate === 'disturbed' ? 0.03 : 0.002 * random();
    emit('evidence', block, {
      wall_ms: [wallMs],
      run_ns: [wallMs * 1e6],
      wait_ns: [wallMs * 1e6 * share],
      psi_cpu_some_us: [wallMs * 1e3 * share],
      steal_ticks: [0],
      total_ticks: [Math.ceil(wallMs / 2.5)],
      involuntary_switches: [Math.round(share * 100)],
      major_faults: [0],
      swap_in_pages: [fate === 'invalid' ? 40 : 0],
      throttle_count: [Number.NaN],
      temperature_start_c: [48],
      temperature_end_c: [48 + random()],
      frequency_khz: [1_500_000],
    });
    if (power) {
      // A loop of the story lasts as long as the protocol asks, however few of its inferences are told.
      const loopMs = Math.max(wallMs, 2 * readingMs);
      emit('mark', block, {
        mark: [marks['loop-start'], marks['loop-end']],
        at_ms: [now, now + loopMs],
        clock_ms: [0, 0],
      });
      pass(Math.ceil(loopMs / readingMs) * readingMs, 4.6);
      pass(restMs, 2.1);
    }
  }
  if (power) {
    const column = (i: number): number[] => readings.map((row) => row[i]!);
    emit('reading', 0, { sensor: column(0), before_ms: column(1), after_ms: column(2), value: column(3) });
  }
  const items = Math.min(start.evaluation?.items ?? 0, start.protocol.evaluationItems ?? Number.POSITIVE_INFINITY);
  if (items > 0) emitItems(items, effort, seed, emit);
  return batches;
}

/** Hard items are hard for every variant of a model, so that two variants differ in few of them. */
function emitItems(
  items: number,
  { accuracy, itemSeed }: SeededEffort,
  seed: number,
  emit: (kind: 'item', block: number, values: Record<string, ArrayLike<number>>) => void,
): void {
  const hardness = mulberry32(itemSeed);
  const own = mulberry32(seed);
  const right = Array.from({ length: items }, () => hardness() + 0.02 * (own() - 0.5) < accuracy);
  emit('item', 0, {
    item: right.map((_, item) => item),
    predicted: right.map((isRight, item) => (item + (isRight ? 0 : 1)) % 10),
    correct: right.map(Number),
  });
}
