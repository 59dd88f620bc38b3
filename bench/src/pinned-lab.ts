import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure, runtimes } from '@hilltop/agent';
import { Recorder, type RecorderPorts } from '@hilltop/agent/dist/sensors/recorder.js';
import type { Observations, Protocol } from '@hilltop/contracts';
import { type Summarized, summarize } from '@hilltop/server/dist/summaries/summarize.js';
import { allowedCores, pin, shareOut } from './cores.js';
import { subjectOf } from './subject.js';

export interface PinnedRun {
  readonly batches: readonly Observations[];
  readonly summary: Summarized;
}

/**
 * The agent's real path with its measuring child, of one thread, on a core of its own, and this process with all that it starts on the others. What a run
 * gives is judged by the coordinator's own summary.
 */
export class PinnedLab {
  readonly core: number;
  readonly others: readonly number[];
  private readonly workDir = mkdtempSync(join(tmpdir(), 'hilltop-bench-'));
  private readonly subject: ReturnType<typeof subjectOf>;
  private readonly driver = runtimes.onnxruntime({
    workDir: this.workDir,
    onChild: (pid) => {
      if (pid !== undefined) pin(pid, [this.core]);
    },
  });

  constructor(modelPath: string) {
    const { measured, others } = shareOut(allowedCores());
    this.core = measured;
    this.others = others;
    this.subject = subjectOf(modelPath);
    pin(process.pid, others);
  }

  /** One run; `ports`: what is read beside it. */
  async run(protocol: Protocol, ports: RecorderPorts = { meters: [] }): Promise<PinnedRun> {
    const batches: Observations[] = [];
    const recorder = new Recorder(ports);
    await measure(
      {
        runId: 'run_bench0000',
        fence: 1,
        // Nothing is asked of idle power here.
        protocol: { ...protocol, idleMs: 0 },
        subject: {
          ...this.subject,
          settings: { threads: 1, graphLevel: 'all' },
          timeoutMs: protocol.blockTimeoutMs,
        },
        recorder,
      },
      this.driver,
      { onObservations: (o) => batches.push(o), onProgress: () => undefined },
      new AbortController().signal,
    );
    const summary = summarize({
      batches,
      protocol,
      deviceType: 'bench',
      artifactMetrics: {},
      labelled: false,
      sensors: recorder.sensors,
    });
    return { batches, summary };
  }

  /** This process may run everywhere again. */
  close(): void {
    rmSync(this.workDir, { recursive: true, force: true });
    pin(process.pid, [...this.others, this.core]);
  }
}
