import type { Recipe } from '@hilltop/contracts';
import type { Style } from './style.js';
import { fields, table } from './table.js';
import { wrap } from './wrap.js';

/** Columns that are still easy to read. */
const widest = 100;

/** Recipes with what they are, their risk and what they need; what to expect of one is a paragraph, and in `recipeText`. */
export function recipesText(recipes: readonly Recipe[], style: Style): string {
  return table(
    recipes,
    [
      { title: 'Recipe', cell: (recipe) => recipe.name },
      { title: 'Risk', cell: (recipe) => recipe.risk },
      { title: 'Needs', cell: needsText },
      { title: 'What it is', cell: (recipe) => recipe.title },
      { title: 'Passes', cell: (recipe) => recipe.steps.map((step) => step.pass).join(', ') || 'none' },
    ],
    style,
  );
}

/** One recipe whole: what to expect, every step with every parameter; lines of at most `columns`. */
export function recipeText(recipe: Recipe, style: Style, columns: number): string {
  const { floor } = recipe;
  const keeps = [
    ...(floor?.agreement === undefined ? [] : [`agreement ${(floor.agreement * 100).toFixed(1)} %`]),
    ...(floor?.sqnr_db === undefined ? [] : [`SQNR ${floor.sqnr_db} dB`]),
  ];
  const head = fields(
    {
      Recipe: recipe.name,
      Title: recipe.title,
      Risk: recipe.risk,
      Needs: needsText(recipe) ?? 'nothing',
      'Keeps at least': keeps.join(', '),
      Id: recipe.id,
    },
    style,
  );
  const expect = wrap(recipe.description, Math.min(columns, widest)).map((line) => `${line}\n`);
  const steps = recipe.steps.map((step, i) => {
    const parameters = Object.fromEntries(
      Object.entries(step.parameters).map(([name, value]) => [
        `  ${name}`,
        Array.isArray(value) ? value.join(', ') || 'none' : String(value) || 'none',
      ]),
    );
    return `\n${style.bold(`${i + 1}. ${step.pass}`)} ${style.dim(`version ${step.version}`)}\n${fields(parameters, style)}`;
  });
  return (
    head +
    (expect.length > 0 ? `\n${expect.join('')}` : '') +
    (steps.length === 0 ? '\nNo steps: the model as it is.\n' : steps.join(''))
  );
}

function needsText({ needsCalibration, needsValidation }: Recipe): string | undefined {
  const needs = [...(needsCalibration ? ['calibration'] : []), ...(needsValidation ? ['validation'] : [])];
  return needs.length > 0 ? needs.join(', ') : undefined;
}
