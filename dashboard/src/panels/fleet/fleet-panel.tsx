import type { FleetFrontier, MetricId } from '@hilltop/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useLab, useTopic } from '../../app/lab-context.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { EmulatedBadge } from '../../ui/emulated-badge.js';
import { ErrorNotice } from '../../ui/notice.js';
import { useFrontiers } from '../frontier/use-frontiers.js';
import type { PanelProps } from '../panel-name.js';
import css from './fleet.module.css';
import { FleetChart } from './fleet-chart.js';
import { FleetTable } from './fleet-table.js';

/** One answer for all devices: each point by its worst device. Emulated devices are a fleet of their own. */
export function FleetPanel({ subject }: PanelProps) {
  const { api } = useLab();
  const modelId = subject.modelId ?? '';
  const topic = useTopic(`model/${modelId}`);
  const devices = useTopic('lab').entities.device;
  const { phase, view, protocol, all } = useFrontiers(subject);
  const ended = [...topic.entities.run.values()].filter((run) => run.state === 'succeeded').length;
  const asked = useQuery({
    queryKey: ['fleet', modelId, protocol, view.x, view.y, ended],
    queryFn: ({ signal }) => api.frontier({ model: modelId, protocol, x: view.x, y: view.y, fleet: 'true' }, signal),
    enabled: phase === 'ready' && all.length > 0,
    placeholderData: keepPreviousData,
  });
  if (phase === 'waiting' || asked.isLoading) return <Skeleton rows={5} />;
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />;
  const fleets = (asked.data?.fleet ?? []).filter((fleet) => fleet.points.length > 0);
  if (fleets.length === 0)
    return (
      <Empty>
        No device has a clean run of fp32, which every other run is held against. Measure fp32 on each device.
      </Empty>
    );
  const axes: readonly [MetricId, MetricId] = [asked.data!.objectives[0]!.metric, asked.data!.objectives[1]!.metric];
  const nameOf = (id: string): string => devices.get(id)?.name ?? id;
  return (
    <>
      {fleets.map((fleet) =>
        fleet.devices.length === 1 ? (
          <p key={String(fleet.emulated)} className="caption">
            {nameOf(fleet.devices[0]!)} {fleet.emulated && <EmulatedBadge />} is the only{' '}
            {fleet.emulated ? 'emulated' : 'real'} device with a run of fp32 under {protocol}: its own frontier is the
            answer. Measure on another one to get a fleet.
          </p>
        ) : (
          <Group key={String(fleet.emulated)} fleet={fleet} axes={axes} nameOf={nameOf} />
        ),
      )}
      {fleets.some((fleet) => fleet.devices.length > 1) && (
        <p className="caption">
          Costs: the worst ratio to the device's own fp32; qualities: the worst value. Bars: 95 % of re-draws. What was
          not measured on every device never beats what was.
        </p>
      )}
    </>
  );
}

interface GroupProps {
  readonly fleet: FleetFrontier;
  readonly axes: readonly [MetricId, MetricId];
  readonly nameOf: (id: string) => string;
}

function Group({ fleet, axes, nameOf }: GroupProps) {
  const names = fleet.devices.map(nameOf);
  return (
    <figure className={css.group} aria-label={fleet.emulated ? 'Fleet of emulated devices' : 'Fleet of real devices'}>
      <h3>
        {names.length === 1 ? names[0] : `${names.length} devices: ${names.join(', ')}`}{' '}
        {fleet.emulated && <EmulatedBadge />}
      </h3>
      <FleetChart fleet={fleet} axes={axes} />
      <FleetTable fleet={fleet} axes={axes} nameOf={nameOf} />
    </figure>
  );
}
