import { recipeFiles, resolveRecipe } from '@hilltop/compression';
import { isLabError, LabError, Recipe } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { nearest } from '../shell/nearest.js';
import { defaultUrl } from './credentials.js';

type Seeker = Pick<Context, 'lab' | 'address' | 'terminal' | 'say'>;

/**
 * The recipes of the lab; those that ship with hilltop, and a word about it, where nobody said which lab and none runs here.
 * Throws the codes of LabClient.
 */
export async function knownRecipes(context: Seeker): Promise<Recipe[]> {
  try {
    return await context.lab.list<Recipe>('/api/v1/recipes', Recipe);
  } catch (error) {
    if (
      !isLabError(error, 'lab.unreachable') ||
      context.address.url !== defaultUrl ||
      context.terminal.env['HILLTOP_URL']
    )
      throw error;
    context.say('No lab runs here: these recipes ship with hilltop.');
    return recipeFiles.map(resolveRecipe);
  }
}

/** One of them by name. Throws `recipe.unknown` with the nearest. */
export async function findKnownRecipe(context: Seeker, name: string): Promise<Recipe> {
  const all = await knownRecipes(context);
  const found = all.find((recipe) => recipe.name === name);
  if (found) return found;
  const suggestion = nearest(
    name,
    all.map((recipe) => recipe.name),
  );
  const remedy = suggestion ? `did you mean ${suggestion}?` : '`hilltop recipes` lists them';
  throw new LabError('recipe.unknown', `there is no recipe "${name}": ${remedy}`, {
    name,
    ...(suggestion && { suggestion }),
  });
}
