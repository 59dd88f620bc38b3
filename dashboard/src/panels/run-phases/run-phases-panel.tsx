import { useQuery } from '@tanstack/react-query';
import { useStore } from 'zustand';
import { useLab, useNow, useTopic } from '../../app/lab-context.js';
import { formatBytes, formatShare } from '../../format/number.js';
import { Skeleton } from '../../ui/empty.js';
import { Progress } from '../../ui/progress.js';
import { progressText } from '../devices/progress-text.js';
import type { PanelProps } from '../panel-name.js';
import { useRun } from '../runs/use-run.js';
import { ProcessColumns, phaseTimes, WarmUpColumns } from './phase-times.js';
import { phasesOf } from './phases-model.js';
import css from './run-phases.module.css';
import { blocksOf, reachedWidth, stopRule } from './stop-rule.js';

const words = {
  queued: 'queued',
  fetching: 'fetch',
  cooling: 'cool down',
  loading: 'load',
  'warming-up': 'warm up',
  measuring: 'measure',
  evaluating: 'evaluate',
  ended: 'ended',
} as const;
const shapes = { done: '●', now: '▶', ahead: '○' } as const;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** How far a run is, how long each phase took, and what ends it. */
export function RunPhasesPanel({ subject }: PanelProps) {
  const { api, traces } = useLab();
  const { run } = useRun(subject.runId);
  const live = useStore(traces.latest, (state) => state.byRun.get(subject.runId ?? ''));
  const device = useTopic('lab').entities.device.get(run?.deviceId ?? '');
  const now = useNow(1000);
  const path = `runs/${encodeURIComponent(run?.id ?? '')}/observations`;
  const isOver = run?.state === 'succeeded';
  const process = useQuery({
    queryKey: ['process', run?.id],
    queryFn: () => api.rest(path, ProcessColumns, { query: { kind: 'process' } }),
    enabled: isOver,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const warmUp = useQuery({
    queryKey: ['warm-up', run?.id],
    queryFn: () => api.rest(path, WarmUpColumns, { query: { kind: 'warm-up' } }),
    enabled: isOver,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!run) return <Skeleton rows={2} />;
  const isOpen = run.endedAt === undefined;
  const progress = isOpen ? (live ?? run.progress) : undefined;
  const blocks = blocksOf(run, progress);
  const width = reachedWidth(run);
  const isBoard = device?.kind === 'microcontroller';
  return (
    <>
      <ol className={css.phases}>
        {phasesOf(run, isOpen ? live : undefined, now, phaseTimes(process.data, warmUp.data)).map((step) => (
          <li key={step.name} className={css[step.state]} aria-current={step.state === 'now' ? 'step' : undefined}>
            <span aria-hidden="true">{shapes[step.state]}</span> {words[step.name]}
            {step.name === 'measuring' && blocks && (
              <span className={css.blocks} role="img" aria-label={`${blocks.done} of ${blocks.all} blocks`}>
                {numbers(blocks.all).map((block) => (
                  <i
                    key={block}
                    data-done={block < blocks.done || undefined}
                    data-now={(isOpen && block === blocks.done) || undefined}
                  />
                ))}
              </span>
            )}
            {step.detail && <span className="caption"> {step.detail}</span>}
          </li>
        ))}
      </ol>
      {progress && (
        <>
          <Progress fraction={progress.fraction} label="Progress of the run" />
          <p className="caption">
            {progressText(progress)}, {formatShare(progress.fraction)}
            {live?.totalBytes !== undefined &&
              live.phase === 'fetching' &&
              `, ${formatBytes(live.fetchedBytes ?? 0)} of ${formatBytes(live.totalBytes)}`}
          </p>
        </>
      )}
      {device && (
        <p className="caption" data-testid="stop-rule">
          Stop rule: {stopRule(run, { isBoard, isEmulated: device.emulated ?? false })}.{width && ` Reached: ${width}.`}
        </p>
      )}
    </>
  );
}
