import { Name } from '@hilltop/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useBlocked, useLab, useTopic, useValues } from '../../app/lab-context.js';
import { randomKey } from '../../link/random-key.js';
import type { UploadProgress } from '../../link/upload-file.js';
import { orderDevices } from '../../panels/devices/order-devices.js';
import { Button } from '../../ui/button.js';
import { Skeleton } from '../../ui/empty.js';
import { Modal } from '../../ui/modal.js';
import { ErrorNotice } from '../../ui/notice.js';
import type { DialogStart } from '../dialogs-context.js';
import { DeviceChoice } from './device-choice.js';
import { emptyDraft, factorsOf, type JobDraft, missingOf, runtimeChoices, withModel } from './job-draft.js';
import { countText, emptyOptions, optionChoices } from './job-options.js';
import { keysByBody } from './keys-by-body.js';
import { MeasuringChoice } from './measuring-choice.js';
import { ModelChoice } from './model-choice.js';
import { MoreOptions } from './more-options.js';
import css from './new-job.module.css';
import { RecipeChoice } from './recipe-choice.js';
import type { FileRole } from './sort-files.js';
import { startJob } from './start-job.js';

export interface NewJobDialogProps {
  readonly start: DialogStart;
  readonly onClose: () => void;
}

/** Model, recipes, devices, protocol, start. Uploading happens after "Start", with progress, and can be cancelled. */
export function NewJobDialog({ start, onClose }: NewJobDialogProps) {
  const { api } = useLab();
  const [, navigate] = useLocation();
  const lab = useTopic('lab');
  const models = useValues(lab.entities.model);
  const devices = orderDevices(useValues(lab.entities.device));
  const recipes = useQuery({ queryKey: ['recipes'], queryFn: api.recipes, staleTime: 60_000 });
  const blocked = useBlocked('operator');
  const [wish, setDraft] = useState<JobDraft>({
    ...emptyDraft,
    modelId: start.modelId,
    devices: new Set(start.deviceId ? [start.deviceId] : []),
    ...(start.recipe !== undefined && { recipes: new Set([start.recipe]) }),
    ...(start.settings && {
      threads: String(start.settings.threads),
      runtimes: new Set(start.settings.runtime ? [start.settings.runtime] : []),
      options: {
        ...emptyOptions,
        providers: new Set(start.settings.provider ? [start.settings.provider] : []),
        precisions: new Set(start.settings.precision ? [start.settings.precision] : []),
        powerModes: new Set(start.settings.powerMode ? [start.settings.powerMode] : []),
        batches: String(start.settings.batch ?? ''),
      },
    }),
    ...(start.protocol && { protocol: start.protocol }),
  });
  const runtimes = runtimeChoices(wish, devices);
  // What no chosen device offers any more is not asked for.
  const draft = { ...wish, runtimes: new Set(runtimes.filter((runtime) => wish.runtimes.has(runtime))) };
  const [progress, setProgress] = useState<Partial<Record<FileRole, UploadProgress>>>({});
  const keys = useRef(keysByBody(randomKey));
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const change = (step: Partial<JobDraft>): void =>
    setDraft((before) => ({
      ...('modelId' in step && step.modelId !== before.modelId && recipes.data
        ? withModel(before, step.modelId, recipes.data)
        : before),
      ...step,
    }));

  const submit = useMutation({
    mutationFn: () => {
      abort.current = new AbortController();
      return startJob(draft, {
        api,
        wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
        onProgress: (role, step) => setProgress((before) => ({ ...before, [role]: step })),
        signal: abort.current.signal,
        keyFor: keys.current,
      });
    },
    onSuccess: (job) => {
      onClose();
      navigate(`/jobs/${job.id}`);
    },
  });

  const model = models.find((each) => each.id === draft.modelId);
  const variants = useValues(useTopic(draft.modelId && `model/${draft.modelId}`).entities.variant);
  const elsewhere = variants.filter((variant) => variant.origin !== 'recipe');
  const has = model ?? draft.files;
  const data = { calibration: has.calibration !== undefined, validation: has.validation !== undefined };
  const missing = missingOf(draft, recipes.data ?? [], data);
  return (
    <Modal
      title="New job"
      description="Every chosen recipe becomes a variant, and every variant is measured on every chosen device."
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      footer={
        <>
          <p className={css.summary}>
            {missing.length > 0 ? `To start: ${missing[0]}.` : countText(factorsOf(draft, devices.length))}
          </p>
          <Button onClick={onClose}>{submit.isPending ? 'Cancel' : 'Close'}</Button>
          <Button
            kind="primary"
            blocked={blocked ?? missing[0]}
            disabled={submit.isPending}
            onClick={() => submit.mutate()}
          >
            {submit.isPending ? 'Starting' : 'Start'}
          </Button>
        </>
      }
    >
      <fieldset className={css.all} disabled={submit.isPending}>
        <ModelChoice
          draft={draft}
          change={change}
          models={models}
          progress={progress}
          isNameValid={Name.safeParse(draft.modelName).success}
        />
        {recipes.isError && <ErrorNotice error={recipes.error} onRetry={() => void recipes.refetch()} />}
        {recipes.isPending ? (
          <Skeleton rows={4} />
        ) : (
          <RecipeChoice draft={draft} change={change} recipes={recipes.data ?? []} elsewhere={elsewhere} data={data} />
        )}
        <DeviceChoice draft={draft} change={change} devices={devices} />
        <MeasuringChoice draft={draft} change={change} runtimes={runtimes} />
        <MoreOptions draft={draft} change={change} choices={optionChoices(draft.devices, devices)} />
      </fieldset>
      {submit.isError && <ErrorNotice error={submit.error} onRetry={() => submit.mutate()} />}
    </Modal>
  );
}
