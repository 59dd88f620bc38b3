import { Recipe } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { table } from '../text/table.js';

/** Lists the recipes of the lab. */
export async function recipes(context: Context): Promise<void> {
  const all = await context.lab.list<Recipe>('/api/v1/recipes', Recipe);
  context.answer(all, () =>
    table(
      all,
      [
        { title: 'Recipe', cell: (recipe) => recipe.name },
        { title: 'Passes', cell: (recipe) => recipe.steps.map((step) => step.pass).join(', ') || 'none' },
        { title: 'Needs', cell: (recipe) => (recipe.needsCalibration ? 'calibration data' : undefined) },
        { title: 'What to expect', cell: (recipe) => recipe.description },
      ],
      context.style,
    ),
  );
}
