import { type ComparedMetric, type Comparison, type MetricRow, metrics, pointLabel } from '@hilltop/contracts';
import { Fragment } from 'react';
import { formatInterval } from '../../format/number.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { VerdictMark } from '../../ui/state-mark.js';
import css from './compare.module.css';
import { changeText, filledDots } from './compare-model.js';
import { Dots } from './dots.js';
import { letterOf } from './letter.js';

const marks = { better: '▲', worse: '▼' } as const;

/** Metric | reference | each other with its difference and how sure that is. What is no difference is grey, and says so. */
export function CompareTable({ comparison }: { readonly comparison: Comparison }) {
  const [reference, ...others] = comparison.points;
  if (!reference) return null;
  const title = `${pointLabel(reference)} against ${others.map(pointLabel).join(', ')} on ${comparison.device.name}`;
  return (
    <ScrollBox label={title}>
      <table data-testid={`comparison-${comparison.device.name}`}>
        <caption className="hidden">{title}</caption>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col" className="number">
              A {pointLabel(reference)} {reference.verdict !== 'clean' && <VerdictMark verdict={reference.verdict} />}
            </th>
            {others.map((point, i) => (
              <Fragment key={point.key}>
                <th scope="col" className="number">
                  {letterOf(i + 1)} {pointLabel(point)}{' '}
                  {point.verdict !== 'clean' && <VerdictMark verdict={point.verdict} />}
                </th>
                <th scope="col" className="number">
                  {letterOf(i + 1)} − A
                </th>
                <th scope="col">How sure</th>
              </Fragment>
            ))}
          </tr>
        </thead>
        <tbody>
          {comparison.metrics.map((row) => (
            <tr key={row.metric} data-metric={row.metric}>
              <th scope="row" className={css.metric}>
                {(metrics[row.metric] as MetricRow).label}
              </th>
              <td className="number">{formatInterval(row.metric, row.reference)}</td>
              {others.map((point, i) => (
                <Cells key={point.key} row={row} pointKey={point.key} name={letterOf(i + 1)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

interface CellsProps {
  readonly row: ComparedMetric;
  readonly pointKey: string;
  readonly name: string;
}

function Cells({ row, pointKey, name }: CellsProps) {
  const found = row.others.find(({ key }) => key === pointKey);
  if (!found)
    return (
      <td colSpan={3} className="caption">
        not measured
      </td>
    );
  const { value, change } = found;
  const text = changeText(row, change, name);
  const tone = change.shown ? '' : css.none;
  return (
    <>
      <td className="number">{formatInterval(row.metric, value)}</td>
      <td className={`number ${css.change} ${tone}`} data-shown={change.shown} title={text.how}>
        {text.difference}
        {text.ratio && <span className={css.ratio}>{text.ratio}</span>}
      </td>
      <td className={tone} title={text.how}>
        <span className={css.sure}>
          <span className={`${css.word} ${text.word === 'no difference shown' ? '' : css[text.word]}`}>
            {text.word !== 'no difference shown' && <span aria-hidden="true">{marks[text.word]}</span>}
            {text.word}
          </span>
          {change.redraws && change.method !== 'exact' && (
            <Dots filled={filledDots(change.redraws)} label={text.sure} />
          )}
          <span className="caption">{text.sure}</span>
          <span className="hidden">; {text.how}</span>
        </span>
      </td>
    </>
  );
}
