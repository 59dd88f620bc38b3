import type { Sweep } from '@hilltop/contracts';
import { hasSweepEnded } from '@hilltop/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useBlocked, useTopic, useValues } from '../../app/lab-context.js';
import { saveBlob } from '../../link/save-blob.js';
import { useNightsApi } from '../../link/use-nights-api.js';
import { Button } from '../../ui/button.js';
import { ErrorNotice } from '../../ui/notice.js';
import { GateVerdictMark } from '../../ui/state-mark.js';
import css from './gate.module.css';
import { PinDialog } from './pin-dialog.js';

/** What an ended sweep is good for: a baseline, something to hold against one, a report. */
export function SweepGates({ sweep }: { readonly sweep: Sweep }) {
  const api = useNightsApi();
  const [, navigate] = useLocation();
  const blocked = useBlocked('operator');
  const gates = useValues(useTopic(`sweep/${sweep.id}`).entities.gate);
  const baselines = useQuery({ queryKey: ['baselines'], queryFn: api.baselines }).data ?? [];
  const [isPinning, setPinning] = useState(false);
  const [chosen, choose] = useState('');
  const against =
    baselines.find(({ name }) => name === chosen) ??
    baselines.find(({ sweepId }) => sweepId !== sweep.id) ??
    baselines[0];
  const check = useMutation({
    mutationFn: () => api.check({ sweep: sweep.id, baseline: against!.name }),
    onSuccess: (gate) => navigate(`/gates/${gate.id}`),
  });
  const save = useMutation({
    mutationFn: async () => saveBlob(await api.sweepReport(sweep.id, 'html'), `${sweep.name}-${sweep.id}.html`),
  });
  const notYet = hasSweepEnded(sweep.state) ? undefined : 'It still runs.';
  const noBaseline = against ? undefined : 'There is no baseline yet: pin a sweep first.';
  return (
    <div className={css.detail}>
      <div className={css.tools}>
        <Button size="small" blocked={blocked ?? notYet} onClick={() => setPinning(true)}>
          Pin as baseline
        </Button>
        {baselines.length > 1 && (
          <select aria-label="Baseline" value={against?.name} onChange={(event) => choose(event.target.value)}>
            {baselines.map(({ id, name }) => (
              <option key={id}>{name}</option>
            ))}
          </select>
        )}
        <Button
          size="small"
          blocked={blocked ?? notYet ?? noBaseline}
          disabled={check.isPending}
          onClick={() => check.mutate()}
        >
          Gate against {against?.name ?? 'a baseline'}
        </Button>
        <Button size="small" kind="quiet" disabled={save.isPending} onClick={() => save.mutate()}>
          Report
        </Button>
      </div>
      {gates.length > 0 && (
        <ul className={css.notes}>
          {[...gates]
            .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
            .map((gate) => (
              <li key={gate.id}>
                <GateVerdictMark verdict={gate.verdict} />{' '}
                <Link href={`/gates/${gate.id}`}>gate vs {gate.baselineName}</Link>
              </li>
            ))}
        </ul>
      )}
      {check.isError && <ErrorNotice error={check.error} />}
      {save.isError && <ErrorNotice error={save.error} />}
      {isPinning && <PinDialog sweepId={sweep.id} onClose={() => setPinning(false)} />}
    </div>
  );
}
