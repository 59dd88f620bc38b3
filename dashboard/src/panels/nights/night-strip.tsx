import type { Night } from '@hilltop/contracts';
import { Link } from 'wouter';
import { zoneTime } from '../../format/zone-time.js';
import { NightMark } from './night-mark.js';
import { nightWord } from './night-words.js';
import css from './nights.module.css';

export interface NightStripProps {
  /** Newest first, as they come. */
  readonly nights: readonly Night[];
  readonly timezone: string;
  /** Of what. */
  readonly label: string;
}

/** Thirty nights from left to right, the newest last: each a mark that leads to its gate or its sweep. */
export function NightStrip({ nights, timezone, label }: NightStripProps) {
  return (
    <ol className={css.strip} aria-label={label}>
      {nights.toReversed().map((night) => {
        const word = nightWord(night);
        const when = zoneTime(night.start.dueAt, timezone);
        const href = hrefOf(night);
        const mark = <NightMark night={word} isBare />;
        return (
          <li key={night.start.id} title={`${when}: ${word.word}`}>
            {href === undefined ? (
              mark
            ) : (
              <Link href={href} aria-label={`${when}: ${word.word}`}>
                {mark}
              </Link>
            )}
          </li>
        );
      })}
    </ol>
  );
}

/** Where a night is told in full. */
export const hrefOf = ({ start, gate }: Night): string | undefined =>
  gate ? `/gates/${gate.id}` : start.sweepId === undefined ? undefined : `/sweeps/${start.sweepId}`;
