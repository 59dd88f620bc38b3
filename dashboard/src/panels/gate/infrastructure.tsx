import { type Gate, metrics, pointLabel } from '@hilltop/contracts';
import { useMutation } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { useBlocked, useLab } from '../../app/lab-context.js';
import { useNightsApi } from '../../link/use-nights-api.js';
import { Button } from '../../ui/button.js';
import { ErrorNotice } from '../../ui/notice.js';
import css from './gate.module.css';
import { lostOf, lostPoints, rerunFile } from './rerun-file.js';

const reasons = {
  'not-measured': 'no result tonight',
  'not-clean': 'no clean result tonight',
  'not-comparable': 'measured otherwise than the baseline',
} as const;

/** Trouble of the lab, apart from what changed: points without a result, and controls that changed by themselves. */
export function Infrastructure({ gate }: { readonly gate: Gate }) {
  const { api } = useLab();
  const nights = useNightsApi();
  const [, navigate] = useLocation();
  const blocked = useBlocked('operator');
  const lost = lostOf(gate);
  const added = gate.missing.filter((each) => each.in === 'baseline');
  const rerun = useMutation({
    mutationFn: async () => nights.createSweep(rerunFile((await api.sweep(gate.sweepId)).file, lost)),
    onSuccess: (sweep) => navigate(`/sweeps/${sweep.id}`),
  });
  if (lost.length + added.length + gate.environment.length === 0)
    return <p className="muted">Every point of the baseline has a result, and no control changed by itself.</p>;
  return (
    <div className={css.trouble}>
      {lost.length > 0 && (
        <>
          <ul>
            {lost.map((each) => (
              <li key={`${each.modelId} ${pointLabel(each)} ${each.deviceId} ${each.metric}`}>
                {each.modelName} {pointLabel(each)}
                {each.metric && ` ${metrics[each.metric].label}`} on{' '}
                <Link href={`/devices/${each.deviceId}`}>{each.deviceName}</Link>: {reasons[each.reason]}
              </li>
            ))}
          </ul>
          <p>
            <Button size="small" blocked={blocked} disabled={rerun.isPending} onClick={() => rerun.mutate()}>
              Measure {lostPoints(lost)} again
            </Button>
          </p>
          {rerun.isError && <ErrorNotice error={rerun.error} onRetry={() => rerun.mutate()} />}
        </>
      )}
      {gate.environment.length > 0 && (
        <ul>
          {gate.environment.map((each) => (
            <li key={`${each.deviceId} ${each.modelName} ${each.metric}`}>
              The control {each.recipe} of {each.modelName} on{' '}
              <Link href={`/devices/${each.deviceId}`}>{each.deviceName}</Link> changed by itself:{' '}
              {metrics[each.metric].label} × {each.ratio.toFixed(3)} [{each.low.toFixed(3)}, {each.high.toFixed(3)}].
              {each.severe && ' That is too much to divide out: nothing there is called worse or improved.'}
            </li>
          ))}
        </ul>
      )}
      {added.length > 0 && (
        <p className="muted">{added.length} points or metrics are new: the baseline has none of them.</p>
      )}
    </div>
  );
}
