import type { Recipe, Variant } from '@hilltop/contracts';
import { Button } from '../../ui/button.js';
import { type DataAtHand, type JobDraft, lacksOf } from './job-draft.js';
import css from './new-job.module.css';
import { toggled } from './toggled.js';

export interface RecipeChoiceProps {
  readonly draft: JobDraft;
  readonly change: (step: Partial<JobDraft>) => void;
  readonly recipes: readonly Recipe[];
  /** Variants of the chosen model that no recipe made: asked for by name, as recipes are. */
  readonly elsewhere: readonly Pick<Variant, 'recipe' | 'description' | 'origin'>[];
  readonly data: DataAtHand;
}

interface Option {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly risk?: Recipe['risk'];
  readonly lacks: readonly string[];
}

/** The recipes with what to expect of them, and what was made elsewhere. */
export function RecipeChoice({ draft, change, recipes, elsewhere, data }: RecipeChoiceProps) {
  const options: readonly Option[] = [
    ...recipes.map((recipe) => ({ ...recipe, lacks: lacksOf(recipe, data) })),
    ...elsewhere.map(({ recipe, origin, description = '' }) => ({
      name: recipe,
      title: origin === 'firmware' ? 'in firmware' : 'made elsewhere',
      description,
      lacks: [],
    })),
  ];
  const usable = options.filter(({ lacks }) => lacks.length === 0);
  return (
    <fieldset className={css.section}>
      <legend className={css.legend}>
        Recipes
        <Button
          size="small"
          kind="quiet"
          onClick={() => change({ recipes: new Set(usable.map((option) => option.name)) })}
        >
          All that apply
        </Button>
        <Button size="small" kind="quiet" onClick={() => change({ recipes: new Set() })}>
          None
        </Button>
      </legend>
      <ul className={css.options}>
        {options.map(({ name, title, description, risk, lacks }) => (
          <li key={name}>
            <label className={css.option}>
              <input
                type="checkbox"
                checked={draft.recipes.has(name)}
                onChange={() => change({ recipes: toggled(draft.recipes, name) })}
              />
              <span>
                <strong>{name}</strong> <span className="muted">{title}</span>
                {risk && (
                  <span className={css.risk} data-risk={risk}>
                    {risk}
                  </span>
                )}
                <span className={css.description}>
                  {description}
                  {lacks.length > 0 && <span className={css.lacks}> Needs a {lacks.join(' and a ')} set.</span>}
                </span>
              </span>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
