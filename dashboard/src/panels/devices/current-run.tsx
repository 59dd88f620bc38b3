import { Link } from 'wouter';
import { useStore } from 'zustand';
import { useLab, useTopic } from '../../app/lab-context.js';
import { formatShare } from '../../format/number.js';
import { Progress } from '../../ui/progress.js';
import css from './devices.module.css';
import { progressText } from './progress-text.js';

/** What a device is doing right now, with its progress. */
export function CurrentRun({ deviceId, runId }: { readonly deviceId: string; readonly runId: string }) {
  const { traces } = useLab();
  const topic = useTopic(`device/${deviceId}`);
  const models = useTopic('lab').entities.model;
  const live = useStore(traces.latest, (state) => state.byRun.get(runId));
  const run = topic.entities.run.get(runId);
  const progress = live ?? run?.progress;
  const name = run ? `${models.get(run.modelId)?.name ?? ''} ${run.recipe}`.trim() : 'Run';
  const fraction = progress?.fraction ?? 0;
  return (
    <>
      <p className={css.run}>
        <Link href={`/runs/${runId}`}>{name}</Link>
        <span className="muted">{progressText(progress)}</span>
        <span className={css.share}>{formatShare(fraction)}</span>
      </p>
      <Progress fraction={fraction} label={`Progress of ${name}`} />
    </>
  );
}
