import type { ReactNode } from 'react';
import css from './share-bar.module.css';

/** Head of a column of bars. */
export function ShareBarHead() {
  return (
    <th scope="col" className={css.bars}>
      <span className="hidden">Share as a bar</span>
    </th>
  );
}

/** A share as a length; `part`: of the longest bar, 0 to 1. The number stands beside it. */
export function ShareBar({ part }: { readonly part: number }) {
  return (
    <td className={css.bars} aria-hidden="true">
      <span className={css.bar} style={{ width: `${part * 100}%` }} />
    </td>
  );
}

/** Head of a row of such a table: what takes the share. */
export function ShareName({ children }: { readonly children: ReactNode }) {
  return (
    <th scope="row" className={css.name}>
      {children}
    </th>
  );
}
