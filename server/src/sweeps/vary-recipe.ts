import { createHash } from 'node:crypto';
import { resolveRecipe } from '@hilltop/compression';
import { LabError, type PassParameter, type Recipe, type RecipeFile } from '@hilltop/contracts';
import { mostPoints } from './space.js';

/** A recipe name's greatest length. */
const nameLength = 63;

/** A recipe that a `vary` stands for: its file, and what it resolves to. */
export interface VariedRecipe {
  readonly file: RecipeFile;
  readonly recipe: Recipe;
}

/**
 * Every combination of the given parameters as a recipe of its own, in the order they were written. The name says what was
 * varied, e.g. `prune-fraction-0.25`, and is always the same for the same recipe. Throws `sweep.invalid` for a pass that the
 * recipe has not, `recipe.parameter` for a value that the pass does not take.
 */
export function varyRecipe(base: Recipe, vary: Readonly<Record<string, readonly PassParameter[]>>): VariedRecipe[] {
  const keys = Object.keys(vary);
  for (const key of keys) {
    const pass = key.split('.')[0]!;
    if (!base.steps.some((step) => step.pass === pass))
      throw new LabError(
        'sweep.invalid',
        `${base.name} has no step ${pass}, so ${key} cannot be varied; its steps: ${base.steps.map((step) => step.pass).join(', ') || 'none'}`,
        { recipe: base.name, key },
      );
  }
  const count = keys.reduce((product, key) => product * vary[key]!.length, 1);
  if (count > mostPoints)
    throw new LabError(
      'sweep.too-large',
      `${base.name} varied like this is ${count} recipes, at most ${mostPoints} points are allowed; give fewer values`,
      { points: count, most: mostPoints },
    );
  const seen = new Set<string>();
  return combinations(keys.map((key) => vary[key]!)).flatMap((values) => {
    const varied = one(
      base,
      keys.map((key, i) => [key, values[i]!] as const),
    );
    if (seen.has(varied.recipe.name)) return [];
    seen.add(varied.recipe.name);
    return [varied];
  });
}

/** The name with the recipe's own hash: for one that somebody has given to another recipe. */
export function hashedName(name: string, id: string): string {
  return `${name.slice(0, nameLength - 9)}-${id.slice(0, 8)}`;
}

/** The same file under another name. */
export function renamed({ file, recipe }: VariedRecipe, name: string): VariedRecipe {
  return { file: { ...file, name }, recipe: { ...recipe, name } };
}

function one(base: Recipe, values: ReadonlyArray<readonly [key: string, value: PassParameter]>): VariedRecipe {
  const words = values.map(([key, value]) => `${key.slice(key.indexOf('.') + 1)} ${textOf(value)}`);
  const steps = base.steps.map(({ pass, parameters }) => ({
    pass,
    parameters: {
      ...parameters,
      ...Object.fromEntries(
        values.filter(([key]) => key.startsWith(`${pass}.`)).map(([key, value]) => [key.slice(pass.length + 1), value]),
      ),
    },
  }));
  const file = {
    name: base.name,
    title: `${base.title || base.name}, ${words.join(', ')}`.slice(0, 80),
    description: `${base.name} with ${values.map(([key, value]) => `${key} ${textOf(value)}`).join(', ')}`.slice(
      0,
      500,
    ),
    ...(base.risk && { risk: base.risk }),
    ...(base.floor && { floor: base.floor }),
    steps,
  };
  const { id } = resolveRecipe(file);
  const name = nameOf(base.name, words, id);
  return { file: { ...file, name }, recipe: resolveRecipe({ ...file, name }) };
}

/** Readable where it fits and means one thing, else with a hash at its end. */
function nameOf(base: string, words: readonly string[], id: string): string {
  const whole = [base, ...words].join('-');
  const name = whole
    .toLowerCase()
    .replace(/[^a-z0-9+._-]+/g, '-')
    .replace(/-+/g, '-');
  const plain = whole.replaceAll(' ', '-').toLowerCase() === name;
  return plain && name.length <= nameLength ? name : hashedName(name, id);
}

/** A value as a word of a name; a list by what it holds. */
function textOf(value: PassParameter): string {
  if (!Array.isArray(value)) return String(value);
  const list = value.join('+');
  return list.length <= 24 ? list : createHash('sha256').update(list).digest('hex').slice(0, 8);
}

function combinations<T>(lists: ReadonlyArray<readonly T[]>): T[][] {
  return lists.reduce<T[][]>((all, list) => all.flatMap((head) => list.map((value) => [...head, value])), [[]]);
}
