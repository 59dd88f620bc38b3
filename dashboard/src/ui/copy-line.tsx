import { CopyButton } from './copy-button.js';
import css from './copy-line.module.css';
import { ScrollBox } from './scroll-box.js';

export interface CopyLineProps {
  readonly text: string;
  /** What it is, for screen readers: `command to join`. */
  readonly label: string;
  readonly testId?: string;
}

/** A line to paste into a terminal. */
export function CopyLine({ text, label, testId }: CopyLineProps) {
  return (
    <div className={css.line}>
      <div className={css.code}>
        <ScrollBox label={label}>
          <code data-testid={testId}>{text}</code>
        </ScrollBox>
      </div>
      <CopyButton text={text} label={label} />
    </div>
  );
}
