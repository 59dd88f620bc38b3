import { resolve } from 'node:path';
import type { Context } from '../context.js';
import { findKnownRecipe } from '../lab/known-recipes.js';
import { isRecipeFile, readRecipe } from '../local/compress/chosen-recipes.js';
import { recipeText } from '../text/recipe-text.js';

/** Shows one recipe with every parameter resolved: of the lab, or of a file. */
export async function recipesShow(context: Context): Promise<void> {
  const wanted = context.positionals[0]!;
  const recipe = isRecipeFile(wanted)
    ? await readRecipe(resolve(context.terminal.cwd, wanted))
    : await findKnownRecipe(context, wanted);
  context.answer(recipe, () => recipeText(recipe, context.style, context.terminal.out.columns));
}
