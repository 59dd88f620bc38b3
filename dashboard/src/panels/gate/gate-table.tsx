import { type Gate, metrics, pointLabel } from '@hilltop/contracts';
import { Fragment } from 'react';
import { useTopic, useValues } from '../../app/lab-context.js';
import { Empty } from '../../ui/empty.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import type { Decision } from './decide-dialog.js';
import css from './gate.module.css';
import { changeText, type RowView, sureText, sureWords } from './gate-rows.js';
import { RowDetail } from './row-detail.js';
import { Spark } from './spark.js';

export interface GateTableProps {
  readonly gate: Gate;
  readonly rows: readonly RowView[];
  readonly current: RowView | undefined;
  readonly onPick: (row: number) => void;
  readonly onDecide: (decision: Decision) => void;
}

const laneSigns = { regressed: '▼', improved: '▲', infrastructure: '■', inconclusive: '◇', same: '=' } as const;

/** Metric of variant on device, by how sure; the current row stands open. */
export function GateTable({ gate, rows, current, onPick, onDecide }: GateTableProps) {
  const notes = useValues(useTopic(`sweep/${gate.sweepId}`).entities.note).filter(
    ({ subject }) => subject.kind === 'gate' && subject.id === gate.id,
  );
  if (rows.length === 0) return <Empty>No row in this lane.</Empty>;
  return (
    <ScrollBox label="Rows of the gate">
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">How sure</th>
            <th scope="col" className="number">
              How much
            </th>
            <th scope="col">What</th>
            <th scope="col" className={css.wide}>
              History
            </th>
            <th scope="col" className={css.wide}>
              State
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((view) => {
            const { row, lane } = view;
            const isCurrent = view === current;
            const own = notes.filter((note) => note.subject.row === row.row);
            return (
              <Fragment key={row.row}>
                <tr
                  data-testid={`gate-row-${row.row}`}
                  data-current={isCurrent || undefined}
                  data-lane={lane}
                  data-accepted={view.isAccepted || undefined}
                >
                  <td>
                    {sureText(row)}
                    <span className={css.words}>{sureWords(row)}</span>
                  </td>
                  <td className={`number ${css.much}`}>
                    <span aria-hidden="true">{laneSigns[lane]}</span> {changeText(row)}
                  </td>
                  <th scope="row">
                    <button
                      type="button"
                      className={css.what}
                      aria-expanded={isCurrent}
                      onClick={() => onPick(row.row)}
                    >
                      {pointLabel(row)}{' '}
                      <span className={css.words}>
                        {metrics[row.metric].label} · {row.modelName} on {row.deviceName}
                      </span>
                      <span className={`${css.words} ${css.narrow}`}>{stateText(view)}</span>
                    </button>
                  </th>
                  <td className={css.wide}>
                    <Spark values={view.history} label={view.name} />
                  </td>
                  <td className={css.wide}>
                    {stateText(view)}
                    {own.length > 0 && (
                      <span className={css.words}>{own.length === 1 ? '1 note' : `${own.length} notes`}</span>
                    )}
                  </td>
                </tr>
                {isCurrent && (
                  <tr className={css.open}>
                    <td colSpan={5}>
                      <RowDetail gateId={gate.id} view={view} notes={own} onDecide={onDecide} />
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function stateText({ row: { decision, verdict } }: RowView): string {
  if (decision === undefined) return verdict === 'worse' ? 'new' : verdict;
  if (decision.state === 'reopened') return `open again (${decision.by})`;
  if (decision.state === 'noise') return `measured again (${decision.by})`;
  return `${decision.state} by ${decision.by}`;
}
