import type { MetricId } from '@hilltop/contracts';
import type { MouseEvent } from 'react';
import { Link } from 'wouter';
import { formatInterval } from '../../format/number.js';
import { Button } from '../../ui/button.js';
import { statusWords } from '../frontier/describe.js';
import { StatusMark } from '../frontier/marks.js';
import css from './matrix.module.css';
import type { MatrixCell } from './matrix-model.js';

export interface MatrixCellViewProps {
  readonly cell: MatrixCell;
  readonly metric: MetricId;
  /** `int8 on rpi4-a`. */
  readonly name: string;
  readonly isChosen: boolean;
  /** `toggle`: into the comparison, or out of it. */
  readonly onSelect: (how: 'pin' | 'toggle') => void;
  readonly onMeasure: () => void;
  readonly blocked: string | undefined;
}

/** What stands in a cell: a value with its standing, what runs, why there is nothing, and measuring it from there. */
export function MatrixCellView({ cell, metric, name, isChosen, onSelect, onMeasure, blocked }: MatrixCellViewProps) {
  switch (cell.kind) {
    case 'value':
      return (
        <button
          type="button"
          className={css.cell}
          aria-pressed={isChosen}
          title={`${name}: ${cell.status ? statusWords[cell.status] : 'not on a frontier'}. Click: look at it; Shift and click, or Space: compare`}
          onClick={(event: MouseEvent) => onSelect(event.shiftKey ? 'toggle' : 'pin')}
          onKeyDown={(event) => {
            if (event.key !== ' ') return;
            event.preventDefault();
            onSelect('toggle');
          }}
        >
          {cell.status && <StatusMark status={cell.status} />}
          {cell.value && formatInterval(metric, cell.value)}
          {cell.verdict === 'disturbed' && (
            <span className={css.disturbed} title="measured while disturbed">
              ▲<span className="hidden"> disturbed</span>
            </span>
          )}
          {cell.status && <span className="hidden">, {statusWords[cell.status]}</span>}
        </button>
      );
    case 'running':
      return (
        <Link href={`/runs/${cell.runId}`} className={css.value}>
          {cell.text}
        </Link>
      );
    case 'failed':
    case 'refused':
      return (
        <span className={css.no} title={cell.text}>
          {cell.runId ? (
            <Link href={`/runs/${cell.runId}`} className={css.failed}>
              ■ failed
            </Link>
          ) : (
            <span className={css.failed}>■ does not run here</span>
          )}
          <span className={css.why}>{cell.text}</span>
        </span>
      );
    case 'none':
      return (
        <span className={css.none}>
          <span className="caption">not run</span>
          <Button size="small" kind="quiet" blocked={blocked} aria-label={`Measure ${name}`} onClick={onMeasure}>
            measure
          </Button>
        </span>
      );
  }
}
