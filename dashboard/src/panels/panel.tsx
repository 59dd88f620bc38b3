import { Component, type ReactNode, useId } from 'react';
import { ErrorNotice } from '../ui/notice.js';
import { type PanelRow, panels } from './catalogue.js';
import css from './panel.module.css';
import type { PanelName, Subject } from './panel-name.js';

export interface PanelViewProps {
  readonly name: PanelName;
  readonly subject?: Subject;
  /** Another heading than the catalogue's. */
  readonly title?: string;
}

/** A panel of the catalogue in its frame. It fails alone: the page stays. */
export function Panel({ name, subject = {}, title }: PanelViewProps) {
  const row: PanelRow = panels[name];
  const heading = useId();
  return (
    <section className={css.panel} aria-labelledby={heading} data-panel={name}>
      <h2 id={heading} className={css.title}>
        {title ?? row.title}
      </h2>
      <PanelBoundary>
        <row.view subject={subject} />
      </PanelBoundary>
    </section>
  );
}

interface BoundaryState {
  readonly error?: unknown;
}

export class PanelBoundary extends Component<{ readonly children: ReactNode }, BoundaryState> {
  override state: BoundaryState = {};

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return <ErrorNotice error={this.state.error} onRetry={() => this.setState({ error: undefined })} />;
  }
}
