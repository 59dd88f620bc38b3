import { useQuery } from '@tanstack/react-query';
import { useLab, useTopic, useValues } from '../../app/lab-context.js';
import { useDialogs } from '../../dialogs/dialogs-context.js';
import { Button } from '../../ui/button.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { Field } from '../../ui/field.js';
import { useFrontiers } from '../frontier/use-frontiers.js';
import type { PanelProps } from '../panel-name.js';
import css from './lineage.module.css';
import { lineageOf } from './lineage-model.js';
import { LineageSteps } from './lineage-steps.js';

/** Where a variant comes from and how it did: model, passes, artifact, jobs and runs, standing. */
export function LineagePanel({ subject }: PanelProps) {
  const { api } = useLab();
  const modelId = subject.modelId ?? '';
  const topic = useTopic(`model/${modelId}`);
  const model = useTopic('lab').entities.model.get(modelId);
  const { all, view, change } = useFrontiers({ modelId });
  const variants = useValues(topic.entities.variant);
  const runs = useValues(topic.entities.run);
  const recipes = useQuery({ queryKey: ['recipes'], queryFn: api.recipes, staleTime: 60_000 });
  const { open } = useDialogs();
  if (topic.phase === 'waiting' || !model) return <Skeleton rows={5} />;
  if (variants.length === 0) return <Empty>No variant yet. A job makes one from each recipe it asks for.</Empty>;
  const sorted = [...variants].sort((a, b) => a.recipe.localeCompare(b.recipe, undefined, { numeric: true }));
  const selected = view.sel?.split('|')[0];
  const variant =
    sorted.find(({ id, recipe }) => id === view.variant || recipe === view.variant) ??
    sorted.find(({ id }) => id === selected) ??
    sorted.find(({ recipe }) => recipe !== 'fp32') ??
    sorted[0]!;
  const lineage = lineageOf({
    variant,
    recipe: recipes.data?.find(({ id }) => id === variant.recipeId),
    runs,
    frontiers: all,
    axes: [view.x, view.y],
  });
  return (
    <>
      <div className={css.tools}>
        <Field label="Variant" layout="inline">
          {(control) => (
            <select {...control} value={variant.recipe} onChange={(event) => change({ variant: event.target.value })}>
              {sorted.map(({ id, recipe }) => (
                <option key={id}>{recipe}</option>
              ))}
            </select>
          )}
        </Field>
        <Button size="small" onClick={() => open('take-home', { modelId, variantId: variant.id })}>
          Take home
        </Button>
      </div>
      <LineageSteps model={model} variant={variant} lineage={lineage} />
    </>
  );
}
