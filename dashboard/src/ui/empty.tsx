import type { ReactNode } from 'react';
import css from './empty.module.css';

/** Nothing here yet: one sentence, and what to do about it. */
export function Empty({ children, action }: { readonly children: ReactNode; readonly action?: ReactNode }) {
  return (
    <div className={css.empty}>
      <div className={css.text}>{children}</div>
      {action}
    </div>
  );
}

/** Space kept for what is loading; it shows only after 200 ms, so that quick answers do not flicker. */
export function Skeleton({ rows = 3, label = 'Loading' }: { readonly rows?: number; readonly label?: string }) {
  return (
    <div className={css.skeleton} role="status" aria-label={label} data-skeleton>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move
        <span key={i} className={css.row} />
      ))}
    </div>
  );
}
