import { formatShare } from '../format/number.js';
import css from './progress.module.css';

export interface ProgressProps {
  /** 0 to 1. */
  readonly fraction: number;
  readonly label: string;
  /** Share of it that failed, drawn in the failure colour and hatched. */
  readonly failed?: number;
}

export function Progress({ fraction, label, failed = 0 }: ProgressProps) {
  const percent = Math.min(100, Math.max(0, fraction * 100));
  return (
    <div
      className={css.track}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
      aria-valuetext={formatShare(fraction)}
    >
      <div className={css.bar} style={{ width: `${percent}%` }} />
      {failed > 0 && <div className={css.failed} style={{ width: `${Math.min(100, failed * 100)}%` }} />}
    </div>
  );
}
