import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { findRecipe, recipeFiles, resolveRecipe } from '@hilltop/compression';
import { errorText, isLabError, LabError, type Recipe } from '@hilltop/contracts';
import { nearest } from '../../shell/nearest.js';
import { usageError } from '../../shell/usage-error.js';

export interface ChosenRecipe {
  readonly recipe: Recipe;
  /** Asked for with `all`, not by itself: that it does not apply is no failure. */
  readonly byAll: boolean;
}

/** Every shipped recipe that applies. */
export const allWord = 'all';

/** A recipe that is meant as a file. */
export const isRecipeFile = (word: string): boolean => /\.json$/i.test(word) || word.includes('/');

/**
 * The recipes that words stand for: `all`, names that ship, files of one's own. Throws `recipe.unknown` with the nearest name,
 * `recipe.invalid` and `recipe.parameter` with file and path, `usage.invalid` for two different ones of a name.
 */
export async function chooseRecipes(words: readonly string[], cwd: string): Promise<ChosenRecipe[]> {
  const chosen = new Map<string, ChosenRecipe>();
  const add = (recipe: Recipe, byAll: boolean): void => {
    const before = chosen.get(recipe.name);
    if (before && before.recipe.id !== recipe.id)
      throw usageError(`two different recipes are called ${recipe.name}: their files would have the same name.`);
    chosen.set(recipe.name, { recipe, byAll: byAll && (before?.byAll ?? true) });
  };
  for (const word of words) {
    if (word === allWord) for (const file of recipeFiles) add(resolveRecipe(file), true);
    else add(isRecipeFile(word) ? await readRecipe(resolve(cwd, word)) : shipped(word), false);
  }
  return [...chosen.values()];
}

/** A recipe file, resolved; what is wrong is named by file and path. */
export async function readRecipe(file: string): Promise<Recipe> {
  const content = await readRecipeFile(file);
  try {
    return resolveRecipe(content);
  } catch (error) {
    if (!isLabError(error)) throw error;
    throw new LabError(error.code, `${file}: ${error.message}`, { ...error.details, file }, { cause: error });
  }
}

/** The JSON of a recipe file as it is. Throws `usage.invalid` where it cannot be read, `recipe.invalid` where it is no JSON. */
export async function readRecipeFile(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new LabError('usage.invalid', `cannot read ${file}: is the name right?`, { file }, { cause: error });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new LabError(
      'recipe.invalid',
      `${file}: not JSON: ${errorText(error)}`,
      { file, path: '' },
      { cause: error },
    );
  }
}

function shipped(name: string): Recipe {
  const names = recipeFiles.map((recipe) => recipe.name);
  if (names.includes(name)) return findRecipe(name);
  const suggestion = nearest(name, names);
  throw new LabError(
    'recipe.unknown',
    `no recipe "${name}" ships with hilltop: ${suggestion ? `did you mean ${suggestion}?` : `there is ${names.join(', ')}`}; one of your own is given as a file, -r ./${name}.json`,
    { name, ...(suggestion && { suggestion }) },
  );
}
