import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure } from '@hilltop/agent';
import { type Observations, type Protocol, protocols, type RunSettings } from '@hilltop/contracts';
import { summarize } from '@hilltop/server/dist/summaries/summarize.js';
import type { RecordedProtocol, RecordedResult } from './recording.js';
import { intervalOf } from './search-variants.js';
import { sessionDriver } from './session-driver.js';
import { subjectOf } from './subject.js';

/** `quick` and `standard` with everything shorter: a standard run still costs about four quick ones. */
export const hostProtocols = {
  quick: { blocks: 1, blockMinMs: 100 },
  standard: { blocks: 3, blockMinMs: 140 },
} as const satisfies Record<string, RecordedProtocol>;

const resolved = (name: keyof typeof hostProtocols): Protocol => ({
  ...protocols[name],
  ...hostProtocols[name],
  blockMinInferences: 20,
  warmUpMinMs: 15,
  warmUpMaxMs: 100,
});

/** This machine by the agent's measuring and the coordinator's summary; blocks are sessions, not processes. */
export class HostDevice {
  private readonly folder = mkdtempSync(join(tmpdir(), 'hilltop-search-'));

  async run(
    artifact: Uint8Array,
    settings: RunSettings,
    protocolName: keyof typeof hostProtocols,
  ): Promise<RecordedResult> {
    const path = join(this.folder, `${createHash('sha256').update(artifact).digest('hex').slice(0, 16)}.onnx`);
    writeFileSync(path, artifact);
    const protocol = resolved(protocolName);
    const batches: Observations[] = [];
    const began = performance.now();
    await measure(
      {
        runId: 'run_search000',
        fence: 1,
        protocol,
        subject: { ...subjectOf(path), settings, timeoutMs: protocol.blockTimeoutMs },
      },
      sessionDriver,
      { onObservations: (batch) => batches.push(batch), onProgress: () => undefined },
      new AbortController().signal,
    );
    const seconds = (performance.now() - began) / 1000;
    rmSync(path);
    const { metrics } = summarize({ batches, protocol, deviceType: 'search', artifactMetrics: {}, labelled: false });
    return { latencyMs: intervalOf(metrics.latency_p50_ms!), seconds: Number(seconds.toFixed(3)) };
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
