import { type MetricValues, type Objective, type ProtocolName, type SweepFile } from '@hilltop/contracts';
import { objectiveValues } from '../frontier/candidate.js';
import { relativeVolume } from '../frontier/reference-point.js';

/** Where volumes are measured from, and fp32's own values, in the order of the objectives. */
export interface Reference {
  readonly corner: readonly number[];
  readonly fp32: readonly number[];
}

/** A trial as far as the frontier of its device is concerned. */
export interface Measured {
  readonly id: string;
  readonly pointKey: string;
  readonly protocol: ProtocolName;
  readonly state: string;
  readonly verdict: string | null;
  readonly metrics: MetricValues;
}

/**
 * Relative hypervolume of one device's frontier after each of its ended trials, given in the order in which they ended: of each
 * point the newest clean result counts, else the newest disturbed one. Trials of another protocol change nothing.
 */
export function volumesOf(
  ended: readonly Measured[],
  protocol: ProtocolName,
  objectives: readonly Objective[],
  reference: Reference | undefined,
): Map<string, number> {
  const volumes = new Map<string, number>();
  if (!reference) return volumes;
  const best = new Map<string, { clean: boolean; values: readonly number[] }>();
  let volume: number | undefined;
  for (const trial of ended) {
    const values = trial.state === 'succeeded' && trial.protocol === protocol && objectiveValues(trial, objectives);
    const clean = trial.verdict === 'clean';
    if (values && trial.verdict !== 'invalid' && (clean || !best.get(trial.pointKey)?.clean)) {
      best.set(trial.pointKey, { clean, values });
      volume = relativeVolume(
        [...best.values()].map((each) => each.values),
        reference.fp32,
        reference.corner,
        objectives,
      );
    }
    if (volume !== undefined) volumes.set(trial.id, volume);
  }
  return volumes;
}

/**
 * Why the search on a device has gained too little to go on: its last trials under the file's protocol together raised the
 * hypervolume by less than the share that was asked for. Undefined while it has, or while that cannot be told.
 */
export function stopNote(
  ended: readonly Measured[],
  volumes: ReadonlyMap<string, number>,
  file: Pick<SweepFile, 'stop' | 'protocol'>,
): string | undefined {
  if (!file.stop) return undefined;
  const { trials, gain } = file.stop;
  const counted = ended.filter(({ protocol }) => protocol === file.protocol);
  const before = counted.at(-1 - trials);
  const last = counted.at(-1);
  const from = before && volumes.get(before.id);
  const to = last && volumes.get(last.id);
  if (from === undefined || to === undefined || from <= 0) return undefined;
  const raised = to / from - 1;
  if (raised >= gain) return undefined;
  return `the last ${trials} trials raised the hypervolume by ${(raised * 100).toFixed(2)} %, less than ${gain * 100} %`;
}
