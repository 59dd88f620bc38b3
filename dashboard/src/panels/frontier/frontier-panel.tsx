import { useMemo, useState } from 'react';
import { useTopic } from '../../app/lab-context.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { parseWhere } from '../../view/view.js';
import type { PanelProps } from '../panel-name.js';
import { domainsOf } from './chart-model.js';
import { ConstraintSliders } from './constraint-sliders.js';
import { DeviceChart } from './device-chart.js';
import css from './frontier-panel.module.css';
import { FrontierToolbar } from './frontier-toolbar.js';
import { Legend } from './legend.js';
import { offeredMetrics } from './select-frontiers.js';
import { ShipList } from './ship-list.js';
import { thirdMetric } from './third-metric.js';
import { useBaseline } from './use-baseline.js';
import { useFrontierKeys } from './use-frontier-keys.js';
import { useFrontiers } from './use-frontiers.js';
import { useWhere } from './use-where.js';

/** What is worth shipping: one chart for each device, the same axes in all of them. */
export function FrontierPanel({ subject }: PanelProps) {
  const modelId = subject.modelId ?? '';
  const frontiers = useFrontiers(subject);
  const model = useTopic('lab').entities.model.get(modelId);
  const modelName = model?.name ?? modelId;
  const { view, change, all, protocol } = frontiers;
  const shown = useStable(frontiers.shown);
  const [text, setText] = useWhere(view.where, change);
  const where = useMemo(() => parseWhere(text), [text]);
  const { baselines, base, error: baseError } = useBaseline(modelId, view);
  const [tables, setTables] = useState<ReadonlySet<string>>(new Set());
  const [cardAt, setCardAt] = useState<string>();
  const [noting, setNoting] = useState<string>();
  const points = useMemo(() => shown.flatMap((f) => f.points), [shown]);
  const size = useMemo(() => thirdMetric(view.size, points), [view.size, points]);
  const colour = useMemo(() => thirdMetric(view.colour, points), [view.colour, points]);
  // Real devices share their axes. An emulated one keeps its own: its times are counted, not clocked.
  const domains = useMemo(() => {
    const real = shown.filter((f) => !f.device.emulated);
    if (real.length < 2 || view.axes === 'free') return undefined;
    const charts = real.map((f) => f.points);
    return domainsOf(charts, view.x, view.y, { x: view.xscale, y: view.yscale });
  }, [shown, view.x, view.y, view.xscale, view.yscale, view.axes]);
  const toggleTable = (device: string): void =>
    setTables((before) => {
      const after = new Set(before);
      if (!after.delete(device)) after.add(device);
      return after;
    });
  useFrontierKeys({
    devices: shown.map((f) => f.device.id),
    pinned: view.sel,
    onTable: toggleTable,
    onNote: (device, key) => {
      setCardAt(device);
      setNoting(key);
      if (key !== view.sel) change({ sel: key });
    },
  });
  if (frontiers.phase === 'waiting') return <Skeleton rows={6} />;
  const offered = offeredMetrics(shown, [view.x, view.y, view.z]);
  return (
    <>
      <FrontierToolbar
        frontiers={frontiers}
        where={text}
        onWhere={(whole) => setText(whole, 'now')}
        errors={where.errors}
        baselines={baselines}
      />
      {shown.length > 0 && <ConstraintSliders where={text} onChange={setText} points={points} offered={offered} />}
      {frontiers.phase === 'error' && <ErrorNotice error={frontiers.error} onRetry={frontiers.retry} />}
      {baseError !== undefined && <ErrorNotice error={baseError} onRetry={() => change({ base: undefined })} />}
      {frontiers.phase === 'ready' && shown.length === 0 && (
        <Empty>
          {frontiers.openRuns > 0
            ? `No run has ended yet. ${frontiers.openRuns} to go; each one adds its point here by itself.`
            : 'No finished run yet, so there is no frontier. Start a job with two or more recipes to get one.'}
        </Empty>
      )}
      {shown.length > 0 && (
        <>
          <ShipList
            modelId={modelId}
            frontiers={shown}
            view={view}
            change={change}
            constraints={where.constraints}
            offered={offered}
          />
          <Legend
            size={size}
            colour={colour}
            hasBand={view.z === undefined && shown.some((f) => f.attainment !== undefined)}
            hasGhost={base !== undefined}
          />
        </>
      )}
      <div className={shown.length > 1 ? css.multiples : css.single}>
        {shown.map((frontier) => (
          <DeviceChart
            key={frontier.device.id}
            frontier={frontier}
            view={view}
            change={change}
            constraints={where.constraints}
            domains={frontier.device.emulated ? undefined : domains}
            protocol={protocol}
            modelId={modelId}
            modelName={modelName}
            layout={shown.length > 1 ? 'multiple' : 'large'}
            canReturn={subject.deviceId === undefined && shown.length === 1 && all.length > 1}
            base={base}
            size={size}
            colour={colour}
            isCardHere={shown.length === 1 || cardAt === frontier.device.id}
            onCard={() => setCardAt(frontier.device.id)}
            noting={noting}
            onNote={setNoting}
            isTableShown={tables.has(frontier.device.id)}
            onTable={() => toggleTable(frontier.device.id)}
          />
        ))}
      </div>
    </>
  );
}

/** The same array while its members are the same. */
function useStable<T>(items: readonly T[]): readonly T[] {
  const [kept, setKept] = useState(items);
  const isSame = kept.length === items.length && kept.every((each, i) => each === items[i]);
  if (!isSame) setKept(items);
  return isSame ? kept : items;
}
