import type { Activity } from '@hilltop/contracts';
import { useMemo } from 'react';
import { Link } from 'wouter';
import { Ago } from '../../ui/ago.js';
import css from './activity.module.css';
import { didText, groupActivities } from './group-activities.js';

/** Who did what, newest first; what was done again and again is one line that opens. */
export function ActivityList({ all }: { readonly all: readonly Activity[] }) {
  const groups = useMemo(() => groupActivities(all), [all]);
  return (
    <ol className={css.list}>
      {groups.map(({ items }) => {
        const [first] = items;
        return (
          <li key={first.seq}>
            <strong>{first.by.name}</strong>{' '}
            {items.length === 1 ? (
              <>
                {first.did} <Thing activity={first} />
              </>
            ) : (
              <details className={css.many}>
                <summary>{didText(first.did, items.length)}</summary>
                <ul className={css.list}>
                  {items.map((each) => (
                    <li key={each.seq}>
                      <Thing activity={each} />{' '}
                      <span className="muted">
                        <Ago instant={each.at} />
                      </span>
                    </li>
                  ))}
                </ul>
              </details>
            )}
            {first.failed && <span className={css.failed}> failed: {first.failed}</span>}{' '}
            <span className="muted">
              <Ago instant={first.at} />
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** By name; an id says nothing to people, but what it is of can be looked at. */
function Thing({ activity: { object, link } }: { readonly activity: Activity }) {
  return link ? <Link href={link}>{object.name ?? 'look'}</Link> : (object.name ?? null);
}
