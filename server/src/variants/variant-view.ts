import type { Variant, VariantProgress } from '@hilltop/contracts';
import type { VariantEntity } from './variant.entity.js';

/** A variant as it is told outside; `progress` while it is built. */
export function variantView(row: VariantEntity, progress?: VariantProgress): Variant {
  return {
    id: row.id,
    modelId: row.modelId,
    recipe: row.recipeName,
    recipeId: row.recipeId,
    origin: row.origin,
    ...(row.description !== null && { description: row.description }),
    ...(row.firmware != null && { firmware: row.firmware }),
    state: row.state,
    ...(row.state === 'building' && progress && { progress }),
    ...(row.artifactSha256 !== null &&
      row.artifactBytes !== null && { artifact: { sha256: row.artifactSha256, bytes: row.artifactBytes } }),
    metrics: row.metrics,
    ...(row.screening !== null && { screening: row.screening }),
    ...(row.plan != null && { plan: row.plan }),
    ...(row.planError != null && { planError: row.planError }),
    ...(row.error !== null && { error: row.error }),
    steps: row.steps,
    createdAt: row.createdAt,
  };
}
