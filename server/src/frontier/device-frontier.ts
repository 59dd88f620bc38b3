import {
  type Constraint,
  type DeviceFrontier,
  meets,
  mulberry32,
  type Objective,
  settingsKey,
} from '@hilltop/contracts';
import { attainment, attainmentDraws } from './attainment.js';
import { type Candidate, objectiveValues } from './candidate.js';
import { type ReferencePoint, relativeVolume } from './reference-point.js';
import { replicateSource } from './replicates.js';
import { replicateCount, standings } from './standing.js';

export interface DeviceFrontierInput {
  readonly device: DeviceFrontier['device'];
  /** Every succeeded run of one model on the device under one protocol and one summary key. */
  readonly candidates: readonly Candidate[];
  readonly objectives: readonly Objective[];
  readonly reference?: ReferencePoint;
  readonly key?: string;
  readonly energy?: NonNullable<DeviceFrontier['energy']>;
  readonly constraints?: readonly Constraint[];
  readonly seed?: number;
  readonly replicates?: number;
}

/** The points of one device with their standing; pure, the same input gives the same frontier. */
export function deviceFrontier(input: DeviceFrontierInput): DeviceFrontier {
  const { objectives, device } = input;
  const { chosen, excluded } = choose(input.candidates, objectives);
  const random = mulberry32(input.seed ?? 1);
  const source = replicateSource(chosen, objectives, random);
  // The first of the replicates that decide the standing draw the band as well.
  const kept: Float64Array[][] = [];
  const next = (): Float64Array[] => {
    const drawn = source.next();
    if (kept.length < attainmentDraws) kept.push(drawn);
    return drawn;
  };
  const standing = standings(next, chosen.length, input.replicates ?? replicateCount);
  const band = attainment(kept, objectives);
  const points = chosen.map((candidate, i) => ({
    variant: candidate.variant,
    recipe: candidate.recipe,
    settings: candidate.settings,
    artifact: candidate.artifact,
    runs: [candidate.runId],
    verdict: candidate.verdict,
    ...(candidate.unstable !== undefined && { unstable: candidate.unstable }),
    metrics: candidate.metrics,
    status: standing[i]!.status,
    probability: standing[i]!.probability,
    dominatedBy: [...new Set(standing[i]!.dominatedBy.map((d) => chosen[d]!.variant))],
    ...(input.constraints && { feasible: input.constraints.every((c) => meets(c, candidate.metrics)) }),
  }));
  const reference = objectives.map((o) => input.reference?.[o.metric]);
  const fp32 = chosen.find((c) => c.recipe === 'fp32');
  const known = reference.every((r) => r !== undefined);
  const volume =
    known && fp32
      ? relativeVolume(
          chosen.map((c) => objectiveValues(c, objectives)!),
          objectiveValues(fp32, objectives)!,
          reference as number[],
          objectives,
        )
      : undefined;
  return {
    device,
    ...(input.key !== undefined && { key: input.key }),
    points,
    ...(band && { attainment: band }),
    excluded,
    ...(volume !== undefined && { hypervolume: volume }),
    ...(known && { reference: reference as number[] }),
    ...(input.energy && { energy: input.energy }),
  };
}

const rank = { clean: 0, disturbed: 1, invalid: 2 } as const;

/**
 * One candidate a point: the newest clean run; where none is clean the newest disturbed one, marked as such.
 * Invalid runs are counted, not drawn.
 */
export function choose(
  candidates: readonly Candidate[],
  objectives: readonly Objective[],
): { chosen: Candidate[]; excluded: Record<string, number> } {
  const excluded: Record<string, number> = {};
  const leaveOut = (reason: string): void => {
    excluded[reason] = (excluded[reason] ?? 0) + 1;
  };
  const best = new Map<string, Candidate>();
  for (const candidate of candidates) {
    if (candidate.verdict === 'invalid') leaveOut('invalid');
    else if (!objectiveValues(candidate, objectives)) leaveOut('no-metric');
    else {
      const key = `${candidate.variant} ${settingsKey(candidate.settings)}`;
      const other = best.get(key);
      const wins =
        !other ||
        rank[candidate.verdict] < rank[other.verdict] ||
        (candidate.verdict === other.verdict && candidate.endedAt > other.endedAt);
      if (other && candidate.verdict !== other.verdict) leaveOut((wins ? other : candidate).verdict);
      if (wins) best.set(key, candidate);
    }
  }
  return { chosen: [...best.values()], excluded };
}
