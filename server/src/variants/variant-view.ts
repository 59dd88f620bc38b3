import type { Variant } from '@hilltop/contracts';
import type { VariantEntity } from './variant.entity.js';

/** A variant as it is told outside. */
export function variantView(row: VariantEntity): Variant {
  return {
    id: row.id,
    modelId: row.modelId,
    recipe: row.recipeName,
    recipeId: row.recipeId,
    state: row.state,
    ...(row.artifactSha256 !== null &&
      row.artifactBytes !== null && { artifact: { sha256: row.artifactSha256, bytes: row.artifactBytes } }),
    metrics: row.metrics,
    ...(row.error !== null && { error: row.error }),
    steps: row.steps,
    createdAt: row.createdAt,
  };
}
