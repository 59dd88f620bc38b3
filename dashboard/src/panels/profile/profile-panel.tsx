import { profiledLayers } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { useLab } from '../../app/lab-context.js';
import { formatMetric } from '../../format/number.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { ShareBar, ShareBarHead, ShareName } from '../../ui/share-bar.js';
import type { PanelProps } from '../panel-name.js';
import { useRun } from '../runs/use-run.js';
import { profileRows } from './profile-rows.js';

/** Where the time of an inference on a host goes: the longest layers, as its runtime executed them. */
export function ProfilePanel({ subject }: PanelProps) {
  const { api } = useLab();
  const { run } = useRun(subject.runId);
  const isOver = run?.endedAt !== undefined;
  const asked = useQuery({
    queryKey: ['profile', subject.runId],
    queryFn: () => api.profile(subject.runId!),
    // It comes with the end of the run, and stays as it is.
    enabled: isOver && run.attempt > 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />;
  if (run && !isOver) return <Empty>The layers are profiled after the last measurement.</Empty>;
  if (run && run.attempt === 0) return <Empty>This run never began.</Empty>;
  if (!run || !asked.data) return <Skeleton rows={6} />;
  const { rows, rest, inferences } = profileRows(profiledLayers(asked.data));
  if (rows.length === 0)
    return <Empty>This run has no profile: its runtime tells none, or it would have cost a quick run too much.</Empty>;
  return (
    <>
      <p className="muted">
        Mean of {inferences} inferences under the profiler, in a process apart: shares are what it is for, latency is
        above.
      </p>
      <ScrollBox label="Layers">
        <table>
          <thead>
            <tr>
              <th scope="col" className="number">
                Step
              </th>
              <th scope="col">Layer</th>
              <th scope="col">Operator</th>
              <th scope="col">On</th>
              <th scope="col" className="number">
                Time
              </th>
              <th scope="col" className="number">
                Share
              </th>
              <ShareBarHead />
            </tr>
          </thead>
          <tbody>
            {rows.map(({ step, name, op, provider, meanMs, share, bar }) => (
              <tr key={step}>
                <td className="number">{step}</td>
                <ShareName>{name}</ShareName>
                <td>{op}</td>
                <td>{provider ?? '–'}</td>
                <td className="number">{formatMetric('latency_p50_ms', meanMs)}</td>
                <td className="number">{(share * 100).toFixed(1)} %</td>
                <ShareBar part={bar} />
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      {rest && (
        <p className="muted">
          {rest.layers} shorter layers: {(rest.share * 100).toFixed(1)} %
        </p>
      )}
    </>
  );
}
