import { hottestZone } from '../kernel-counters.js';
import type { Surroundings } from '../sensors/sensor-source.js';
import { affinityLack } from './affinity.js';
import { lookAtSettings } from './look.js';
import { type Lack, planChanges } from './plan.js';
import { type Wanted, wantedText } from './wanted.js';

export interface CheckPorts extends Pick<Surroundings, 'root' | 'run'> {
  /** `taskset`, where it is. */
  readonly taskset?: string | undefined;
}

/** What of the wanted would be done for a run, and why not the rest. Looks only; whether nvpmodel takes a mode is seen when it is told. */
export async function checkPreparation(
  wanted: Wanted,
  { root, run, taskset }: CheckPorts,
): Promise<{ readonly possible: readonly string[]; readonly lacks: readonly Lack[] }> {
  const { lacks } = planChanges(wanted, await lookAtSettings({ root, run }));
  const affinity = wanted.affinity === undefined ? undefined : affinityLack(root, wanted.affinity, taskset);
  const heat =
    wanted.coolDown && !Number.isFinite(hottestZone(root))
      ? { what: 'cool-down: this machine tells no temperature', remedy: 'leave cool-down out of --prepare' }
      : undefined;
  const impossible = new Set<string>([
    ...lacks.map(({ part }) => part),
    ...(affinity ? ['affinity'] : []),
    ...(heat ? ['coolDown'] : []),
  ]);
  const rest = Object.fromEntries(Object.entries(wanted).filter(([key]) => !impossible.has(key)));
  return {
    possible: wantedText(rest),
    lacks: [
      ...lacks.map(({ what, remedy }) => ({ what, remedy })),
      ...(affinity ? [affinity] : []),
      ...(heat ? [heat] : []),
    ],
  };
}
