import { useMemo } from 'react';
import { useTopic } from '../../app/lab-context.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { parseWhere } from '../../view/view.js';
import type { PanelProps } from '../panel-name.js';
import { domainsOf } from './chart-model.js';
import { DeviceChart } from './device-chart.js';
import css from './frontier-panel.module.css';
import { FrontierToolbar } from './frontier-toolbar.js';
import { Legend } from './legend.js';
import { offeredMetrics } from './select-frontiers.js';
import { ShipList } from './ship-list.js';
import { useFrontiers } from './use-frontiers.js';

/** What is worth shipping: one chart for each device, the same axes in all of them. */
export function FrontierPanel({ subject }: PanelProps) {
  const modelId = subject.modelId ?? '';
  const frontiers = useFrontiers(subject);
  const model = useTopic('lab').entities.model.get(modelId);
  const { view, change, shown, all, protocol } = frontiers;
  const where = useMemo(() => parseWhere(view.where), [view.where]);
  // Real devices share their axes. An emulated one keeps its own: its times are counted, not clocked.
  const real = shown.filter((f) => !f.device.emulated);
  const domains = useMemo(
    () =>
      real.length > 1
        ? domainsOf(
            real.map((f) => f.points),
            view.x,
            view.y,
          )
        : undefined,
    [real, view.x, view.y],
  );
  if (frontiers.phase === 'waiting') return <Skeleton rows={6} />;
  return (
    <>
      <FrontierToolbar frontiers={frontiers} errors={where.errors} modelName={model?.name ?? modelId} />
      {frontiers.phase === 'error' && <ErrorNotice error={frontiers.error} onRetry={frontiers.retry} />}
      {frontiers.phase === 'ready' && shown.length === 0 && (
        <Empty>
          {frontiers.openRuns > 0
            ? `No run has ended yet. ${frontiers.openRuns} to go; each one adds its point here by itself.`
            : 'No finished run yet, so there is no frontier. Start a job with two or more recipes to get one.'}
        </Empty>
      )}
      {shown.length > 0 && (
        <ShipList
          frontiers={shown}
          view={view}
          change={change}
          constraints={where.constraints}
          offered={offeredMetrics(shown, [view.x, view.y, view.z])}
        />
      )}
      {shown.length > 0 && <Legend />}
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
            modelName={model?.name ?? modelId}
            size={shown.length > 1 ? 'multiple' : 'large'}
            canReturn={subject.deviceId === undefined && shown.length === 1 && all.length > 1}
          />
        ))}
      </div>
    </>
  );
}
