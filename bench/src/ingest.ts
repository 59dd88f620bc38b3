import { cpuUsage } from 'node:process';
import { encodeColumns, mulberry32, type RunStart } from '@hilltop/contracts';
import { startLab } from '../../test/support/lab.js';
import { plain } from '../../test/support/onnx.js';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import { cpuTimeMs } from './cpu-time.js';
import { sample, scrape } from './scrape.js';
import { SimAgent } from './sim-agent.js';
import { quantile } from './statistics.js';

/** Rows of a batch: what the real agent sends at most. */
const rows = 4096;
const rateWanted = 100_000;
const secondsWanted = 20;
const secondsQuick = 3;
/** Journalled ahead of the window, so that the next batch is there when an acknowledgement comes. */
const ahead = 16;
/** The protocol allows a run so many blocks; each gets as many batches as it takes. */
const blocks = 3;

/** Different noise in each batch, so that nothing along the way profits from repetition. */
function latencies(random: () => number): Float64Array {
  return Float64Array.from({ length: rows }, () => 1.5 + 0.2 * random());
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const lab = await startLab({
    env: { HILLTOP_LOG: 'warn', HILLTOP_LIMIT_AGENT_BYTES: '1000000000', HILLTOP_LIMIT_AGENT_MESSAGES: '1000000' },
  });
  let begin: (start: RunStart) => void = () => undefined;
  const started = new Promise<RunStart>((resolve) => {
    begin = resolve;
  });
  const agent = await SimAgent.join({
    url: lab.url,
    token: await lab.joinToken(),
    name: 'bench-ingest',
    onStart: (start) => begin(start),
  });
  const renewal = setInterval(() => agent.heartbeat(), 5000);
  try {
    await agent.connect();
    const pushed = await lab.push('ingest', { model: plain() });
    await lab.submit({
      model: pushed.id,
      recipes: ['fp32'],
      selector: { devices: ['bench-ingest'] },
      protocol: 'quick',
    });
    const { runId, fence } = await started;
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
    const random = mulberry32(7);
    // Each batch is new: one that repeats would be stored once.
    const batch = () => encodeColumns('latency', { latency_ms: latencies(random) });
    const seconds = options.quick ? secondsQuick : secondsWanted;
    const perSecond: number[] = [];
    let sent = 0;
    const cpu = cpuUsage();
    const labCpu = cpuTimeMs(lab.server.pid);
    const start = performance.now();
    let mark = { at: start, acknowledged: agent.acknowledged };
    while (performance.now() - start < seconds * 1000) {
      agent.append(
        {
          type: 'run.observed',
          observations: {
            runId,
            fence,
            seq: sent,
            kind: 'latency',
            block: sent % blocks,
            ...batch(),
          },
        },
        rows * 8 + 256,
      );
      sent += 1;
      await agent.below(ahead);
      const now = performance.now();
      if (now - mark.at >= 1000) {
        perSecond.push(((agent.acknowledged - mark.acknowledged) * rows) / ((now - mark.at) / 1000));
        mark = { at: now, acknowledged: agent.acknowledged };
      }
    }
    await agent.below(0);
    const elapsed = (performance.now() - start) / 1000;
    const own = cpuUsage(cpu);
    const labCpuShare = (cpuTimeMs(lab.server.pid) - labCpu) / 10 / elapsed;
    const kept = sample(await scrape(lab), 'hilltop_observations_total');
    agent.append({ type: 'run.ended', runId, fence, outcome: 'succeeded', batches: sent, transferBytes: 0 });
    await agent.below(0);
    agent.release(runId);
    const figures: Figure[] = [
      {
        what: 'observations acknowledged after commit',
        value: (sent * rows) / elapsed,
        unit: '/s',
        n: sent * rows,
        bound: { op: '>=', value: rateWanted },
      },
      {
        what: 'observations sent and not counted by the coordinator',
        value: sent * rows - kept,
        unit: '',
        bound: { op: '<=', value: 0 },
      },
      { what: 'slowest second', value: Math.min(...perSecond), unit: '/s' },
      { what: 'median second', value: quantile(perSecond, 0.5), unit: '/s', n: perSecond.length },
      { what: 'records sent again', value: agent.resends, unit: '' },
      { what: 'CPU of the coordinator', value: labCpuShare, unit: '%' },
      { what: "simulated agent's own CPU", value: (own.user + own.system) / 1e4 / elapsed, unit: '%' },
    ];
    return {
      outcome: outcomeOf(figures),
      figures,
      raw: { perSecond, sent, elapsed },
      notes: [
        `one agent, batches of ${rows} latencies, as many in flight as the journal's window allows; from the first batch handed to the link to the last acknowledgement after commit`,
        'agent and coordinator are two processes on this machine and share its cores',
      ],
    };
  } finally {
    clearInterval(renewal);
    await agent.close();
    await lab.stop();
  }
}

export const ingest: Bench = { name: 'ingest', title: 'Observations from decode to acknowledgement after commit', run };
