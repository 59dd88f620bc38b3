import {
  type FleetFrontier,
  type MetricRow,
  metrics as metricTable,
  mulberry32,
  type Objective,
  settingsKey,
} from '@hilltop/contracts';
import type { Candidate } from './candidate.js';
import { choose } from './device-frontier.js';
import { replicateSource } from './replicates.js';
import { replicateCount, standings } from './standing.js';

export interface FleetDevice {
  readonly id: string;
  readonly emulated: boolean;
  readonly candidates: readonly Candidate[];
}

/**
 * The fleet: each cost is the worst ratio to that device's own fp32 (same settings, else any), quality the worst.
 * Devices without an fp32 run cannot be compared and are left out. Emulated devices make a fleet of their own.
 */
export function fleetFrontier(
  devices: readonly FleetDevice[],
  objectives: readonly Objective[],
  seed = 1,
  replicates = replicateCount,
): FleetFrontier[] {
  return [false, true].flatMap((emulated) => {
    const group = devices.filter((d) => d.emulated === emulated);
    return group.length > 0 ? [oneFleet(group, emulated, objectives, seed, replicates)] : [];
  });
}

interface Place {
  readonly device: number;
  readonly candidate: number;
  readonly fp32: number;
}

function oneFleet(
  group: readonly FleetDevice[],
  emulated: boolean,
  objectives: readonly Objective[],
  seed: number,
  replicates: number,
): FleetFrontier {
  const random = mulberry32(seed);
  const chosen = group.map((d) => choose(d.candidates, objectives).chosen);
  const usable = group.map((_, d) => chosen[d]!.some((c) => c.recipe === 'fp32'));
  const sources = chosen.map((candidates) => replicateSource(candidates, objectives, random));
  const places = new Map<string, Place[]>();
  chosen.forEach((candidates, d) => {
    if (!usable[d]) return;
    candidates.forEach((candidate, c) => {
      const key = `${candidate.recipe} ${settingsKey(candidate.settings)}`;
      const same = candidates.findIndex(
        (o) => o.recipe === 'fp32' && settingsKey(o.settings) === settingsKey(candidate.settings),
      );
      const list = places.get(key) ?? [];
      list.push({ device: d, candidate: c, fp32: same >= 0 ? same : candidates.findIndex((o) => o.recipe === 'fp32') });
      places.set(key, list);
    });
  });
  const n = usable.filter(Boolean).length;
  const points = [...places.values()];
  const worstOf = (vectors: readonly (readonly ArrayLike<number>[])[]) =>
    points.map((list) => worst(list, vectors, objectives));
  const measured = worstOf(chosen.map((candidates) => candidates.map((c) => minimisedOf(c, objectives))));
  const draws: number[][][] = [];
  const standing = standings(
    () => {
      const drawn = worstOf(sources.map((s) => s.next()));
      draws.push(drawn.map((p) => p.map((v) => v.value)));
      return drawn.map((p) => p.map((v) => v.value));
    },
    points.length,
    replicates,
    (a, b) => points[a]!.length >= points[b]!.length,
  );
  return {
    emulated,
    devices: group.filter((_, d) => usable[d]).map((d) => d.id),
    points: points.map((list, i) => {
      const first = chosen[list[0]!.device]![list[0]!.candidate]!;
      return {
        recipe: first.recipe,
        variant: first.variant,
        settings: first.settings,
        coverage: { k: list.length, n },
        values: Object.fromEntries(
          objectives.map((o, m) => {
            const sign = o.direction === 'max' && !isCost(o) ? -1 : 1;
            const sorted = draws.map((d) => d[i]![m]! * sign).sort((a, b) => a - b);
            const at = (p: number): number => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]!;
            const worstAt = measured[i]![m]!;
            return [
              o.metric,
              { value: worstAt.value * sign, low: at(0.025), high: at(0.975), deviceId: group[worstAt.device]!.id },
            ];
          }),
        ),
        status: standing[i]!.status,
        probability: standing[i]!.probability,
        dominatedBy: [
          ...new Set(
            standing[i]!.dominatedBy.map((d) => chosen[points[d]![0]!.device]![points[d]![0]!.candidate]!.variant),
          ),
        ],
      };
    }),
  };
}

const isCost = (o: Objective): boolean => (metricTable[o.metric] as MetricRow).source !== 'quality';

function minimisedOf(candidate: Candidate, objectives: readonly Objective[]): number[] {
  return objectives.map((o) => (o.direction === 'max' ? -1 : 1) * candidate.metrics[o.metric]!.value);
}

/** Per objective the worst over the devices that have the point, as ratio to fp32 for costs (> 1 is worse), minimised. */
function worst(
  list: readonly Place[],
  vectors: readonly (readonly ArrayLike<number>[])[],
  objectives: readonly Objective[],
): { value: number; device: number }[] {
  return objectives.map((o, m) => {
    let value = -Infinity;
    let device = list[0]!.device;
    for (const place of list) {
      const own = vectors[place.device]![place.candidate]![m]!;
      const base = vectors[place.device]![place.fp32]![m]!;
      const v = isCost(o) ? (o.direction === 'max' ? base / own : own / base) : own;
      if (v > value) [value, device] = [v, place.device];
    }
    return { value, device };
  });
}
