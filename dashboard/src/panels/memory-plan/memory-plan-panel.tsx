import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLab, useTopic, useValues } from '../../app/lab-context.js';
import { DownloadButton } from '../../ui/download-button.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { Field } from '../../ui/field.js';
import { ErrorNotice } from '../../ui/notice.js';
import type { PanelProps } from '../panel-name.js';
import { MemoryPicture } from './memory-picture.js';
import css from './memory-plan.module.css';
import { PlanTable } from './plan-table.js';

/** What variants are on a microcontroller: size of the plan, arena, and what lies in it when. */
export function MemoryPlanPanel({ subject }: PanelProps) {
  const modelId = subject.modelId ?? '';
  const { api } = useLab();
  const variants = useValues(useTopic(`model/${modelId}`).entities.variant);
  const model = useTopic('lab').entities.model.get(modelId);
  const known = variants
    .filter((variant) => variant.plan ?? variant.planError)
    .sort((a, b) => a.recipe.localeCompare(b.recipe));
  const planned = known.filter((variant) => variant.plan);
  const [chosen, choose] = useState<string>();
  const variant = planned.find(({ id }) => id === chosen) ?? planned[0];
  const asked = useQuery({
    queryKey: ['plan', variant?.id, variant?.plan?.sha256],
    queryFn: () => api.plan(variant!.id),
    enabled: variant !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (known.length === 0) return <Empty>No variant of this model has been on a microcontroller yet.</Empty>;
  return (
    <>
      <PlanTable variants={known} />
      {variant?.plan && (
        <>
          <div className={css.picker}>
            <Field label="Memory plan of" layout="inline">
              {(control) => (
                <select {...control} value={variant.id} onChange={(event) => choose(event.target.value)}>
                  {planned.map(({ id, recipe }) => (
                    <option key={id} value={id}>
                      {recipe}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <DownloadButton artifact={variant.plan} fileName={`${model?.name ?? 'model'}-${variant.recipe}.plan`} />
          </div>
          <p className="caption">
            What lies where in the arena, and when. Filled: tensors; dashed: working memory of an operator; darker:
            worked on in place.
          </p>
          {asked.isError && <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />}
          {asked.data ? (
            <MemoryPicture memory={asked.data.memory} title={`Memory plan of ${variant.recipe}`} />
          ) : (
            !asked.isError && <Skeleton rows={4} />
          )}
        </>
      )}
    </>
  );
}
