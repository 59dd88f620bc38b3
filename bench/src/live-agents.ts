/** A process full of simulated agents that hold a run each and say five times a second how it goes. */
import { type Live, mulberry32, type RunStart } from '@hilltop/contracts';
import { serve } from './child-protocol.js';
import { SimAgent } from './sim-agent.js';

export interface LiveAgentsTask {
  readonly url: string;
  readonly token: string;
  readonly first: number;
  readonly count: number;
  readonly rateHz: number;
}

interface Held {
  readonly agent: SimAgent;
  start?: RunStart;
}

const renewMs = 5000;
const fleet: Held[] = [];
const timers: NodeJS.Timeout[] = [];
let rateHz = 5;

async function join({ url, token, first, count, rateHz: rate }: LiveAgentsTask): Promise<string[]> {
  rateHz = rate;
  for (let i = first; i < first + count; i++) {
    const held: Held = {
      agent: await SimAgent.join({
        url,
        token,
        name: `bench-${String(i).padStart(3, '0')}`,
        onStart: (start) => {
          held.start = start;
          began.delete(held);
          if (began.size === 0) allBegan();
        },
      }),
    };
    began.add(held);
    await held.agent.connect();
    fleet.push(held);
  }
  timers.push(setInterval(() => fleet.forEach(({ agent }) => void agent.heartbeat()), renewMs));
  return fleet.map(({ agent }) => agent.deviceId!);
}

const began = new Set<Held>();
let allBegan: () => void = () => undefined;
const begun = new Promise<void>((resolve) => {
  allBegan = resolve;
});

/** Once each has its run: says that it measures. */
async function hold(): Promise<string[]> {
  await begun;
  for (const { agent, start } of fleet) {
    const { runId, fence } = start!;
    agent.append({ type: 'run.preparing', runId, fence });
    agent.append({
      type: 'run.started',
      runId,
      fence,
      environment: {
        agentVersion: 'simulated',
        node: process.versions.node,
        runtime: { name: 'onnxruntime', version: 'simulated', provider: 'cpu' },
        caps: 'none',
      },
    });
    await agent.below(0);
  }
  return fleet.map(({ start }) => start!.runId);
}

async function speak(): Promise<void> {
  fleet.forEach(({ agent, start }, i) => {
    const random = mulberry32(i + 1);
    let step = 0;
    const say = (): void => {
      const ms = 1.5 + 0.3 * random();
      const live: Live = {
        runId: start!.runId,
        sentAtMs: Date.now(),
        phase: 'measuring',
        block: 0,
        blocks: 3,
        fraction: (step++ % 1000) / 1000,
        buckets: [[(step * 1000) / rateHz, ms * 0.9, ms, ms * 1.4, 60]],
      };
      agent.publish('up/live', live);
    };
    // Spread over the period, as independent agents are.
    timers.push(setTimeout(() => timers.push(setInterval(say, 1000 / rateHz)), (i / fleet.length) * (1000 / rateHz)));
  });
}

/** Silent again; what is held stays held. */
async function hush(): Promise<void> {
  for (const timer of timers.splice(1)) clearInterval(timer);
}

serve({ join, hold, speak, hush } as never);
