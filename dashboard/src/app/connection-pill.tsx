import { useEffect, useState } from 'react';
import { pillOf } from '../live/connection.js';
import css from './connection-pill.module.css';
import { useConnection } from './lab-context.js';

const shapes = { live: '●', reconnecting: '◐', offline: '○' } as const;

/** How the page stands with the lab, always in sight: a lost connection must not look like quiet data. */
export function ConnectionPill() {
  const connection = useConnection();
  const [now, setNow] = useState(Date.now);
  const isCounting = connection.status !== 'live';
  useEffect(() => {
    setNow(Date.now());
    if (!isCounting) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isCounting]);
  const pill = pillOf(connection, Math.max(now, connection.sinceMs));
  return (
    <span
      className={`${css.pill} ${css[pill.kind]}`}
      data-testid="connection-pill"
      data-state={pill.kind}
      title={connection.reason}
    >
      <span aria-hidden="true">{shapes[pill.kind]}</span>
      {pill.text}
    </span>
  );
}
