import { hottestZone } from '../kernel-counters.js';
import type { Surroundings } from '../sensors/sensor-source.js';
import { affinityLack } from './affinity.js';
import { lookAtSettings } from './look.js';
import { type Lack, planChanges, type Settings } from './plan.js';
import { powerModes } from './power-modes.js';
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
  const seen = await lookAtSettings({ root, run });
  const { lacks } = planChanges(wanted, seen);
  const modes = wanted.modes ? modesLack(root, seen) : undefined;
  const affinity = wanted.affinity === undefined ? undefined : affinityLack(root, wanted.affinity, taskset);
  const heat =
    wanted.coolDown && !Number.isFinite(hottestZone(root))
      ? { what: 'cool-down: this machine tells no temperature', remedy: 'leave cool-down out of --prepare' }
      : undefined;
  const impossible = new Set<string>([
    ...lacks.map(({ part }) => part),
    ...(affinity ? ['affinity'] : []),
    ...(heat ? ['coolDown'] : []),
    ...(modes ? ['modes'] : []),
  ]);
  const rest = Object.fromEntries(Object.entries(wanted).filter(([key]) => !impossible.has(key)));
  return {
    possible: wantedText(rest),
    lacks: [
      ...lacks.map(({ what, remedy }) => ({ what, remedy })),
      ...(affinity ? [affinity] : []),
      ...(heat ? [heat] : []),
      ...(modes ? [modes] : []),
    ],
  };
}

/** Why no run can choose a mode here, the governors' files included. */
function modesLack(root: string, seen: Settings): Lack | undefined {
  const wishes = [...powerModes(root).values()];
  if (wishes.length === 0)
    return {
      what: 'modes: this machine has no power modes, and no core has a frequency governor',
      remedy: 'leave modes out of --prepare: a virtual machine, or firmware, sets the clock',
    };
  return wishes.flatMap((wish) => planChanges(wish, seen).lacks).map(({ what, remedy }) => ({ what, remedy }))[0];
}
