import { type EnergyBudget, energySensors, type Run } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useStore } from 'zustand';
import { useLab } from '../../app/lab-context.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { Facts } from '../../ui/facts.js';
import { ErrorNotice } from '../../ui/notice.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { SimulatedBadge } from '../../ui/simulated-badge.js';
import type { PanelProps } from '../panel-name.js';
import { useRun } from '../runs/use-run.js';
import { power } from '../trace/trace-options.js';
import { TraceView } from '../trace/trace-view.js';
import { budgetRows, energyFacts, scopeText, shareText } from './energy-rows.js';
import { idleLevel, powerTrace, shadesOf } from './power-trace.js';
import css from './run-power.module.css';

/** The power beside a run: as it comes, then all that was stored; where its energy comes from and how well it is known. */
export function RunPowerPanel({ subject }: PanelProps) {
  const { run } = useRun(subject.runId);
  if (!run) return <Skeleton rows={6} />;
  const sensors = run.environment?.sensors ?? [];
  const chosen = energySensors(sensors).map((place) => sensors[place]!);
  if (chosen.length === 0) return <Empty>Nothing on this device tells what it takes.</Empty>;
  return (
    <>
      <p className={css.head}>
        <span>
          {scopeText(chosen[0]!.scope)}; {chosen.map(({ id }) => id).join(' + ')}
        </span>
        {chosen.some(({ simulated }) => simulated) && <SimulatedBadge />}
      </p>
      {run.endedAt === undefined ? <LivePower runId={run.id} /> : <StoredPower run={run} />}
      {run.energy && <Energy run={run} energy={run.energy} />}
    </>
  );
}

function LivePower({ runId }: { readonly runId: string }) {
  const { traces } = useLab();
  // Drawn past React: only that there is something to draw matters here.
  const buffer = useStore(traces.latest, () => traces.powerOf(runId));
  if (!buffer) return <Empty>The power is drawn as it comes, from before the first block on.</Empty>;
  return (
    <TraceView
      source={buffer}
      title="This run"
      timeLabel="time watched, s"
      note="mean of 100 ms; band: least to highest; holes: nothing read"
      isLive
      quantity={power}
    />
  );
}

function StoredPower({ run }: { readonly run: Run }) {
  const { api } = useLab();
  const asked = useQuery({
    queryKey: ['power', run.id, run.state],
    queryFn: () => api.power(run.id),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const source = useMemo(() => asked.data && powerTrace(asked.data), [asked.data]);
  const shades = useMemo(() => asked.data && shadesOf(asked.data), [asked.data]);
  const level = useMemo(() => idleLevel(run.energy), [run.energy]);
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />;
  if (!asked.data || !source || !shades) return <Skeleton rows={6} />;
  if (asked.data.rows === 0) return <Empty>No reading of this run has arrived.</Empty>;
  const { windows } = asked.data;
  const has = (of: (window: (typeof windows)[number]) => boolean): boolean => windows.some(of);
  return (
    <>
      <TraceView
        source={source}
        title={`${asked.data.rows.toLocaleString('en')} stored values`}
        timeLabel="time since the first reading, s"
        note="mean; band: least to highest; holes: nothing read"
        isLive={false}
        quantity={power}
        shades={shades}
        level={level}
      />
      <ul className={css.key}>
        {has(({ what, whole }) => what === 'loop' && whole) && <Key shade="loop">measuring loop</Key>}
        {has(({ what, whole }) => what === 'idle' && whole) && <Key shade="idle">wait for idle power</Key>}
        {has(({ whole }) => !whole) && <Key shade="bad">left out: the meter failed in it</Key>}
      </ul>
    </>
  );
}

function Key({ shade, children }: { readonly shade: 'loop' | 'idle' | 'bad'; readonly children: string }) {
  return (
    <li>
      <span className={`${css.swatch} ${css[shade]}`} aria-hidden="true" />
      {children}
    </li>
  );
}

function Energy({ run, energy }: { readonly run: Run; readonly energy: EnergyBudget }) {
  return (
    <div className={css.energy}>
      <Facts rows={energyFacts(run)} />
      <ScrollBox label="Uncertainty of the energy">
        <table>
          <thead>
            <tr>
              <th scope="col">Uncertainty</th>
              <th scope="col" className="number">
                Standard
              </th>
              <th scope="col">From</th>
            </tr>
          </thead>
          <tbody>
            {budgetRows(energy).map(([name, share, meaning]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td className="number">{shareText(share)}</td>
                <td>{meaning}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </div>
  );
}
