import css from './emulated-badge.module.css';

/** A simulated meter always says so. */
export function SimulatedBadge() {
  return (
    <span className={css.badge} title="A simulated meter: its numbers are made up, no hardware was measured">
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        <path d="M1 6c1.7-5 3.3-5 5 0s3.3 5 5 0" fill="none" stroke="currentColor" strokeWidth="1.4" />
      </svg>
      simulated
    </span>
  );
}
