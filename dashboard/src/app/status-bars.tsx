import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { formatInstant } from '../format/time.js';
import { Button } from '../ui/button.js';
import { Notice } from '../ui/notice.js';
import { useConnection, useLab, useTopic } from './lab-context.js';
import css from './status-bars.module.css';

/** A short break is the pill's business alone; after this the page says that its data is old. */
const barAfterMs = 2000;

/** What holds for the whole page: data that grows old, a refusal, a quiet screen. */
export function StatusBars() {
  const { link, session } = useLab();
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
      {isOld && (
        <Notice tone="warn">
          As of <strong>{formatInstant(new Date(connection.sinceMs).toISOString())}</strong>: the lab cannot be reached.
          What you see stays, nothing can be changed, and the page catches up by itself.
        </Notice>
      )}
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
      {quiet && (
        <p className={css.quiet} role="status">
          <strong>Quiet:</strong> a run is measured on this machine, so the page draws once a second.
        </p>
      )}
    </>
  );
}
