import chart from './chart.module.css';
import { statusWords } from './describe.js';
import css from './frontier-panel.module.css';
import { StatusMark } from './marks.js';

/** What the shapes mean. */
export function Legend() {
  return (
    <ul className={css.legend} aria-label="Marks">
      {(['on', 'uncertain', 'dominated'] as const).map((status) => (
        <li key={status}>
          <StatusMark status={status} />
          {statusWords[status]}
        </li>
      ))}
      <li>
        <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
          <path className={chart.triangle} d="M6 2l4 7.5H2z" />
        </svg>
        disturbed
      </li>
    </ul>
  );
}
