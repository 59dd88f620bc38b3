import { type JournalEvent, type Model, mulberry32, type Run, type RunStart } from '@hilltop/contracts';
import { SimAgent } from '../../bench/src/sim-agent.js';
import type { TestLab } from './lab.js';
import {
  type SeededEffort,
  type SeededFate,
  seededMeter,
  seededObservations,
  seededReport,
  seedOf,
} from './seeded-device.js';

/** One device of the story. */
export interface SeededDevice {
  readonly name: string;
  readonly type: string;
  /** Against the first device: 2 is half as fast. */
  readonly slowness: number;
  readonly power?: boolean;
  readonly board?: boolean;
  readonly emulated?: boolean;
  readonly labels?: Record<string, string>;
}

/** What a device is asked to do: which variant of which model, and how often it was asked before. */
export interface SeededTask {
  readonly device: SeededDevice;
  readonly start: RunStart;
  readonly model: string;
  readonly recipe: string;
  readonly time: number;
}

const renewMs = 5000;
const liveMs = 100;

/** Scripted agents, one to a device, that speak the real protocol and say what the story says. */
export class SeededFleet {
  /** SHA-256 of an artifact -> the model and recipe that it was made by. */
  readonly variants = new Map<string, { readonly model: string; readonly recipe: string }>();
  /** Runs that were begun and are held until somebody ends them. */
  readonly held = new Map<string, RunStart>();
  fate: (task: SeededTask) => SeededFate = () => 'clean';
  effort: (task: SeededTask) => SeededEffort = () => {
    throw new Error('the story has no numbers yet');
  };
  readonly agents = new Map<string, SimAgent>();
  private readonly times = new Map<string, number>();
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly lab: TestLab,
    private readonly seed: number,
    private readonly inferences: number,
  ) {}

  /** Joins a device and says hello. */
  async join(device: SeededDevice, token: string): Promise<SimAgent> {
    const agent = await SimAgent.join({
      url: this.lab.url,
      token,
      name: device.name,
      device: seededReport(device.name, device.type, device),
      onStart: (start) => void this.#carryOut(agent, device, start),
      onMessage: (channel, payload) => {
        if (channel === 'down/run.cancel') this.end(device.name, (payload as { runId: string }).runId, 'cancelled');
      },
    });
    await agent.connect();
    this.agents.set(device.name, agent);
    this.timers.push(setInterval(() => agent.heartbeat(), renewMs));
    return agent;
  }

  /** Lets a held run say ten times a second how it goes, until it is ended. */
  speak(name: string): void {
    const agent = this.agents.get(name)!;
    const random = mulberry32(seedOf(this.seed, name, 'live'));
    let step = 0;
    this.timers.push(
      setInterval(() => {
        for (const start of this.held.values()) {
          if (start.deviceId !== agent.deviceId) continue;
          const ms = 2 + 0.3 * random();
          const { blocks } = start.protocol;
          const fraction = (step % 600) / 600;
          const t = (step++ % 600) * liveMs;
          agent.publish('up/live', {
            runId: start.runId,
            sentAtMs: Date.now(),
            phase: 'measuring',
            block: Math.floor(fraction * blocks),
            blocks,
            fraction,
            buckets: [[t, ms * 0.92, ms, ms * 1.3, 40]],
            power: [[t, 4.2, 4.5 + 0.2 * random(), 5]],
          });
        }
      }, liveMs),
    );
  }

  /** Ends a held run: as cancelled, or with everything that it measured. */
  end(name: string, runId: string, outcome: 'succeeded' | 'cancelled'): void {
    const start = this.held.get(runId);
    const agent = this.agents.get(name)!;
    if (!start) return;
    this.held.delete(runId);
    agent.append({ type: 'run.ended', runId, fence: start.fence, outcome, batches: 0, transferBytes: 0 });
    agent.release(runId);
  }

  async leave(name: string): Promise<void> {
    await this.agents.get(name)?.close();
    this.agents.delete(name);
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all([...this.agents.values()].map((agent) => agent.close()));
  }

  /** Plans of boards and the canary are no artifacts that the story made: the lab says what they are. */
  async #variantOf({ artifact, runId }: RunStart): Promise<{ model: string; recipe: string }> {
    const known = this.variants.get(artifact.sha256);
    if (known) return known;
    const run = await this.lab.api<Run>('GET', `/runs/${runId}`);
    const model = await this.lab.api<Model>('GET', `/models/${run.modelId}`).catch(() => undefined);
    const variant = { model: model?.name ?? 'canary', recipe: run.recipe };
    this.variants.set(artifact.sha256, variant);
    return variant;
  }

  async #carryOut(agent: SimAgent, device: SeededDevice, start: RunStart): Promise<void> {
    const { runId, fence } = start;
    const { model, recipe } = await this.#variantOf(start);
    const words = [device.name, model, recipe, start.settings.threads, start.protocol.name].join('|');
    const time = this.times.get(words) ?? 0;
    this.times.set(words, time + 1);
    const task: SeededTask = { device, start, model, recipe, time };
    const fate = this.fate(task);
    const say = (event: JournalEvent, bytes?: number): void => void agent.append(event, bytes);
    say({ type: 'run.preparing', runId, fence });
    const failure =
      fate === 'failed'
        ? { code: 'runtime.failed', message: 'seeded: the runtime refused the model', cause: 'device' as const }
        : { code: 'run.interrupted', message: 'seeded: the board lost its power', cause: 'infrastructure' as const };
    if (fate === 'failed' || fate === 'infrastructure') {
      say({ type: 'run.ended', runId, fence, outcome: 'failed', error: failure, batches: 0, transferBytes: 0 });
      agent.release(runId);
      return;
    }
    say({
      type: 'run.started',
      runId,
      fence,
      environment: {
        agentVersion: 'seeded',
        node: process.versions.node,
        runtime: { name: device.board ? 'microcontroller' : 'onnxruntime', version: 'seeded', provider: 'cpu' },
        kernel: 'seeded',
        governor: 'performance',
        caps: 'none',
        ...(device.power && { sensors: [seededMeter] }),
      },
    });
    if (fate === 'held') {
      this.held.set(runId, start);
      return;
    }
    const batches = seededObservations(start, this.effort(task), fate, {
      seed: seedOf(this.seed, words, time),
      inferences: this.inferences,
      power: device.power ?? false,
      board: device.board ?? false,
    });
    for (const observations of batches)
      say(
        { type: 'run.observed', observations },
        Object.values(observations.columns).reduce((sum, column) => sum + column.byteLength, 300),
      );
    say({
      type: 'run.ended',
      runId,
      fence,
      outcome: 'succeeded',
      batches: batches.length,
      transferBytes: start.artifact.bytes,
      artifactSha256: start.artifact.sha256,
    });
    agent.release(runId);
  }
}
