import type { JournalEntry } from '@hilltop/contracts';

export interface OpenRun {
  readonly runId: string;
  readonly fence: number;
  /** Batches of observations journalled so far. */
  readonly batches: number;
}

/** Runs that began and did not end in a sequence of events: what a killed agent was doing. */
export async function openRuns(events: AsyncIterable<{ event: JournalEntry }>): Promise<readonly OpenRun[]> {
  const open = new Map<string, OpenRun>();
  for await (const { event } of events) {
    if (event.type === 'run.preparing') {
      open.set(event.runId, { runId: event.runId, fence: event.fence, batches: 0 });
    } else if (event.type === 'run.observed') {
      const run = open.get(event.observations.runId);
      if (run) open.set(run.runId, { ...run, batches: run.batches + 1 });
    } else if (event.type === 'run.ended') {
      open.delete(event.runId);
    }
  }
  return [...open.values()];
}
