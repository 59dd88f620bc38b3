import { readdirSync, readFileSync } from 'node:fs';
import { LabError, type Recipe, RecipeFile } from '@hilltop/contracts';
import { resolveRecipe } from './recipe.js';

/** The package's recipes folder: one level up both from src and from dist. */
const folder = new URL('../recipes/', import.meta.url);

/** From safe to aggressive; the order screens show them in. What is not named comes last, by name. */
const order = [
  'fp32',
  'optimized',
  'fp16',
  'int8-weights',
  'int8-dynamic',
  'int8-static',
  'int8-static-mse',
  'int8-arm',
  'int8-portable',
  'int8-equalized',
  'int8-mixed',
  'cluster-32',
  'int8-tensor',
  'int4-weights',
  'int4-feedback',
  'int4-matmul',
  'cluster-16',
  'prune-50',
  'prune-2-4',
  'prune-50+int8',
  'low-rank-90',
  'prune-channels-25',
  'prune-channels-25+int8',
  'cluster-8',
  'prune-70',
  'prune-70+int8-weights',
  'prune-50+cluster-8',
  'low-rank-90+int8',
  'low-rank-85+cluster-16',
  'prune-channels-50',
  'prune-channels-50+int8',
];

const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);

/** The recipes that ship with the lab. */
export const recipeFiles: readonly RecipeFile[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => RecipeFile.parse(JSON.parse(readFileSync(new URL(encodeURIComponent(name), folder), 'utf8'))))
  .sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));

/** A shipped recipe, resolved. Throws `recipe.unknown`. */
export function findRecipe(name: string): Recipe {
  const file = recipeFiles.find((recipe) => recipe.name === name);
  if (!file)
    throw new LabError(
      'recipe.unknown',
      `there is no recipe ${JSON.stringify(name)}; known are ${recipeFiles.map((r) => r.name).join(', ')}`,
      { name },
    );
  return resolveRecipe(file);
}
