import { type ChannelPayload, type Run } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { CoolDowns } from '../devices/cool-downs.js';
import { AgentLink } from '../links/agent-link.js';
import { LiveService } from '../live/live.service.js';
import { RunLedger } from './run-ledger.js';
import { isHere } from './this-machine.js';

/** How often a run's progress bar moves; the traces have their own, faster way. */
const touchMs = 500;

interface Seen {
  readonly jobId: string;
  readonly deviceId: string;
  /** Where it is measured, if that is known. */
  readonly address: string | undefined;
  progress: NonNullable<Run['progress']>;
  touchedAt: number;
}

/** What agents say about runs in flight. For screens only: lossy and never stored. */
@Injectable()
export class RunProgress {
  readonly #runs = new Map<string, Seen>();

  constructor(
    private readonly live: LiveService,
    private readonly link: AgentLink,
    private readonly coolDowns: CoolDowns,
    ledger: RunLedger,
  ) {
    ledger.committed.listen((news) => {
      for (const runId of news.released) this.end(runId);
      for (const held of news.held) this.begin(held);
    });
  }

  of(runId: string): Run['progress'] {
    return this.#runs.get(runId)?.progress;
  }

  /** Job of a run that is held on the device; undefined for any other. */
  jobOf(runId: string, deviceId: string): string | undefined {
    const seen = this.#runs.get(runId);
    return seen?.deviceId === deviceId ? seen.jobId : undefined;
  }

  /** A run that an agent holds. */
  begin(run: { runId: string; jobId: string; deviceId: string; agentId: string }): void {
    this.end(run.runId);
    const address = this.link.address(run.agentId);
    if (address !== undefined) this.live.measuring(address, 1);
    const { runId, jobId, deviceId } = run;
    this.#runs.set(runId, { jobId, deviceId, address, progress: { phase: 'fetching', fraction: 0 }, touchedAt: 0 });
  }

  end(runId: string): void {
    const seen = this.#runs.get(runId);
    if (!seen) return;
    if (seen.address !== undefined) this.live.measuring(seen.address, -1);
    this.coolDowns.set(seen.deviceId, false);
    this.#runs.delete(runId);
  }

  /** Whether a run is measured on this very machine. */
  get here(): boolean {
    return [...this.#runs.values()].some(({ address }) => address !== undefined && isHere(address));
  }

  /** Whether one of them is past fetching what it needs. */
  get measuring(): boolean {
    return [...this.#runs.values()].some(
      ({ address, progress }) => address !== undefined && isHere(address) && progress.phase !== 'fetching',
    );
  }

  /** Passes on what belongs to a run that is held; anything else is late or foreign. */
  hear(message: ChannelPayload<'up/live'>): void {
    const seen = this.#runs.get(message.runId);
    if (!seen) return;
    const { phase, fraction, block, blocks } = message;
    seen.progress = { phase, fraction, ...(block !== undefined && { block }), ...(blocks !== undefined && { blocks }) };
    this.coolDowns.set(seen.deviceId, phase === 'cooling');
    this.live.live.emit({ ...message, deviceId: seen.deviceId, jobId: seen.jobId });
    const now = performance.now();
    if (now - seen.touchedAt < touchMs) return;
    seen.touchedAt = now;
    this.live.touch('run', message.runId);
  }
}
