import type { ReactNode } from 'react';

export interface ScrollBoxProps {
  readonly label: string;
  readonly children: ReactNode;
}

/** A box that scrolls sideways by itself, so that the page never does; the keyboard can reach it. */
export function ScrollBox({ label, children }: ScrollBoxProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="scroll" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
