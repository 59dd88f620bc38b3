import { encodeColumns, marks, mulberry32, normal, type Observations, type Sensor } from '@hilltop/contracts';

/** What happens to a run. `quiet`: nothing but the device's own noise. */
export const happenings = ['quiet', 'contention', 'burst', 'heat', 'cap'] as const;
export type Happening = (typeof happenings)[number];

export interface SimulatedRun {
  readonly happening: Happening;
  readonly batches: readonly Observations[];
  readonly sensors: readonly Sensor[];
  /** What it did to the mean latency of the run, relative: known here, unknown to who judges. */
  readonly effect: number;
}

const blocks = 5;
const blockMs = 2000;
const betweenMs = 500;
const trip = 80;

/** A processor: clock steps, power by clock and voltage, a thermal mass. */
interface Machine {
  readonly baseMs: number;
  /** Standard deviations of the logarithm: of one inference, and of a slow wander (AR(1)). */
  readonly noise: number;
  readonly wander: number;
  readonly ambient: number;
  /** K/W and s. */
  readonly resistance: number;
  readonly tau: number;
  /** Step of the temperature sensor, K; of the clock's, Hz. */
  readonly temperatureStep: number;
}

/**
 * One run on a made-up board, whole: latencies, the kernel's counters, temperatures and clocks as sensors would give them. Deterministic by `seed`.
 *
 *   T' = (P R - (T - Ta)) / tau;  P = idle + c f V(f)^2 u;  at the trip point the clock falls by a step, 3 K below it rises again
 */
export function simulateRun(seed: number, happening: Happening): SimulatedRun {
  const random = mulberry32(seed);
  const between = (low: number, high: number): number => low + (high - low) * random();
  const gauss = (): number => normal(random);
  const machine: Machine = {
    baseMs: Math.exp(between(Math.log(1), Math.log(20))),
    noise: between(0.003, 0.06),
    wander: between(0.001, 0.012),
    ambient: between(20, 30),
    // A cooled board ends well below the trip point; a hot one would end above it.
    resistance: happening === 'heat' ? between(9, 17) : between(4, 7.5),
    tau: happening === 'heat' ? between(3, 8) : between(20, 90),
    temperatureStep: random() < 0.5 ? 1 : 0.1,
  };
  const capped = 1.8e9 * (1 - Math.exp(between(Math.log(0.01), Math.log(0.3))));
  const steps = happening === 'cap' ? [1.8e9, capped] : [1.8e9, 1.7e9, 1.5e9, 1.2e9, 0.9e9, 0.6e9];
  const taken = Math.exp(between(Math.log(0.005), Math.log(0.6)));
  const share = happening === 'contention' || happening === 'burst' ? taken : 0;
  const burstBlock = Math.floor(random() * blocks);
  const capBlock = 1 + Math.floor(random() * (blocks - 1));
  const slice = between(1, 6);

  let now = 10_000;
  let step = 0;
  let celsius = machine.ambient + 4 * machine.resistance + (happening === 'heat' ? between(5, 15) : 0);
  let wander = 0;
  let latencySum = 0;
  let quietSum = 0;
  const batches: Observations[] = [];
  const readings: number[][] = [];
  let readAt = now;
  const emit = (kind: Observations['kind'], block: number, values: Record<string, ArrayLike<number>>): void => {
    batches.push({
      runId: 'run_simulated',
      fence: 1,
      seq: batches.length,
      kind,
      block,
      ...encodeColumns(kind, values),
    });
  };
  const live = (ms: number, busy: number): void => {
    const f = steps[step]! / 1e9;
    const watts = 1.2 + 1.9 * f * (0.75 + 0.25 * f) ** 2 * busy;
    celsius += (ms / 1000 / machine.tau) * (watts * machine.resistance - (celsius - machine.ambient));
    if (celsius >= trip && step < steps.length - 1) step++;
    else if (celsius < trip - 3 && step > 0 && happening === 'heat') step--;
    now += ms;
    for (; readAt < now; readAt += 100) {
      const shown = Math.round(celsius / machine.temperatureStep) * machine.temperatureStep;
      readings.push([0, readAt, readAt, shown], [1, readAt, readAt, busy > 0.5 ? steps[step]! : steps.at(-1)!]);
    }
  };
  for (let block = 0; block < blocks; block++) {
    for (let ms = 0; ms < betweenMs; ms += 10) live(10, 0.1);
    if (happening === 'cap') step = block >= capBlock ? 1 : 0;
    const start = now;
    const latencies: number[] = [];
    const disturbed = happening === 'contention' || (happening === 'burst' && block === burstBlock);
    let waitMs = 0;
    while (now - start < blockMs) {
      wander = 0.995 * wander + Math.sqrt(1 - 0.995 ** 2) * machine.wander * gauss();
      const own = machine.baseMs * Math.exp(wander + machine.noise * gauss());
      let ms = own * (steps[0]! / steps[step]!);
      if (disturbed) {
        // Preempted for a slice now and then: in the mean the share of the core that the other takes.
        const expected = (ms * share) / (1 - share) / slice;
        let times = Math.floor(expected);
        if (random() < expected - times) times++;
        ms += times * slice;
        waitMs += times * slice;
      }
      latencies.push(ms);
      quietSum += own;
      latencySum += ms;
      live(ms, 1);
    }
    const wallMs = now - start;
    // A machine that nobody uses is not quite still either.
    waitMs += wallMs * between(0, 0.009);
    emit('latency', block, { latency_ms: latencies });
    emit('evidence', block, {
      wall_ms: [wallMs],
      run_ns: [(wallMs - waitMs) * 1e6],
      wait_ns: [waitMs * 1e6],
      psi_cpu_some_us: [(waitMs + wallMs * between(0, 0.01)) * 1000],
      steal_ticks: [0],
      total_ticks: [Math.round(wallMs / 10) * 4],
      involuntary_switches: [Math.round(waitMs / slice)],
      major_faults: [0],
      swap_in_pages: [0],
      throttle_count: [Number.NaN],
      temperature_start_c: [Number.NaN],
      temperature_end_c: [Math.round(celsius / machine.temperatureStep) * machine.temperatureStep],
      frequency_khz: [steps[step]! / 1000],
    });
    emit('mark', block, {
      mark: [marks['loop-start'], marks['loop-end']],
      at_ms: [start, now],
      clock_ms: [0, 0],
    });
  }
  live(200, 0.1);
  const column = (i: number): number[] => readings.map((row) => row[i]!);
  emit('reading', 0, { sensor: column(0), before_ms: column(1), after_ms: column(2), value: column(3) });
  const sensors: Sensor[] = [
    {
      ...{ id: 'thermal-zone/cpu', driver: 'thermal-zone', quantity: 'temperature', scope: 'package', kind: 'sampled' },
      limit: trip,
      simulated: true,
    },
    {
      ...{ id: 'cpufreq/policy0', driver: 'cpufreq', quantity: 'frequency', scope: 'core', kind: 'sampled' },
      simulated: true,
    },
  ];
  return { happening, batches, sensors, effect: latencySum / quietSum - 1 };
}
