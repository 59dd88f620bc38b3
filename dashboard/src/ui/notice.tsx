import { isLabError } from '@hilltop/contracts';
import type { ReactNode } from 'react';
import { Button } from './button.js';
import css from './notice.module.css';

export interface NoticeProps {
  readonly tone?: 'info' | 'warn' | 'bad';
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

export function Notice({ tone = 'info', children, action }: NoticeProps) {
  return (
    <div className={`${css.notice} ${css[tone]}`} role={tone === 'bad' ? 'alert' : undefined}>
      <div className={css.text}>{children}</div>
      {action}
    </div>
  );
}

/** A failure: what to do, and its code to search for. */
export function ErrorNotice({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const code = isLabError(error) ? error.code : undefined;
  return (
    <Notice
      tone="bad"
      action={
        onRetry && (
          <Button size="small" onClick={onRetry}>
            Retry
          </Button>
        )
      }
    >
      {error instanceof Error ? error.message : String(error)} {code && <code className={css.code}>{code}</code>}
    </Notice>
  );
}
