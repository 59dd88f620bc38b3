import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { root, startLab } from '../../test/support/lab.js';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import { cpuTimeMs } from './cpu-time.js';
import type { FleetReport, FleetTask } from './fleet-agents.js';
import { sample, scrape } from './scrape.js';

const agents = 200;
const processes = 4;
const secondsWanted = 60;
const secondsQuick = 8;
const delayLimitMs = 100;
/** An idle process that is later than this says that the machine is too busy to tell. */
const controlLimitMs = 40;

/** One process with its share of the agents: says when all are connected, waits for the signal to go, reports. */
async function share(task: FleetTask): Promise<{ go: () => void; report: Promise<FleetReport> }> {
  const child = fork(join(root, 'bench/dist/bench/src/fleet-agents.js'), { execArgv: [] });
  child.send(task);
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`a process of simulated agents ended with ${String(code)}`);
  });
  failed.catch(() => undefined);
  await Promise.race([once(child, 'message'), failed]);
  const report = Promise.race([once(child, 'message').then(([value]) => value as FleetReport), failed]);
  report.catch(() => undefined);
  return { go: () => child.send('go'), report };
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const lab = await startLab({ env: { HILLTOP_LOG: 'warn' } });
  try {
    const seconds = options.quick ? secondsQuick : secondsWanted;
    const token = await lab.joinToken(agents);
    const each = agents / processes;
    const shares = [];
    // One process after the other: enrolling is not what is measured.
    for (let p = 0; p < processes; p++)
      shares.push(await share({ url: lab.url, token, first: p * each, count: each, seconds }));
    // This scrape also begins the histogram of the event loop anew.
    const before = await scrape(lab);
    const connected = sample(before, 'hilltop_mqtt_clients');
    options.log(`${connected} agents connected`);
    const cpuBefore = cpuTimeMs(lab.server.pid);
    // The control: this process does nothing meanwhile; what its loop is late by is the machine's doing.
    const control = monitorEventLoopDelay({ resolution: 20 });
    control.enable();
    const startedAt = performance.now();
    for (const one of shares) one.go();
    const reports = await Promise.all(shares.map((one) => one.report));
    const elapsed = (performance.now() - startedAt) / 1000;
    control.disable();
    const idleP99 = control.percentile(99) / 1e6;
    const after = await scrape(lab);
    const sum = (key: keyof FleetReport): number => reports.reduce((total, r) => total + r[key], 0);
    const p99 = sample(after, 'hilltop_eventloop_delay_seconds{quantile="0.99"}') * 1000;
    const p50 = sample(after, 'hilltop_eventloop_delay_seconds{quantile="0.50"}') * 1000;
    const heard = (text: string): number =>
      sample(text, 'hilltop_mqtt_messages_total{direction="up",channel="up/heartbeat"}') || 0;
    const figures: Figure[] = [
      { what: 'agents connected', value: connected, unit: '', bound: { op: '>=', value: agents } },
      { what: 'messages sent', value: sum('sent'), unit: '', n: agents },
      { what: 'message rate', value: sum('sent') / elapsed, unit: '/s' },
      {
        what: 'journal records not acknowledged',
        value: sum('records') - sum('acknowledged'),
        unit: '',
        n: sum('records'),
        bound: { op: '<=', value: 0 },
      },
      {
        what: 'heartbeats that did not arrive',
        value: sum('heartbeats') - (heard(after) - heard(before)),
        unit: '',
        n: sum('heartbeats'),
        bound: { op: '<=', value: 0 },
      },
      { what: 'connections lost', value: sum('lost'), unit: '', bound: { op: '<=', value: 0 } },
      { what: 'records sent again', value: sum('resends'), unit: '' },
      {
        what: 'acknowledgement, slowest agent median',
        value: Math.max(...reports.map((r) => r.slowestAckMs)),
        unit: 'ms',
      },
      { what: 'event-loop delay p99', value: p99, unit: 'ms', bound: { op: '<=', value: delayLimitMs } },
      { what: 'event-loop delay p50', value: p50, unit: 'ms' },
      { what: 'control: the same of an idle process, p99', value: idleP99, unit: 'ms' },
      { what: 'CPU of the coordinator', value: (cpuTimeMs(lab.server.pid) - cpuBefore) / 10 / elapsed, unit: '%' },
    ];
    return {
      outcome: p99 > delayLimitMs && idleP99 > controlLimitMs ? 'inconclusive' : outcomeOf(figures),
      figures,
      raw: { reports, elapsed },
      notes: [
        `${agents} agents in ${processes} processes on the coordinator's own machine, each 1 message/s for ${seconds} s, heartbeats and journal records by turns`,
        "delay: the coordinator's own histogram (perf_hooks monitorEventLoopDelay, 20 ms resolution), from /metrics over exactly this time; a value is the whole time between two ticks of its timer, so an idle loop reads about 20 ms",
      ],
    };
  } finally {
    await lab.stop();
  }
}

export const fleet: Bench = { name: 'fleet', title: `${agents} simulated agents at 1 message/s`, run };
