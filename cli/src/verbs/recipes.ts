import type { Context } from '../context.js';
import { knownRecipes } from '../lab/known-recipes.js';
import { recipesText } from '../text/recipe-text.js';

/** Lists the recipes of the lab, or those that ship. */
export async function recipes(context: Context): Promise<void> {
  const all = await knownRecipes(context);
  context.answer(all, () => recipesText(all, context.style));
  context.say('What to expect of one, and its parameters: hilltop recipes show RECIPE');
}
