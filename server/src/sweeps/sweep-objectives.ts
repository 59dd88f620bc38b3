import {
  LabError,
  type MetricRow,
  type Model,
  metrics as metricTable,
  type Objective,
  objectiveOf,
  parseConstraint,
  type SweepFile,
} from '@hilltop/contracts';

/**
 * The axes on which a model is searched. Where accuracy is asked for and the model has none, quality is what it has; where it has
 * none at all, size takes its place, as on the frontier. Throws `sweep.invalid`.
 */
export function objectivesFor(
  choices: SweepFile['objectives'],
  model: { readonly name: string; readonly qualityMetric: Model['qualityMetric'] | null },
): Objective[] {
  const ids = choices.map(({ metric }) =>
    metric === 'accuracy' && model.qualityMetric !== 'accuracy' ? (model.qualityMetric ?? 'size_bytes') : metric,
  );
  if (new Set(ids).size < ids.length)
    throw new LabError(
      'sweep.invalid',
      `the objectives of a sweep are different metrics; for ${model.name} these come to ${ids.join(', ')}`,
      { model: model.name, objectives: ids },
    );
  for (const { metric, direction } of choices) {
    const row: MetricRow = metricTable[metric];
    if (row.direction === 'none')
      throw new LabError('sweep.invalid', `${metric} is recorded but is no objective; choose another`, { metric });
    if (direction !== undefined && direction !== row.direction)
      throw new LabError(
        'sweep.invalid',
        `${metric} is better ${row.direction === 'min' ? 'smaller' : 'larger'}; leave its direction away`,
        { metric, direction },
      );
  }
  return ids.map(objectiveOf);
}

/** Throws `sweep.invalid` for a constraint that cannot be read. */
export function checkConstraints(constraints: readonly string[]): void {
  for (const text of constraints) {
    try {
      parseConstraint(text);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new LabError('sweep.invalid', message, { constraint: text }, { cause: error });
    }
  }
}
