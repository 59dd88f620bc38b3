import { type Sweep, sweepStates } from '@hilltop/contracts';
import { useMemo } from 'react';
import { Link } from 'wouter';
import { useBlocked, useTopic, useValues } from '../../app/lab-context.js';
import { useDialogs } from '../../dialogs/dialogs-context.js';
import { Ago } from '../../ui/ago.js';
import { Button } from '../../ui/button.js';
import { CopyLine } from '../../ui/copy-line.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { SweepStateMark } from '../../ui/state-mark.js';
import css from '../jobs/jobs.module.css';
import { usedText, volumeText } from './sweep-words.js';

/** Running ones first, then the newest. */
function order(sweeps: readonly Sweep[]): Sweep[] {
  const rank = (sweep: Sweep): number => Math.min(sweepStates.indexOf(sweep.state), sweepStates.indexOf('succeeded'));
  return [...sweeps].sort((a, b) => rank(a) - rank(b) || b.createdAt.localeCompare(a.createdAt));
}

/** Searches: how far, at what cost, what they found. */
export function SweepsPanel() {
  const topic = useTopic('lab');
  const all = useValues(topic.entities.sweep);
  const sweeps = useMemo(() => order(all), [all]);
  const { open } = useDialogs();
  const blocked = useBlocked('operator');
  if (topic.phase === 'waiting') return <Skeleton />;
  if (sweeps.length === 0)
    return (
      <Empty
        action={
          <Button kind="primary" blocked={blocked} onClick={() => open('new-sweep')}>
            New sweep
          </Button>
        }
      >
        No sweep yet. A sweep searches recipes, settings and devices by itself, within a budget. The examples hold one
        that works as it is:
        <CopyLine label="command to start a sweep" text="npx hilltop sweep run examples/sweeps/search.yaml --wait" />
      </Empty>
    );
  return (
    <ul className={css.list}>
      {sweeps.map((sweep) => (
        <li key={sweep.id} className={css.row} data-testid={`sweep-row-${sweep.id}`}>
          <Link href={`/sweeps/${sweep.id}`} className={css.title}>
            {sweep.name}
          </Link>
          <SweepStateMark state={sweep.state} />
          <span className={css.detail}>
            {usedText(sweep)}
            {volumeText(sweep)} · <Ago instant={sweep.createdAt} />
            {sweep.note && ` · ${sweep.note}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
