import { type Gate, lanesOf } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { useKeys } from '../../app/keys.js';
import { useBlocked, useLab } from '../../app/lab-context.js';
import { useNightsApi } from '../../link/use-nights-api.js';
import { Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import type { PanelProps } from '../panel-name.js';
import { CausesList } from './causes-list.js';
import { DecideDialog, type Decision } from './decide-dialog.js';
import css from './gate.module.css';
import { type LaneName, laneNames, type RowView, rowViews } from './gate-rows.js';
import { GateTable } from './gate-table.js';
import { Infrastructure } from './infrastructure.js';
import { Lanes } from './lanes.js';
import { useGate } from './use-gate.js';

/** Nights of the little lines. */
const historyNights = 30;

/** A gate row by row: five lanes, what changed, and what people say of it. */
export function GatePanel({ subject }: PanelProps) {
  const asked = useGate(subject.gateId);
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />;
  return asked.data ? <Rows gate={asked.data} /> : <Skeleton rows={6} />;
}

/** The nights that a gate's sweep is one of: its schedule's, or those of its name. */
function useHistory(gate: Gate) {
  const { api } = useLab();
  const nights = useNightsApi();
  return useQuery({
    queryKey: ['gate-history', gate.sweepId],
    queryFn: async () => {
      const { scheduleId } = await api.sweep(gate.sweepId);
      return nights.trends(
        scheduleId === undefined ? { sweep: gate.sweepName } : { schedule: scheduleId },
        historyNights,
      );
    },
    staleTime: 60_000,
  });
}

function Rows({ gate }: { readonly gate: Gate }) {
  const [, navigate] = useLocation();
  const [search, setSearch] = useSearchParams();
  const blocked = useBlocked('operator');
  const history = useHistory(gate).data;
  // By its number: what somebody decides meanwhile moves rows about.
  const [deciding, setDeciding] = useState<{ readonly decision: Decision; readonly row: number }>();
  const all = useMemo(() => rowViews(gate, history ?? []), [gate, history]);
  const lane = laneNames.find((name) => name === search.get('lane'));
  const shown = shownRows(all, lane);
  const current = shown.find(({ row }) => String(row.row) === search.get('row')) ?? shown[0];
  const change = (key: 'lane' | 'row', value: string | undefined): void =>
    setSearch(
      (before) => {
        if (value === undefined) before.delete(key);
        else before.set(key, value);
        return before;
      },
      { replace: true },
    );
  const step = (by: 1 | -1): void => {
    const next = shown[shown.indexOf(current!) + by];
    if (next) change('row', String(next.row.row));
  };
  const decide = (decision: Decision): void => {
    if (current) setDeciding({ decision, row: current.row.row });
  };
  const decided = deciding && all.find(({ row }) => row.row === deciding.row);
  const none = current ? undefined : 'There is no row here.';
  const isAccepted = current?.isAccepted ? 'It is accepted: reopen it first.' : undefined;
  useKeys('Gate', [
    { keys: 'j', does: 'next row', run: () => step(1), blocked: none },
    { keys: 'k', does: 'row before', run: () => step(-1), blocked: none },
    { keys: 'a', does: 'accept the row', run: () => decide('accepted'), blocked: none ?? isAccepted ?? blocked },
    {
      keys: 'x',
      does: 'call the row noise, measure it again',
      run: () => decide('noise'),
      blocked: none ?? isAccepted ?? blocked,
    },
    {
      keys: 'Enter',
      does: "open the row's newest run",
      run: (event) => {
        // Enter on a button or a link is theirs.
        const run = current?.row.runIds.now.at(-1);
        const own = (event.target as Element | null)?.closest('a, button, summary') ?? undefined;
        if (own instanceof HTMLElement) own.click();
        else if (run) navigate(`/runs/${run}`);
      },
      blocked: none,
    },
  ]);
  const lanes = lanesOf(gate);
  return (
    <div className={css.gate}>
      <Lanes lanes={lanes} shown={lane} onShow={(next) => change('lane', next)} />
      <CausesList gate={gate} />
      {lane !== 'infrastructure' && (
        <GateTable
          gate={gate}
          rows={shown}
          current={current}
          onPick={(row) => change('row', String(row))}
          onDecide={decide}
        />
      )}
      {lane === undefined && lanes.same > 0 && shown.length < all.length && (
        <p className="caption">{all.length - shown.length} rows that stayed the same are in their lane.</p>
      )}
      {(lane === 'infrastructure' || lane === undefined) && (
        <>
          <h3>Infrastructure</h3>
          <Infrastructure gate={gate} />
        </>
      )}
      {deciding && decided && (
        <DecideDialog
          gateId={gate.id}
          view={decided}
          decision={deciding.decision}
          onChange={(decision) => setDeciding({ ...deciding, decision })}
          onClose={() => setDeciding(undefined)}
        />
      )}
    </div>
  );
}

/** Rows of a lane; without one everything that is not simply the same, where there is such. */
function shownRows(all: readonly RowView[], lane: LaneName | undefined): readonly RowView[] {
  if (lane !== undefined) return all.filter((view) => view.lane === lane);
  const told = all.filter((view) => view.lane !== 'same');
  return told.length > 0 ? told : all;
}
