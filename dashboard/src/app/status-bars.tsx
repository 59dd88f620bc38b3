import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { formatSpan, formatTimeOfDay } from '../format/time.js';
import { Button } from '../ui/button.js';
import { Notice } from '../ui/notice.js';
import { useConnection, useLab, useNow, useTopic } from './lab-context.js';
import css from './status-bars.module.css';

/** A short break is the pill's business alone; after this the page says that its data is old. */
const barAfterMs = 2000;

/** What holds for the whole page: data that grows old, a refusal, a quiet screen. */
export function StatusBars() {
  const { link, session, frames } = useLab();
  const paused = useStore(frames.paused, ({ active }) => active);
  const connection = useConnection();
  const quiet = useStore(link.quiet, (state) => state.active);
  const topic = useTopic('lab');
  const [isOld, setOld] = useState(false);
  const isAway = connection.status === 'away';
  useEffect(() => {
    if (!isAway) return setOld(false);
    const timer = setTimeout(() => setOld(true), barAfterMs);
    return () => clearTimeout(timer);
  }, [isAway]);
  return (
    <>
      {isOld && <OldBar sinceMs={connection.sinceMs} />}
      {connection.status === 'refused' && (
        <Notice
          tone="bad"
          action={
            <Button size="small" onClick={() => session.signOut()}>
              Sign in again
            </Button>
          }
        >
          The lab refused this session: {connection.reason}
        </Notice>
      )}
      {topic.phase === 'refused' && topic.error && (
        <Notice
          tone="bad"
          action={
            <Button size="small" onClick={() => location.reload()}>
              Reload
            </Button>
          }
        >
          {topic.error.message}. The address keeps your view. <code>{topic.error.code}</code>
        </Notice>
      )}
      {paused && (
        <Notice
          action={
            <Button size="small" onClick={() => frames.setPaused(false)}>
              Go on (p)
            </Button>
          }
        >
          Live drawing is paused: what arrives is kept and drawn when you go on.
        </Notice>
      )}
      {quiet && (
        <p className={css.quiet} role="status">
          <strong>Quiet:</strong> a run is measured on this machine, so the page draws once a second.
        </p>
      )}
    </>
  );
}

/** Data that grows old, with its age by the second. */
function OldBar({ sinceMs }: { readonly sinceMs: number }) {
  const { clock } = useLab();
  // Both by the lab's clock, which the page shows everywhere.
  const skewMs = clock.nowMs() - Date.now();
  const ageMs = Math.max(0, useNow(1000) - skewMs - sinceMs);
  return (
    <div className={css.old} data-testid="old-bar">
      As of <strong>{formatTimeOfDay(sinceMs + skewMs)}</strong>, {formatSpan(Math.floor(ageMs / 1000))} old. The lab
      cannot be reached: nothing can be changed, and the page catches up by itself.
    </div>
  );
}
