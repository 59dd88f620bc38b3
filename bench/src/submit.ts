import { spawnSync } from 'node:child_process';
import type { Job } from '@hilltop/contracts';
import { startLab } from '../../test/support/lab.js';
import { readTruth } from '../../test/support/truth.js';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import { quantile } from './statistics.js';

const jobsWanted = 40;
const jobsQuick = 5;
const limitMs = 200;
/** A bare Node that takes longer to start says that the machine is too busy to tell. */
const floorLimitMs = 100;

interface Submitted {
  readonly job: Job;
  /** CLOCK_MONOTONIC, ns: the request goes out, its answer is here. */
  readonly sentNs: bigint;
  readonly answeredNs: bigint;
}

const ms = (from: bigint, to: bigint): number => Number(to - from) / 1e6;

/** Floor of any child here: Node started with nothing to do, ms. */
function bareBootMs(): number {
  const start = performance.now();
  spawnSync(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  return performance.now() - start;
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const lab = await startLab({ env: { HILLTOP_LOG: 'warn' } });
  try {
    await lab.agent('bench-submit', { env: { HILLTOP_LOG: 'warn' } });
    const model = await lab.pushSample();
    const request = {
      model: model.id,
      recipes: ['fp32'],
      selector: { devices: ['bench-submit'] },
      protocol: 'quick' as const,
    };
    // Fills the caches: the variant in the lab, its artifact and the evaluation set on the agent.
    await lab.ended((await lab.submit(request)).id);
    const submitted: Submitted[] = [];
    const boots: number[] = [];
    const jobs = options.quick ? jobsQuick : jobsWanted;
    while (submitted.length < jobs) {
      const sentNs = process.hrtime.bigint();
      const job = await lab.submit(request);
      submitted.push({ job, sentNs, answeredNs: process.hrtime.bigint() });
      const ended = await lab.ended(job.id);
      if (ended.state !== 'succeeded') throw new Error(`job ${job.id} ${ended.state}: ${ended.error?.message}`);
      boots.push(bareBootMs());
    }
    const truth = readTruth(lab.truthFile).filter((line) => line.what === 'start');
    const rows = await Promise.all(
      submitted.map(async ({ job, sentNs, answeredNs }) => {
        const [run] = await lab.runs(job.id);
        const first = truth.find((line) => line.runId === run!.id);
        if (!run || !first) throw new Error(`job ${job.id}: no child of its run was ever alive`);
        const at = (instant: string | undefined): number => Date.parse(instant ?? '') - Date.parse(job.createdAt);
        return {
          started: ms(sentNs, first.ns),
          answered: ms(sentNs, answeredNs),
          claimed: at(run.claimedAt),
          journalled: at(run.startedAt),
        };
      }),
    );
    const of = (key: keyof (typeof rows)[number], p: number): number =>
      quantile(
        rows.map((row) => row[key]),
        p,
      );
    const figures: Figure[] = [
      {
        what: 'submit -> child alive, p95',
        value: of('started', 0.95),
        unit: 'ms',
        n: rows.length,
        bound: { op: '<=', value: limitMs },
      },
      { what: 'submit -> child alive, p50', value: of('started', 0.5), unit: 'ms' },
      { what: 'of it: answer to the request, p50', value: of('answered', 0.5), unit: 'ms' },
      { what: 'created -> claimed, p50', value: of('claimed', 0.5), unit: 'ms' },
      { what: 'created -> run.started at the coordinator, p50', value: of('journalled', 0.5), unit: 'ms' },
      { what: 'created -> run.started at the coordinator, p95', value: of('journalled', 0.95), unit: 'ms' },
      { what: 'floor: a bare `node -e 0`, p50', value: quantile(boots, 0.5), unit: 'ms', n: boots.length },
      { what: 'floor: a bare `node -e 0`, p95', value: quantile(boots, 0.95), unit: 'ms' },
    ];
    const outcome = outcomeOf(figures);
    const isBusy = quantile(boots, 0.95) > floorLimitMs;
    return {
      outcome: outcome === 'missed' && isBusy ? 'inconclusive' : outcome,
      figures,
      raw: rows,
      notes: [
        "from just before POST /jobs to the first line the measuring child writes outside the system (Node is up, ONNX Runtime comes next); run.started is synced to the agent's journal before the child is started; CLOCK_MONOTONIC of one machine",
        'real agent, artifact and evaluation set cached, one job after the other',
      ],
    };
  } finally {
    await lab.stop();
  }
}

export const submit: Bench = { name: 'submit', title: 'Submit to the child alive, artifact cached', run };
