import type { Recipe } from '@hilltop/contracts';
import { Button } from '../../ui/button.js';
import type { JobDraft } from './job-draft.js';
import css from './new-job.module.css';
import { toggled } from './toggled.js';

export interface RecipeChoiceProps {
  readonly draft: JobDraft;
  readonly change: (step: Partial<JobDraft>) => void;
  readonly recipes: readonly Recipe[];
  readonly hasCalibration: boolean;
}

/** The recipes with what to expect of them. */
export function RecipeChoice({ draft, change, recipes, hasCalibration }: RecipeChoiceProps) {
  const usable = recipes.filter((recipe) => hasCalibration || !recipe.needsCalibration);
  return (
    <fieldset className={css.section}>
      <legend className={css.legend}>
        Recipes
        <Button
          size="small"
          kind="quiet"
          onClick={() => change({ recipes: new Set(usable.map((recipe) => recipe.name)) })}
        >
          All that apply
        </Button>
        <Button size="small" kind="quiet" onClick={() => change({ recipes: new Set() })}>
          None
        </Button>
      </legend>
      <ul className={css.options}>
        {recipes.map((recipe) => {
          const lacksData = recipe.needsCalibration && !hasCalibration;
          return (
            <li key={recipe.name}>
              <label className={css.option}>
                <input
                  type="checkbox"
                  checked={draft.recipes.has(recipe.name)}
                  onChange={() => change({ recipes: toggled(draft.recipes, recipe.name) })}
                />
                <span>
                  <strong>{recipe.name}</strong> <span className="muted">{recipe.title}</span>
                  <span className={css.description}>
                    {recipe.description}
                    {lacksData && <span className={css.lacks}> Needs a calibration set.</span>}
                  </span>
                </span>
              </label>
            </li>
          );
        })}
      </ul>
    </fieldset>
  );
}
