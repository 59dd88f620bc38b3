import { layerTimes } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { useLab } from '../../app/lab-context.js';
import { formatMetric, formatNumber } from '../../format/number.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { ShareBar, ShareBarHead, ShareName } from '../../ui/share-bar.js';
import type { PanelProps } from '../panel-name.js';
import { useRun } from '../runs/use-run.js';

/** Where the time of an inference on a board goes: what it counted for each operator of the plan. */
export function LayersPanel({ subject }: PanelProps) {
  const { api } = useLab();
  const { run } = useRun(subject.runId);
  const isOver = run?.endedAt !== undefined;
  const asked = useQuery({
    queryKey: ['layers', subject.runId],
    queryFn: () => api.layers(subject.runId!),
    // They come with the end of the run, and stay as they are.
    enabled: isOver,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />;
  if (run && !isOver) return <Empty>The board's count for each operator comes when the run has ended.</Empty>;
  if (!run || !asked.data) return <Skeleton rows={6} />;
  const layers = layerTimes(asked.data);
  if (layers.length === 0) return <Empty>This run has no count of single operators.</Empty>;
  const unit = run.metrics.cycles ? 'Cycles' : run.metrics.instructions ? 'Instructions' : 'Ticks';
  const most = Math.max(...layers.map(({ share }) => share));
  return (
    <ScrollBox label="Operators of the plan">
      <table>
        <thead>
          <tr>
            <th scope="col" className="number">
              Step
            </th>
            <th scope="col">Operator</th>
            <th scope="col" className="number">
              {unit}
            </th>
            <th scope="col" className="number">
              Share
            </th>
            <ShareBarHead />
            <th scope="col" className="number">
              MACs
            </th>
            <th scope="col" className="number">
              per MAC
            </th>
          </tr>
        </thead>
        <tbody>
          {layers.map(({ step, kind, ticks, share, macs, ticksPerMac }) => (
            <tr key={step}>
              <td className="number">{step}</td>
              <ShareName>{kind}</ShareName>
              <td className="number">{formatMetric('cycles', ticks)}</td>
              <td className="number">{(share * 100).toFixed(1)} %</td>
              <ShareBar part={share / most} />
              <td className="number">{macs > 0 ? formatMetric('macs', macs) : '–'}</td>
              <td className="number">{ticksPerMac === undefined ? '–' : formatNumber(ticksPerMac)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
