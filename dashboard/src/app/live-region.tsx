import { useEffect, useRef, useState } from 'react';
import { jobTitle } from '../panels/jobs/job-share.js';
import { useConnection, useTopic } from './lab-context.js';

/** At most one message in so many ms: more is noise. */
const spacingMs = 5000;

/** The one polite live region: the connection, and jobs that end. */
export function LiveRegion() {
  const { status } = useConnection();
  const jobs = useTopic('lab').entities.job;
  const [message, setMessage] = useState('');
  const states = useRef(new Map<string, string>());
  const before = useRef(status);
  const saidAt = useRef(0);

  useEffect(() => {
    const say = (text: string): void => {
      if (Date.now() - saidAt.current < spacingMs) return;
      saidAt.current = Date.now();
      setMessage(text);
    };
    if (before.current !== status) {
      if (status === 'away') say('The connection to the lab is lost. Reconnecting.');
      if (status === 'live' && before.current === 'away') say('Connected to the lab again.');
      before.current = status;
    }
    for (const [id, job] of jobs) {
      const was = states.current.get(id);
      if (was !== undefined && was !== job.state && ['succeeded', 'failed', 'cancelled'].includes(job.state))
        say(`Job ${jobTitle(job)} ${job.state}.`);
      states.current.set(id, job.state);
    }
  }, [status, jobs]);
  return (
    <div className="hidden" aria-live="polite" role="status">
      {message}
    </div>
  );
}
