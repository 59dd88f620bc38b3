import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { copyText } from '../link/copy-text.js';
import { Button, type ButtonProps } from './button.js';

export interface CopyButtonProps {
  readonly text: string;
  /** What it is, for screen readers: `command to join`. */
  readonly label: string;
  readonly word?: string;
  readonly kind?: NonNullable<ButtonProps['kind']>;
}

/** How long the button says what became of it. */
const saidMs = 3000;

export function CopyButton({ text, label, word = 'Copy', kind = 'plain' }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  const copy = async (): Promise<void> => {
    setState((await copyText(text)) ? 'copied' : 'refused');
    setTimeout(() => setState('idle'), saidMs);
  };
  const words = { idle: word, copied: 'Copied', refused: 'Select it' };
  return (
    <Button
      size="small"
      kind={kind}
      icon={state === 'copied' ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
      onClick={() => void copy()}
      aria-label={`Copy ${label}`}
      title={text}
    >
      {words[state]}
    </Button>
  );
}
