import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { decodeColumn, marks, mulberry32, type Observations, type Protocol, protocolOf } from '@hilltop/contracts';
import { example, root } from '../../test/support/lab.js';
import type { Bench, BenchOptions, BenchResult } from './bench.js';
import { type Judged, judge, type Load, planOf } from './disturbed-judge.js';
import { HelperProcess } from './helper-process.js';
import { PinnedLab } from './pinned-lab.js';
import { hasMoved, type Moved, type Window } from './witness-rule.js';

const runsOfEach = 40;
const runsQuick = 4;
const seed = 516;
const protocol: Protocol = { ...protocolOf('quick'), blocks: 3, blockMinMs: 1000 };

/** A spinning process on a core; resolves to its end once it spins. */
async function spin(core: number, { duty, periodMs }: Load): Promise<() => Promise<void>> {
  const script = join(root, 'bench/dist/bench/src/spinner.js');
  // A session of its own, as the lab's child has one: the kernel shares CPU time out among sessions.
  const child = spawn('taskset', ['-c', `${core}`, process.execPath, script, `${duty}`, `${periodMs}`], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: true,
  });
  const gone = once(child, 'exit');
  await Promise.race([
    once(child, 'message'),
    gone.then(([code]) => {
      throw new Error(`the load ended with ${String(code)}`);
    }),
  ]);
  return async () => {
    child.disconnect();
    await gone;
  };
}

/** When each measuring loop began and ended. */
function loopsOf(batches: readonly Observations[]): Window[] {
  return batches
    .filter(({ kind }) => kind === 'mark')
    .map((batch) => {
      const [mark, at] = [decodeColumn(batch, 'mark'), decodeColumn(batch, 'at_ms')];
      return { fromMs: at[mark.indexOf(marks['loop-start'])]!, toMs: at[mark.indexOf(marks['loop-end'])]! };
    });
}

async function run({ quick, model, log }: BenchOptions): Promise<BenchResult> {
  const each = quick ? runsQuick : runsOfEach;
  const lab = new PinnedLab(example(model));
  const witness = new HelperProcess('witness');
  const judged: Judged[] = [];
  try {
    // The first reads everything from disk.
    await lab.run(protocol);
    for (const load of planOf(each, mulberry32(seed))) {
      const stop = load && (await spin(lab.core, load));
      const { batches, summary } = await lab.run(protocol).finally(() => stop?.());
      const { verdict, reasons } = summary.verdict;
      const seen = await witness.ask<Moved[]>(loopsOf(batches));
      judged.push({ ...(load && { load }), verdict, reasons, witness: seen });
      const what = load ? `load ${Math.round(100 * load.duty)} %` : 'quiet';
      log(`${judged.length}: ${what}: ${verdict}${seen.some(hasMoved) ? ', witness moved' : ''} ${reasons.join('; ')}`);
    }
  } finally {
    witness.stop();
    lab.close();
  }
  return judge(judged, [
    `model ${model}, 1 thread, 3 processes of 1 s each, child on core ${lab.core}, everything else on ${lab.others.join(',')}; order, duty (20 to 100 %) and period (10 to 100 ms) of the load by seed ${seed}`,
  ]);
}

export const disturbed: Bench = {
  name: 'disturbed',
  title: 'Disturbed runs of this machine, told from quiet ones',
  run,
};
