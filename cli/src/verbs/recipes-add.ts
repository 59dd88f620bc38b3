import { resolve } from 'node:path';
import { Recipe } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { readRecipe, readRecipeFile } from '../local/compress/chosen-recipes.js';
import { recipeText } from '../text/recipe-text.js';

/** Gives the lab a recipe of one's own; what is wrong with it is said before anything is sent. */
export async function recipesAdd(context: Context): Promise<void> {
  const file = resolve(context.terminal.cwd, context.positionals[0]!);
  await readRecipe(file);
  const recipe = await context.lab.post('/api/v1/recipes', await readRecipeFile(file), Recipe);
  context.answer(recipe, () => recipeText(recipe, context.style, context.terminal.out.columns));
  context.say(`Use it: hilltop compress -m MODEL -r ${recipe.name}`);
}
