import type { DeviceFrontier, ProtocolName } from '@hilltop/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useLab, useTopic, useValues } from '../../app/lab-context.js';
import { CopyButton } from '../../ui/copy-button.js';
import { Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import css from './compare.module.css';
import { compareCli } from './compare-model.js';
import { CompareTable } from './compare-table.js';
import { Differences } from './differences.js';
import { Traces } from './traces.js';

export interface DeviceComparisonProps {
  readonly modelId: string;
  readonly modelName: string;
  readonly device: DeviceFrontier['device'];
  /** The first is the reference. */
  readonly keys: readonly string[];
  readonly protocol: ProtocolName | undefined;
}

/** Points of one device, from the lab's own statistics; asked again when a run has ended. */
export function DeviceComparison({ modelId, modelName, device, keys, protocol }: DeviceComparisonProps) {
  const { api } = useLab();
  const runs = useValues(useTopic(`model/${modelId}`).entities.run);
  const ended = runs.filter((run) => run.state === 'succeeded' && run.deviceId === device.id).length;
  const asked = useQuery({
    queryKey: ['comparison', modelId, device.id, protocol, ...keys, ended],
    queryFn: () => api.comparison(modelId, { device: device.id, protocol, points: keys }),
    placeholderData: keepPreviousData,
  });
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />;
  if (!asked.data) return <Skeleton rows={8} />;
  const comparison = asked.data;
  return (
    <div className={css.content}>
      <CompareTable comparison={comparison} />
      <Differences points={comparison.points} />
      <Traces points={comparison.points} />
      <div className={css.tools}>
        <CopyButton
          word="CLI"
          kind="quiet"
          label="the CLI line of this comparison"
          text={compareCli(modelName, device.name, comparison.protocol, comparison.points)}
        />
        <span className="caption">
          Values ± 95 % intervals, {comparison.protocol}, of the newest clean run, or a disturbed one where none is
          clean. A difference is shown where its 95 % interval does not hold zero.
        </span>
      </div>
    </div>
  );
}
