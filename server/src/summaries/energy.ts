import { type EnergyBudget, energySensors, type MetricValue, type Observations, type Sensor } from '@hilltop/contracts';
import { mean, meanInterval, standardDeviation } from './intervals.js';
import { averagedTrace, counterTrace, type PowerTrace, sampledTrace, sumOfTraces } from './power-trace.js';
import { faultsOf, momentsOf, rowsOf, type Window, windowsOf } from './run-moments.js';

export interface EnergyInput {
  readonly batches: readonly Observations[];
  /** Of the run's environment; readings name them by their place. */
  readonly sensors: readonly Sensor[];
  /** Inferences of each block. */
  readonly inferences: ReadonlyMap<number, number>;
}

export interface Energy {
  /** Block -> its values of energy_mj, power_mean_w and, where idle was seen, energy_net_mj. */
  readonly blocks: ReadonlyMap<number, Readonly<Record<string, number>>>;
  readonly idleW?: number;
  /** Above idle, mJ: a difference, which may be nothing or less; its interval holds what idle itself is known by. */
  readonly net?: Omit<MetricValue, 'unit'>;
  /** Standard uncertainty that repeating does not take away, relative: gain, offset and edges. */
  readonly systematic: number;
  readonly budget: EnergyBudget;
}

/**
 * Energy of each block's measuring loop from the readings beside it: gross (the whole energy of the window over its inferences) and, with idle power seen
 * before or after, net. Undefined without a power or energy sensor, without marks, or when no window is whole.
 */
export function energyOf({ batches, sensors, inferences }: EnergyInput): Energy | undefined {
  const chosen = energySensors(sensors);
  if (chosen.length === 0) return undefined;
  const trace = sumOfTraces(chosen.map((index) => traceOf(batches, index, sensors[index]!)));
  const moments = momentsOf(batches);
  const loops = new Map(
    [...moments].flatMap(([block, at]) => windowsOf(at, 'loop').map((window) => [block, window] as const)),
  );
  const idle = [...moments.values()].flatMap((at) => windowsOf(at, 'idle'));
  const faults = faultsOf(moments);
  const whole = ({ from, to }: Window): number | undefined =>
    faults.some((at) => at >= from && at <= to) ? undefined : trace.energy(from, to);

  const idleWatts = idle.map((window) => watts(whole(window), window)).filter((value) => value !== undefined);
  const idleW = idleWatts.length > 0 ? mean(idleWatts) : undefined;
  const blocks = new Map<number, Record<string, number>>();
  const edges: number[] = [];
  for (const [block, window] of loops) {
    const joules = whole(window);
    const n = inferences.get(block) ?? 0;
    if (joules === undefined || n === 0) continue;
    const seconds = (window.to - window.from) / 1000;
    const powerW = joules / seconds;
    blocks.set(block, {
      energy_mj: (1000 * joules) / n,
      power_mean_w: powerW,
      ...(idleW !== undefined && { energy_net_mj: (1000 * (joules - idleW * seconds)) / n }),
    });
    // u_edge/E ~ sqrt(2) dt/W |P - P_idle|/P; a poll that knows nothing of the mark adds its period / sqrt(12).
    const dt = Math.hypot(window.clockMs, trace.periodMs / Math.sqrt(12));
    edges.push(
      (Math.SQRT2 * dt * Math.abs(powerW - (idleW ?? 0))) / (window.to - window.from) / Math.max(powerW, 1e-12),
    );
  }
  if (blocks.size === 0) return undefined;
  const energies = [...blocks.values()].map((values) => values.energy_mj!);
  const powerW = mean([...blocks.values()].map((values) => values.power_mean_w!));
  const used = chosen.map((index) => sensors[index]!);
  const gain = Math.max(...used.map((sensor) => sensor.uncertainty?.gain ?? 0));
  const offset = used.reduce((sum, sensor) => sum + offsetWatts(sensor), 0) / powerW;
  const edge = mean(edges) / Math.sqrt(edges.length);
  const windows = [...loops].filter(([block]) => blocks.has(block)).map(([, { from, to }]) => to - from);
  return {
    blocks,
    ...(idleW !== undefined && {
      idleW,
      net: netOf([...blocks.values()], {
        gain,
        edge,
        idleUncertaintyW: standardDeviation(idleWatts) / Math.sqrt(idleWatts.length),
      }),
    }),
    systematic: Math.hypot(gain, offset, edge),
    budget: {
      scope: used[0]!.scope,
      sensors: used.map(({ id }) => id),
      ...(used.some(({ simulated }) => simulated) && { simulated: true }),
      blocks: blocks.size,
      leftOut: loops.size - blocks.size,
      windowMs: mean(windows),
      ...(idleW !== undefined && { idleW }),
      gain,
      offset,
      edge,
      block: standardDeviation(energies) / mean(energies),
    },
  };
}

/** The same offset is in both and goes; the gain is that of the rest, edges are of the gross energy, idle lasts as long as an inference. */
function netOf(
  blocks: ReadonlyArray<Readonly<Record<string, number>>>,
  { gain, edge, idleUncertaintyW }: { gain: number; edge: number; idleUncertaintyW: number },
): Omit<MetricValue, 'unit'> {
  const values = blocks.map((block) => block['energy_net_mj']!);
  const grossMj = mean(blocks.map((block) => block['energy_mj']!));
  const value = mean(values);
  const secondsEach = mean(blocks.map((block) => block['energy_mj']! / 1000 / block['power_mean_w']!));
  const more = 2 * Math.hypot(gain * value, edge * grossMj, 1000 * idleUncertaintyW * secondsEach);
  const { low, high } = meanInterval(values) ?? { low: value, high: value };
  return { value, low: low - more, high: high + more, n: values.length };
}

/** An offset of a counter of energy is of its ends and drowns in any window; of a power it is watts. */
const offsetWatts = ({ quantity, uncertainty }: Sensor): number =>
  quantity === 'power' ? (uncertainty?.offset ?? 0) : 0;

const watts = (joules: number | undefined, { from, to }: Window): number | undefined =>
  joules === undefined ? undefined : (1000 * joules) / (to - from);

function traceOf(batches: readonly Observations[], index: number, sensor: Sensor): PowerTrace {
  const intervals = rowsOf(batches, 'power', ['sensor', 'start_ms', 'end_ms', 'mean_w'])
    .filter(([place]) => place === index)
    .map(([, start, end, watts]) => ({ start: start!, end: end!, watts: watts! }));
  if (intervals.length > 0) return averagedTrace(intervals);
  const readings = rowsOf(batches, 'reading', ['sensor', 'before_ms', 'after_ms', 'value']).filter(
    ([place]) => place === index,
  );
  if (sensor.kind === 'averaged')
    return averagedTrace(
      readings.slice(1).map(([, , after, value], i) => ({ start: readings[i]![2]!, end: after!, watts: value! })),
    );
  const points = readings.map(([, before, after, value]) => ({ at: (before! + after!) / 2, value: value! }));
  return sensor.quantity === 'energy' ? counterTrace(points, sensor.wrapsAt) : sampledTrace(points);
}
