import { type EvidenceItem, signalText } from '@hilltop/contracts';
import { formatNumber } from '../../format/number.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { VerdictMark } from '../../ui/state-mark.js';
import type { PanelProps } from '../panel-name.js';
import { Repetition } from '../runs/repetition.js';
import { useRun } from '../runs/use-run.js';
import css from './run-verdict.module.css';
import { worstEvidence } from './worst-evidence.js';

const levels = { ok: '✓ ok', soft: '▲ over soft', hard: '■ over hard' } as const satisfies Record<
  EvidenceItem['level'],
  string
>;

/** Whether the run can be trusted, and everything that speaks for or against it. */
export function RunVerdictPanel({ subject }: PanelProps) {
  const { run } = useRun(subject.runId);
  if (!run) return <Skeleton />;
  if (!run.verdict)
    return (
      <Empty>
        {run.endedAt
          ? 'This run has no verdict.'
          : 'The verdict comes when the run has ended, from the evidence of every block.'}
      </Empty>
    );
  const { verdict, reasons, evidence } = run.verdict;
  const rows = worstEvidence(evidence);
  return (
    <>
      <p className={css.head}>
        <VerdictMark verdict={verdict} />
        <span>{reasons.length > 0 ? reasons.join('; ') : 'nothing spoke against it'}</span>
      </p>
      <Repetition run={run} />
      {rows.length > 0 && (
        <ScrollBox label="Evidence">
          <table>
            <thead>
              <tr>
                <th scope="col">Signal</th>
                <th scope="col" className="number">
                  Worst
                </th>
                <th scope="col" className="number">
                  Soft limit
                </th>
                <th scope="col" className="number">
                  Hard limit
                </th>
                <th scope="col">Level</th>
                <th scope="col" className="number">
                  Block
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((item) => (
                <tr key={item.signal}>
                  <th scope="row">
                    {signalText(item.signal)} <code>{item.signal}</code>
                  </th>
                  <td className="number">{formatNumber(item.value)}</td>
                  <td className="number">{item.softLimit !== undefined && formatNumber(item.softLimit)}</td>
                  <td className="number">{item.hardLimit !== undefined && formatNumber(item.hardLimit)}</td>
                  <td className={css[item.level]}>{levels[item.level]}</td>
                  <td className="number">{item.block !== undefined && item.block + 1}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </>
  );
}
