import { Check, Copy } from 'lucide-react';
import { useRef, useState } from 'react';
import { Button } from './button.js';
import css from './copy-line.module.css';

export interface CopyLineProps {
  readonly text: string;
  /** What it is, for screen readers: `command to join`. */
  readonly label: string;
  readonly testId?: string;
}

/** A line to paste into a terminal. The clipboard API exists on https and localhost only; elsewhere the selection is copied. */
export function CopyLine({ text, label, testId }: CopyLineProps) {
  const [copied, setCopied] = useState<'no' | 'yes' | 'select'>('no');
  const code = useRef<HTMLElement>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied('yes');
    } catch {
      const selection = getSelection();
      if (!code.current || !selection) return;
      selection.selectAllChildren(code.current);
      setCopied(document.execCommand('copy') ? 'yes' : 'select');
    }
    setTimeout(() => setCopied('no'), 3000);
  };
  return (
    <div className={css.line}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long line scrolls sideways, which the keyboard must reach */}
      <code ref={code} className={css.code} data-testid={testId} aria-label={label} role="group" tabIndex={0}>
        {text}
      </code>
      <Button size="small" icon={copied === 'yes' ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />} onClick={() => void copy()} aria-label={`Copy ${label}`}>
        {copied === 'yes' ? 'Copied' : copied === 'select' ? 'Ctrl C' : 'Copy'}
      </Button>
    </div>
  );
}
