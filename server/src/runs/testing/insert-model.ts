import type { EntityManager } from 'typeorm';
import { ModelEntity } from '../../models/model.entity.js';
import { VariantEntity } from '../../variants/variant.entity.js';

const at = '2026-01-01T00:00:00.000Z';
const sha = (n: number): string => n.toString(16).padStart(64, '0');

/** A model with one variant for each recipe, whose blobs are nowhere. */
export async function insertModel(
  manager: EntityManager,
  recipes: readonly string[],
  state: 'ready' | 'queued',
): Promise<void> {
  await manager.insert(ModelEntity, {
    id: 'mod_00000001',
    name: 'net',
    sha256: sha(1),
    bytes: 10,
    opset: 13,
    inputs: [{ name: 'x', type: 'float32', dims: [1, 4] }],
    outputs: [{ name: 'y', type: 'float32', dims: [1, 2] }],
    parameters: 1,
    createdAt: at,
  });
  for (const [i, recipe] of recipes.entries()) {
    const n = i + 1;
    await manager.insert(VariantEntity, {
      id: `var_0000000${n}`,
      modelId: 'mod_00000001',
      recipeName: recipe,
      recipeId: sha(n),
      recipe: { id: sha(n), name: recipe, title: '', description: '', steps: [], needsCalibration: false },
      state,
      cacheKey: sha(n),
      artifactSha256: state === 'ready' ? sha(100 + n) : null,
      artifactBytes: state === 'ready' ? 10 : null,
      metrics: {},
      steps: [],
      createdAt: at,
    });
  }
}
