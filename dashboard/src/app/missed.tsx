import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { formatSpan } from '../format/time.js';
import { type Before, type MissedRow, missedOf, shownMost } from '../live/missed.js';
import { partyKey } from '../panels/leases/lease-model.js';
import { Button } from '../ui/button.js';
import { Notice } from '../ui/notice.js';
import { useConnection, useLab, useMe, useTopic } from './lab-context.js';

/** A shorter break than this hides nothing that the page does not show by itself. */
const shortestMs = 5000;

interface Shown {
  readonly awayMs: number;
  readonly rows: readonly MissedRow[];
}

/** After a break: what happened meanwhile, until it is closed. */
export function Missed() {
  const { api, clock } = useLab();
  const { status } = useConnection();
  const { phase, entities } = useTopic('lab');
  const me = useMe().data;
  const before = useRef<Before>(undefined);
  const [shown, setShown] = useState<Shown>();
  useEffect(() => {
    if (status === 'away' && !before.current) before.current = { entities, atMs: clock.nowMs() };
    if (status !== 'live' || phase !== 'current' || !before.current) return;
    const held = before.current;
    before.current = undefined;
    const awayMs = clock.nowMs() - held.atMs;
    if (awayMs < shortestMs) return;
    // Without the activities the rest is still told.
    void api
      .activities()
      .catch(() => [])
      .then((activities) => {
        const rows = missedOf(held, entities, activities, me && partyKey(me));
        setShown(rows.length === 0 ? undefined : { awayMs, rows });
      });
  }, [status, phase, entities, api, clock, me]);
  if (!shown) return null;
  const more = shown.rows.length - shownMost;
  return (
    <Notice
      action={
        <Button size="small" onClick={() => setShown(undefined)}>
          Close
        </Button>
      }
    >
      <span data-testid="missed">
        While you were away {formatSpan(Math.round(shown.awayMs / 1000))}:{' '}
        {shown.rows.slice(0, shownMost).map(({ text, href }, index) => (
          <span key={`${text} ${href}`}>
            {index > 0 && ', '}
            {href === undefined ? text : <Link href={href}>{text}</Link>}
          </span>
        ))}
        {more > 0 && `, and ${more} more`}.
      </span>
    </Notice>
  );
}
