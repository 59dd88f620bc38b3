import { type ReactNode, useEffect } from 'react';
import { Link } from 'wouter';
import css from './screen.module.css';

export interface ScreenHeadProps {
  readonly title: string;
  /** Where this screen stands: text with its address, outermost first. */
  readonly crumbs?: readonly (readonly [text: string, href: string])[];
  /** Beside the title: state, badges, short facts. */
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** Breadcrumb, the one h1, state and actions; names the browser's tab. */
export function ScreenHead({ title, crumbs = [], children, actions }: ScreenHeadProps) {
  useEffect(() => {
    document.title = `${title} · Hilltop`;
  }, [title]);
  return (
    <header>
      {crumbs.length > 0 && (
        <nav aria-label="Breadcrumb" className={css.crumbs}>
          {crumbs.map(([text, href]) => (
            <span key={href}>
              <Link href={href}>{text}</Link> /
            </span>
          ))}
        </nav>
      )}
      <div className={css.head}>
        <h1>{title}</h1>
        {children}
        {actions && <div className={css.actions}>{actions}</div>}
      </div>
    </header>
  );
}
