import { type MetricId, type MetricRow, metrics } from '@hilltop/contracts';
import { Link } from 'wouter';
import { formatInterval } from '../../format/number.js';
import { DownloadButton } from '../../ui/download-button.js';
import { VerdictMark } from '../../ui/state-mark.js';
import type { ChartModel } from './chart-model.js';
import { statusWords } from './describe.js';
import css from './frontier-panel.module.css';
import { StatusMark } from './marks.js';
import { artifactName, hasFile, sizeText } from './point.js';

export interface FrontierTableProps {
  readonly model: ChartModel;
  readonly z: MetricId | undefined;
  readonly title: string;
  /** Hidden, it is for screen readers, and its controls are no tab stops. */
  readonly isShown: boolean;
}

/** The chart as a table: same order as the arrow keys, every value with its interval and status in words. */
export function FrontierTable({ model, z, title, isShown }: FrontierTableProps) {
  const rank = { on: 0, uncertain: 0, dominated: 1 };
  const rows = [...model.marks].sort((a, b) => rank[a.status] - rank[b.status] || a.cx - b.cx);
  const columns = [model.x.metric, model.y.metric, ...(z ? [z] : [])];
  return (
    <table>
      <caption className="hidden">{title}</caption>
      <thead>
        <tr>
          <th scope="col">Recipe</th>
          {columns.map((metric) => (
            <th key={metric} scope="col" className="number">
              {(metrics[metric] as MetricRow).label}
            </th>
          ))}
          <th scope="col">Status</th>
          <th scope="col" className="number">
            Sure
          </th>
          <th scope="col" className="number">
            Artifact
          </th>
          <th scope="col">Verdict</th>
          {isShown && <th scope="col">Take home</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map((mark) => (
          <tr key={mark.key} className={mark.feasible ? undefined : css.infeasibleRow}>
            <th scope="row">
              {isShown && mark.point.runs[0] ? (
                <Link href={`/runs/${mark.point.runs[0]}`}>{mark.label}</Link>
              ) : (
                mark.label
              )}
            </th>
            {columns.map((metric) => {
              const value = mark.point.metrics[metric];
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
            <td className="number">{mark.point.probability.toFixed(2)}</td>
            <td className="number">{sizeText(mark.point)}</td>
            <td>
              <VerdictMark verdict={mark.point.verdict} />
              {mark.point.unstable !== undefined && (
                <p className="caption">unstable: disturbed {mark.point.unstable} times</p>
              )}
            </td>
            {isShown && (
              <td>
                {hasFile(mark.point) && (
                  <DownloadButton artifact={mark.point.artifact} fileName={artifactName(mark.point)} />
                )}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
