import { type MetricId, type MetricRow, metrics } from '@hilltop/contracts';
import { memo, useMemo, useState } from 'react';
import { Link } from 'wouter';
import { formatInterval } from '../../format/number.js';
import { Button } from '../../ui/button.js';
import { DownloadButton } from '../../ui/download-button.js';
import { VerdictMark } from '../../ui/state-mark.js';
import type { ChartModel, Mark } from './chart-model.js';
import { statusWords } from './describe.js';
import css from './frontier-panel.module.css';
import { StatusMark } from './marks.js';
import { artifactName, hasFile, sizeText } from './point.js';
import { type Sort, type SortColumn, sortRows } from './sort-rows.js';

export interface FrontierTableProps {
  readonly model: ChartModel;
  /** Further metrics: the third one. */
  readonly more: readonly MetricId[];
  readonly title: string;
  /** Hidden, it is for screen readers, and its controls are no tab stops. */
  readonly isShown: boolean;
  readonly compared: readonly string[];
  /** Stays the same function, so that rows are not drawn again. */
  readonly onToggle: (key: string) => void;
}

/** So many rows at a time. */
const pageRows = 100;

/** The chart as a table: at first in the order of the arrow keys, every value with its interval and status in words. */
export function FrontierTable({ model, more, title, isShown, compared, onToggle }: FrontierTableProps) {
  const [sort, setSort] = useState<Sort>({ column: 'order', direction: 'up' });
  const [page, setPage] = useState(0);
  const rows = useMemo(() => sortRows(model.marks, sort), [model.marks, sort]);
  const columns = [...new Set([model.x.metric, model.y.metric, ...more])];
  const pages = Math.ceil(rows.length / pageRows);
  const at = Math.min(page, pages - 1);
  const from = at * pageRows;
  const by = (column: SortColumn): void => {
    setSort((before) => ({
      column,
      direction: before.column === column && before.direction === 'up' ? 'down' : 'up',
    }));
    setPage(0);
  };
  const heads: readonly (readonly [SortColumn, string, 'number' | undefined])[] = [
    ['name', 'Recipe', undefined],
    ...columns.map((metric) => [metric, (metrics[metric] as MetricRow).label, 'number'] as const),
    ['status', 'Status', undefined],
    ['probability', 'Sure', 'number'],
    ['bytes', 'Artifact', 'number'],
  ];
  return (
    <>
      <table>
        <caption className="hidden">
          {title}
          {pages > 1 && `, rows ${from + 1} to ${Math.min(from + pageRows, rows.length)} of ${rows.length}`}
        </caption>
        <thead>
          <tr>
            {isShown && (
              <th scope="col">
                <span className="hidden">Compare</span>
              </th>
            )}
            {heads.map(([column, label, kind]) => (
              <th key={column} scope="col" className={kind} aria-sort={ariaSort(sort, column)}>
                {isShown ? (
                  <button type="button" className={css.sorter} onClick={() => by(column)}>
                    {label}
                    <span aria-hidden="true">
                      {sort.column === column ? (sort.direction === 'up' ? ' ▲' : ' ▼') : ''}
                    </span>
                  </button>
                ) : (
                  label
                )}
              </th>
            ))}
            <th scope="col">Verdict</th>
            {isShown && <th scope="col">Take home</th>}
          </tr>
        </thead>
        <tbody>
          {rows.slice(from, from + pageRows).map((mark) => (
            <Row
              key={mark.key}
              mark={mark}
              columns={columns.join(' ')}
              isShown={isShown}
              isCompared={compared.includes(mark.key)}
              onToggle={onToggle}
            />
          ))}
        </tbody>
      </table>
      {isShown && pages > 1 && (
        <div className={css.pages}>
          <Button size="small" disabled={at === 0} onClick={() => setPage(at - 1)}>
            Previous
          </Button>
          <span>
            {from + 1} to {Math.min(from + pageRows, rows.length)} of {rows.length}
          </span>
          <Button size="small" disabled={at === pages - 1} onClick={() => setPage(at + 1)}>
            Next
          </Button>
        </div>
      )}
    </>
  );
}

const ariaSort = (sort: Sort, column: SortColumn): 'ascending' | 'descending' | undefined =>
  sort.column === column ? (sort.direction === 'up' ? 'ascending' : 'descending') : undefined;

interface RowProps {
  readonly mark: Mark;
  /** Metric ids in one text: it stays equal. */
  readonly columns: string;
  readonly isShown: boolean;
  readonly isCompared: boolean;
  readonly onToggle: (key: string) => void;
}

const Row = memo(function Row({ mark, columns, isShown, isCompared, onToggle }: RowProps) {
  const { point } = mark;
  return (
    <tr className={mark.feasible ? undefined : css.infeasibleRow}>
      {isShown && (
        <td>
          <input
            type="checkbox"
            aria-label={`Compare ${mark.label}`}
            checked={isCompared}
            onChange={() => onToggle(mark.key)}
          />
        </td>
      )}
      <th scope="row">
        {isShown && point.runs[0] ? <Link href={`/runs/${point.runs[0]}`}>{mark.label}</Link> : mark.label}
      </th>
      {(columns.split(' ') as MetricId[]).map((metric) => {
        const value = point.metrics[metric];
        return (
          <td key={metric} className="number">
            {value ? formatInterval(metric, value) : 'not measured'}
          </td>
        );
      })}
      <td>
        <span className={css.statusCell}>
          <StatusMark status={mark.status} />
          {statusWords[mark.status]}
          {mark.feasible ? '' : ', does not fit'}
        </span>
      </td>
      <td className="number">{point.probability.toFixed(2)}</td>
      <td className="number">{sizeText(point)}</td>
      <td>
        <VerdictMark verdict={point.verdict} />
        {point.unstable !== undefined && <p className="caption">unstable: disturbed {point.unstable} times</p>}
      </td>
      {isShown && (
        <td>{hasFile(point) && <DownloadButton artifact={point.artifact} fileName={artifactName(point)} />}</td>
      )}
    </tr>
  );
});
