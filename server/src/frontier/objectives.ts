import {
  type Constraint,
  LabError,
  type MetricId,
  type MetricRow,
  type Model,
  metrics as metricTable,
  type Objective,
  objectiveOf,
  parseConstraint,
} from '@hilltop/contracts';

/**
 * Axes of a frontier. Where `accuracy` was not asked for knowingly and the model has none, quality is what the model
 * has: agreement with fp32, or nothing, and then size takes its place. Throws `request.invalid`.
 */
export function objectivesOf(
  query: { x: MetricId; y: MetricId; z?: MetricId | undefined },
  model: Pick<Model, 'qualityMetric'>,
): Objective[] {
  const y =
    query.y === 'accuracy' && model.qualityMetric !== 'accuracy' ? (model.qualityMetric ?? 'size_bytes') : query.y;
  const ids = [query.x, y, ...(query.z !== undefined ? [query.z] : [])];
  if (new Set(ids).size < ids.length)
    throw new LabError('request.invalid', `a frontier needs different metrics; these are ${ids.join(', ')}`);
  const unranked = ids.find((id) => (metricTable[id] as MetricRow).direction === 'none');
  if (unranked !== undefined) throw new LabError('request.invalid', `${unranked} is recorded but is no axis`);
  return ids.map(objectiveOf);
}

/** `a<1MB,b>=0.9` -> constraints. Throws `request.invalid`. */
export function constraintsOf(where: string | undefined): Constraint[] | undefined {
  if (where === undefined || where.trim() === '') return undefined;
  return where.split(',').map((part) => {
    try {
      return parseConstraint(part);
    } catch (error) {
      throw new LabError(
        'request.invalid',
        error instanceof Error ? error.message : String(error),
        {},
        { cause: error },
      );
    }
  });
}
