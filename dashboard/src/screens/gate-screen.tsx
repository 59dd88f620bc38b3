import { isLabError, reportFormats } from '@hilltop/contracts';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { useBlocked } from '../app/lab-context.js';
import { saveBlob } from '../link/save-blob.js';
import { useNightsApi } from '../link/use-nights-api.js';
import { verdictWords } from '../panels/gate/gate-rows.js';
import { PinDialog } from '../panels/gate/pin-dialog.js';
import { useGate } from '../panels/gate/use-gate.js';
import { Panel } from '../panels/panel.js';
import { Ago } from '../ui/ago.js';
import { Button } from '../ui/button.js';
import { Skeleton } from '../ui/empty.js';
import { ErrorNotice } from '../ui/notice.js';
import { GateVerdictMark } from '../ui/state-mark.js';
import { NotFoundScreen } from './not-found-screen.js';
import { ScreenHead } from './screen-head.js';

/** A night held against its baseline: what changed, what the lab itself had trouble with, and what cannot be told. */
export function GateScreen({ id }: { readonly id: string }) {
  const api = useNightsApi();
  const asked = useGate(id);
  const blocked = useBlocked('operator');
  const [isPinning, setPinning] = useState(false);
  const save = useMutation({
    mutationFn: async (format: (typeof reportFormats)[number]) =>
      saveBlob(await api.report(id, format), `${asked.data?.sweepName ?? 'gate'}-${id}.${endings[format]}`),
  });
  const gate = asked.data;
  if (!gate)
    return asked.isError ? (
      isLabError(asked.error, 'gate.unknown') ? (
        <NotFoundScreen what={`The gate ${id}`} />
      ) : (
        <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />
      )
    ) : (
      <Skeleton rows={6} />
    );
  return (
    <>
      <ScreenHead
        title={`${verdictWords[gate.verdict]}: ${gate.sweepName}`}
        crumbs={[
          ['Schedules', '/schedules'],
          [gate.sweepName, `/sweeps/${gate.sweepId}`],
        ]}
        actions={
          <>
            <Button blocked={blocked} onClick={() => setPinning(true)}>
              Pin as baseline
            </Button>
            {(['html', 'markdown', 'junit'] as const).map((format) => (
              <Button key={format} kind="quiet" disabled={save.isPending} onClick={() => save.mutate(format)}>
                {formatWords[format]}
              </Button>
            ))}
          </>
        }
      >
        <GateVerdictMark verdict={gate.verdict} />
        <span className="muted">
          vs baseline {gate.baselineName} (<Link href={`/sweeps/${gate.baselineSweepId}`}>its sweep</Link>), at most{' '}
          {(100 * gate.maxRegression).toPrecision(2)} % worse · <Ago instant={gate.createdAt} />
          {gate.createdBy && ` · ${gate.createdBy}`}
        </span>
      </ScreenHead>
      {save.isError && <ErrorNotice error={save.error} />}
      <Panel name="gate" subject={{ gateId: id }} />
      {isPinning && <PinDialog sweepId={gate.sweepId} name={gate.baselineName} onClose={() => setPinning(false)} />}
    </>
  );
}

const endings = { html: 'html', markdown: 'md', junit: 'xml', json: 'json' } as const;
const formatWords = { html: 'Report', markdown: 'Markdown', junit: 'JUnit' } as const;
