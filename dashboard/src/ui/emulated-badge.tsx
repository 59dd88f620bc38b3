import css from './emulated-badge.module.css';

/** Emulated devices always say so. */
export function EmulatedBadge() {
  return (
    <span className={css.badge} title="An emulated device: its times are the emulator's count of cycles, not a clock">
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        <path d="M6 .8l4.6 2.6v5.2L6 11.2 1.4 8.6V3.4z" fill="none" stroke="currentColor" strokeWidth="1.4" />
      </svg>
      emulated
    </span>
  );
}
