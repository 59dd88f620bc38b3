import { LabError } from '@hilltop/contracts';
import type { EntityManager } from 'typeorm';
import type { ModelEntity } from '../models/model.entity.js';
import type { RecipeService } from '../recipes/recipe.service.js';
import { VariantEntity } from './variant.entity.js';

/** A name means one variant of a model: it is how a job asks for it. Throws `request.conflict`. */
export async function requireFreeName(
  manager: EntityManager,
  recipes: Pick<RecipeService, 'has'>,
  model: ModelEntity,
  name: string,
): Promise<void> {
  const conflict = (taken: string): LabError =>
    new LabError('request.conflict', `${taken}; choose another name with --name`, { name, model: model.id });
  if (await recipes.has(manager, name)) throw conflict(`${name} is a recipe of this lab`);
  if (await manager.existsBy(VariantEntity, { modelId: model.id, recipeName: name }))
    throw conflict(`${model.name} has a variant called ${name} already`);
}
