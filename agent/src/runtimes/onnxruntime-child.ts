/**
 * The measuring child: a fresh process for each block, so that processes, which differ more than iterations do,
 * are sampled too. Loads nothing of ours but a few small files: its baseline is the runtime's, not the lab's.
 * The runtime comes in after the first line of the ground truth: from there on the run is being executed.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { asFailure, Failure } from './child-failure.js';
import { send } from './child-output.js';
import type { ChildTask } from './child-wire.js';
import { tryWrite } from './try-write.js';

/** Notes outside the system when a block begins and ends to execute. */
async function logged(task: ChildTask, work: () => Promise<void>): Promise<void> {
  const note = (edge: 'start' | 'end'): void => {
    if (task.groundTruth)
      appendFileSync(task.groundTruth.path, `${edge} ${task.groundTruth.what} ${process.hrtime.bigint()}\n`);
  };
  note('start');
  try {
    await work();
  } finally {
    note('end');
  }
}

async function main(): Promise<void> {
  const task = JSON.parse(readFileSync(0, 'utf8')) as ChildTask;
  // An agent that died before this line can no longer be asked; its successor must find the device idle.
  if (process.ppid !== task.parentPid) return;
  tryWrite('/proc/self/oom_score_adj', '1000');
  try {
    if (task.kind === 'block') await logged(task, async () => (await import('./child-work.js')).measureBlock(task));
    else if (task.kind === 'profile') await (await import('./child-profile.js')).profile(task);
    else if (task.kind === 'probe')
      send({
        type: 'probed',
        providers: await (await import('./child-model.js')).providersThatLoad(task.providers ?? []),
      });
    else await (await import('./child-work.js')).evaluate(task);
  } catch (error) {
    const failure = error instanceof Failure ? error : asFailure(error, 'run.crashed', 'the child failed');
    send({ type: 'failed', code: failure.code, message: failure.message.slice(0, 1900), cause: failure.blame });
  }
}

await main();
// ONNX Runtime's threads would keep nothing alive, but tearing its sessions down takes time nobody needs.
process.exit(0);
