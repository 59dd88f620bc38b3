import type { ChannelPayload, Pulse, Run } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { CoolDowns } from '../devices/cool-downs.js';
import { AgentLink } from '../links/agent-link.js';
import { LiveService } from '../live/live.service.js';
import type { HeldRun } from './ledger-entry.js';
import { RunLedger } from './run-ledger.js';
import { isHere } from './this-machine.js';

/** How often a run's progress bar moves; the traces have their own, faster way. */
const touchMs = 500;

interface Seen {
  readonly held: HeldRun;
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
    return seen?.held.deviceId === deviceId ? seen.held.jobId : undefined;
  }

  /** The run that a device carries out, and what it is at. */
  onDevice(deviceId: string): { readonly runId: string; readonly phase: string } | undefined {
    for (const { held, progress } of this.#runs.values())
      if (held.deviceId === deviceId) return { runId: held.runId, phase: progress.phase };
    return undefined;
  }

  /** A run that an agent holds. */
  begin(held: HeldRun): void {
    this.end(held.runId);
    const address = this.link.address(held.agentId);
    if (address !== undefined) this.live.measuring(address, 1);
    const progress = { phase: 'fetching', fraction: 0 } as const;
    this.#runs.set(held.runId, { held, address, progress, touchedAt: 0 });
    this.live.beat(held.deviceId, runPulse(held, progress));
  }

  end(runId: string): void {
    const seen = this.#runs.get(runId);
    if (!seen) return;
    if (seen.address !== undefined) this.live.measuring(seen.address, -1);
    this.coolDowns.set(seen.held.deviceId, false);
    this.#runs.delete(runId);
    this.live.beat(seen.held.deviceId, { run: undefined, latencyMs: undefined, powerW: undefined });
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
    const { deviceId, jobId } = seen.held;
    this.coolDowns.set(deviceId, phase === 'cooling');
    this.live.live.emit({ ...message, deviceId, jobId });
    // Between its blocks a run has no latency, and what was is not what is.
    const latencyMs = message.buckets?.at(-1)?.[2];
    const powerW = message.power?.at(-1)?.[2];
    this.live.beat(deviceId, {
      ...runPulse(seen.held, seen.progress),
      latencyMs: phase === 'measuring' ? (latencyMs ?? this.live.pulses.newest(deviceId)?.latencyMs) : undefined,
      ...(powerW !== undefined && { powerW }),
    });
    const now = performance.now();
    if (now - seen.touchedAt < touchMs) return;
    seen.touchedAt = now;
    this.live.touch('run', message.runId);
  }
}

const runPulse = (
  { runId, jobId, modelId, recipe }: HeldRun,
  progress: NonNullable<Run['progress']>,
): Pick<Pulse, 'run'> => ({ run: { id: runId, jobId, modelId, recipe, ...progress } });
