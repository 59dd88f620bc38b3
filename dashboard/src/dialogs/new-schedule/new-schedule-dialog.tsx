import { errorText, isLabError } from '@hilltop/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { stringify } from 'yaml';
import { useBlocked, useLab } from '../../app/lab-context.js';
import { useNightsApi } from '../../link/use-nights-api.js';
import { Button } from '../../ui/button.js';
import { Field } from '../../ui/field.js';
import { Modal } from '../../ui/modal.js';
import { ErrorNotice } from '../../ui/notice.js';
import type { DialogProps } from '../dialogs-context.js';
import css from '../sweep-file/sweep-file.module.css';
import { SweepFileField } from '../sweep-file/sweep-file-field.js';
import { useSweepFile } from '../sweep-file/use-sweep-file.js';
import { DueStarts, useDue } from './due-preview.js';
import { draftErrors, type ScheduleDraft, scheduleOf } from './schedule-draft.js';

const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const zones = [...new Set(['UTC', here, ...Intl.supportedValuesOf('timeZone')])];

/** A cron rule that starts a sweep each night, and holds it against a baseline. */
export function NewScheduleDialog({ start, onClose }: DialogProps) {
  const { api: lab } = useLab();
  const api = useNightsApi();
  const [, navigate] = useLocation();
  const blocked = useBlocked('operator');
  const [draft, setDraft] = useState<ScheduleDraft>({
    name: '',
    cron: '0 2 * * *',
    timezone: here,
    baseline: '',
    maxRegression: '1',
    missed: 'skip',
  });
  const change = (step: Partial<ScheduleDraft>): void => {
    setDraft((before) => ({ ...before, ...step }));
    create.reset();
  };
  const origin = useQuery({
    queryKey: ['sweep-text', start.sweepId],
    queryFn: async () => stringify((await lab.sweep(start.sweepId!)).file),
    enabled: start.sweepId !== undefined,
  });
  const [own, setText] = useState<string>();
  const text = own ?? origin.data ?? '';
  const state = useSweepFile(text);
  const baselines = useQuery({ queryKey: ['baselines'], queryFn: api.baselines });
  const errors = draftErrors(draft);
  const { due, refusal } = useDue(draft.cron.trim(), draft.timezone, errors.cron === undefined);
  const wish = scheduleOf(draft, state.file);
  const create = useMutation({
    mutationFn: () => api.createSchedule(wish!),
    onSuccess: (schedule) => {
      onClose();
      navigate(`/schedules/${schedule.id}`);
    },
  });
  const isTaken = isLabError(create.error, 'schedule.name-taken');
  const missing =
    draft.name.trim() === ''
      ? 'Give it a name.'
      : refusal !== undefined
        ? 'The rule is never due.'
        : (Object.values(errors)[0] ?? (wish ? undefined : 'Give it a sweep file that can be read.'));
  return (
    <Modal
      title="New schedule"
      description="A sweep that starts by the clock, in your name. With a baseline every night is held against it."
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      footer={
        <>
          <p className={css.footer}>{missing ?? `Starts ${due?.words ?? 'by its rule'}.`}</p>
          <Button onClick={onClose}>Close</Button>
          <Button
            kind="primary"
            blocked={blocked ?? missing}
            disabled={create.isPending}
            onClick={() => create.mutate()}
          >
            Add schedule
          </Button>
        </>
      }
    >
      <Field label="Name" error={isTaken ? errorText(create.error) : errors.name}>
        {(control) => (
          <input {...control} value={draft.name} onChange={(event) => change({ name: event.target.value })} />
        )}
      </Field>
      <div className={css.pair}>
        <Field label="Rule (cron)" error={errors.cron ?? refusal} hint="Minute, hour, day of month, month, weekday.">
          {(control) => (
            <input
              {...control}
              spellCheck={false}
              value={draft.cron}
              onChange={(event) => change({ cron: event.target.value })}
            />
          )}
        </Field>
        <Field label="Time zone">
          {(control) => (
            <select {...control} value={draft.timezone} onChange={(event) => change({ timezone: event.target.value })}>
              {zones.map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </select>
          )}
        </Field>
      </div>
      {due && <DueStarts due={due} timezone={draft.timezone} />}
      <SweepFileField text={text} onText={setText} state={state} />
      <div className={css.pair}>
        <Field label="Baseline" hint="What each night is held against.">
          {(control) => (
            <select {...control} value={draft.baseline} onChange={(event) => change({ baseline: event.target.value })}>
              <option value="">none: nothing is judged</option>
              {(baselines.data ?? []).map(({ id, name, sweepName }) => (
                <option key={id} value={name}>
                  {name} ({sweepName})
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Most it may get worse, %" error={errors.maxRegression}>
          {(control) => (
            <input
              {...control}
              inputMode="decimal"
              disabled={draft.baseline === ''}
              value={draft.maxRegression}
              onChange={(event) => change({ maxRegression: event.target.value })}
            />
          )}
        </Field>
        <Field label="Missed while the lab was away">
          {(control) => (
            <select
              {...control}
              value={draft.missed}
              onChange={(event) => change({ missed: event.target.value as ScheduleDraft['missed'] })}
            >
              <option value="skip">is not made up for</option>
              <option value="once">is made up for once</option>
            </select>
          )}
        </Field>
      </div>
      {create.isError && !isTaken && <ErrorNotice error={create.error} onRetry={() => create.mutate()} />}
    </Modal>
  );
}
