import { Link } from 'wouter';
import { useTopic } from '../../app/lab-context.js';
import { usePulse } from '../../app/use-pulse.js';
import { formatShare } from '../../format/number.js';
import { Progress } from '../../ui/progress.js';
import css from './devices.module.css';
import { progressText } from './progress-text.js';

/** What a device is doing right now, with its progress. */
export function CurrentRun({ deviceId, runId }: { readonly deviceId: string; readonly runId: string }) {
  // The pulse, not the device's topic: a lab of a hundred devices is one message for all of them.
  const pulse = usePulse(deviceId)?.newest;
  const models = useTopic('lab').entities.model;
  const run = pulse?.run?.id === runId ? pulse.run : undefined;
  const progress = run;
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
