import { encodeColumns, type JournalEvent, type RunEnvironment, type RunError } from '@hilltop/contracts';

interface Held {
  readonly runId: string;
  readonly fence: number;
}

export const environment: RunEnvironment = {
  agentVersion: '1.0.0',
  node: 'v20',
  runtime: { name: 'onnxruntime', version: '1', provider: 'cpu' },
  caps: 'none',
};

export const preparing = ({ runId, fence }: Held): JournalEvent => ({ type: 'run.preparing', runId, fence });
export const started = ({ runId, fence }: Held): JournalEvent => ({ type: 'run.started', runId, fence, environment });

/** A batch of latencies. */
export const observed = (
  { runId, fence }: Held,
  seq: number,
  latencies: readonly number[] = [1, 2, 3],
): JournalEvent => ({
  type: 'run.observed',
  observations: {
    runId,
    fence,
    seq,
    kind: 'latency',
    block: 0,
    ...encodeColumns('latency', { latency_ms: latencies }),
  },
});

export const ended = ({ runId, fence }: Held, batches: number, error?: RunError): JournalEvent => ({
  type: 'run.ended',
  runId,
  fence,
  outcome: error ? 'failed' : 'succeeded',
  batches,
  transferBytes: 7,
  ...(error && { error }),
});
export const cancelled = ({ runId, fence }: Held): JournalEvent => ({
  type: 'run.ended',
  runId,
  fence,
  outcome: 'cancelled',
  batches: 0,
  transferBytes: 0,
});

/** A whole run as an agent journals it. */
export const wholeRun = (start: Held): JournalEvent[] => [
  preparing(start),
  started(start),
  observed(start, 0),
  ended(start, 1),
];
