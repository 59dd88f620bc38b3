/** A process full of simulated agents; started by `fleet` and told what to do over the process channel. */
import { SimAgent } from './sim-agent.js';
import { quantile } from './statistics.js';

export interface FleetTask {
  readonly url: string;
  readonly token: string;
  readonly first: number;
  readonly count: number;
  readonly seconds: number;
}

export interface FleetReport {
  readonly sent: number;
  readonly heartbeats: number;
  readonly records: number;
  readonly acknowledged: number;
  readonly resends: number;
  /** Agents whose connection was gone at the end. */
  readonly lost: number;
  /** Highest median of an agent's acknowledgement times. */
  readonly slowestAckMs: number;
}

interface Served {
  readonly agent: SimAgent;
  readonly acks: number[];
  sent: number;
  lost: boolean;
}

const periodMs = 1000;
const farewellMs = 15_000;

async function enrol(task: FleetTask, index: number): Promise<Served> {
  const agent = await SimAgent.join({ url: task.url, token: task.token, name: `sim-${index}` });
  await agent.connect();
  return { agent, acks: [], sent: 0, lost: false };
}

/** One message: a heartbeat, or a small record that must be acknowledged. */
function say(served: Served): void {
  const { agent } = served;
  if (served.sent++ % 2 === 0) {
    agent.heartbeat();
    return;
  }
  const sentAt = performance.now();
  agent.append({ type: 'agent.degraded', reason: `record ${served.sent} of the bench` });
  agent.below(0).then(
    () => served.acks.push(performance.now() - sentAt),
    () => {
      served.lost = true;
    },
  );
}

async function serve(task: FleetTask, fleet: readonly Served[]): Promise<FleetReport> {
  const endAt = performance.now() + task.seconds * 1000;
  await Promise.all(
    fleet.map(
      (served, i) =>
        new Promise<void>((resolve) => {
          // Spread over the period, as independent agents are.
          setTimeout(
            () => {
              say(served);
              const timer = setInterval(() => {
                if (performance.now() < endAt) {
                  say(served);
                  return;
                }
                clearInterval(timer);
                resolve();
              }, periodMs);
            },
            (i / fleet.length) * periodMs,
          );
        }),
    ),
  );
  await Promise.race([
    Promise.allSettled(fleet.map(({ agent }) => agent.below(0))),
    new Promise((resolve) => setTimeout(resolve, farewellMs)),
  ]);
  const sum = (of: (served: Served) => number): number => fleet.reduce((total, served) => total + of(served), 0);
  return {
    sent: sum((s) => s.sent),
    heartbeats: sum((s) => Math.ceil(s.sent / 2)),
    records: sum((s) => s.agent.acknowledged + s.agent.unacknowledged),
    acknowledged: sum((s) => s.agent.acknowledged),
    resends: sum((s) => s.agent.resends),
    lost: sum((s) => (s.lost ? 1 : 0)),
    slowestAckMs: Math.max(...fleet.map((s) => (s.acks.length > 0 ? quantile(s.acks, 0.5) : Number.POSITIVE_INFINITY))),
  };
}

const told = <T>(): Promise<T> => new Promise((resolve) => process.once('message', (value) => resolve(value as T)));
const tell = (value: unknown): Promise<void> => new Promise((resolve) => process.send!(value, () => resolve()));

const task = await told<FleetTask>();
const fleet: Served[] = [];
for (let i = 0; i < task.count; i++) fleet.push(await enrol(task, task.first + i));
const go = told<string>();
await tell('ready');
await go;
await tell(await serve(task, fleet));
process.exit(0);
