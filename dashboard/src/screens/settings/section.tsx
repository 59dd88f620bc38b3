import { type ReactNode, useId } from 'react';
import css from './settings.module.css';

export interface SectionProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly actions?: ReactNode;
}

/** A card of the settings. */
export function Section({ title, children, actions }: SectionProps) {
  const id = useId();
  return (
    <section className={css.card} aria-labelledby={id}>
      <header className={css.head}>
        <h2 id={id}>{title}</h2>
        {actions}
      </header>
      {children}
    </section>
  );
}
