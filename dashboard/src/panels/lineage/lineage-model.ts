import type { DeviceFrontier, FrontierPoint, MetricId, Recipe, Run, Variant } from '@hilltop/contracts';
import { pointLabel } from '../frontier/point.js';
import { reasonOf } from '../frontier/reason.js';

export interface LineagePass {
  readonly pass: string;
  /** `share 0.5, seed 1`; absent where nothing is known of them. */
  readonly parameters?: string;
  readonly ms?: number;
  readonly notes: readonly string[];
}

export interface LineageJob {
  readonly jobId: string;
  readonly runs: readonly Run[];
}

export interface LineagePlace {
  readonly device: DeviceFrontier['device'];
  readonly point: FrontierPoint;
  readonly label: string;
  readonly reason: string;
}

export interface Lineage {
  readonly passes: readonly LineagePass[];
  /** Newest first. */
  readonly jobs: readonly LineageJob[];
  readonly places: readonly LineagePlace[];
}

export interface LineageInput {
  readonly variant: Variant;
  /** The recipe of the same id; a changed one of the same name is another. */
  readonly recipe: Recipe | undefined;
  readonly runs: readonly Run[];
  readonly frontiers: readonly DeviceFrontier[];
  readonly axes: readonly MetricId[];
}

/** Everything a variant went through: each pass with its parameters, the jobs that measured it, where it stands. */
export function lineageOf({ variant, recipe, runs, frontiers, axes }: LineageInput): Lineage {
  const jobs = new Map<string, Run[]>();
  for (const run of [...runs].sort((a, b) => b.queuedAt.localeCompare(a.queuedAt)))
    if (run.variantId === variant.id) jobs.set(run.jobId, [...(jobs.get(run.jobId) ?? []), run]);
  return {
    passes: passesOf(variant, recipe),
    jobs: [...jobs].map(([jobId, own]) => ({ jobId, runs: own })),
    places: frontiers.flatMap(({ device, points }) =>
      points
        .filter((point) => point.variant === variant.id)
        .map((point) => ({ device, point, label: pointLabel(point), reason: reasonOf(point, points, axes) })),
    ),
  };
}

/** What was done, in order; before it is built, what will be. Screening is no pass: it changes nothing. */
function passesOf(variant: Variant, recipe: Recipe | undefined): LineagePass[] {
  const done = variant.steps.filter(({ pass }) => pass !== 'screening');
  const known = recipe?.steps ?? [];
  return Array.from({ length: Math.max(done.length, known.length) }, (_, i) => {
    const [step, wish] = [done[i], known[i]];
    const parameters = wish && (step === undefined || step.pass === wish.pass) ? parameterText(wish.parameters) : '';
    return {
      pass: step?.pass ?? wish!.pass,
      ...(parameters !== '' && { parameters }),
      ...(step && { ms: step.ms }),
      notes: step?.notes ?? [],
    };
  });
}

const parameterText = (parameters: Recipe['steps'][number]['parameters']): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(', ') || 'none' : String(value)}`)
    .join(', ');
