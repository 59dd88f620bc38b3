import type { TaskCall, TaskResult } from './links/worker-pool.js' with { 'resolution-mode': 'import' };

/**
 * Where a worker thread starts. CommonJS on purpose: the pool `require`s its entry, and a thread that is ended while
 * Node 20 is still requiring an ES module takes the whole process down (v8 IsGraphAsync). An `import` may be cut short.
 */
async function run(call: TaskCall): Promise<TaskResult> {
  return (await worker).default(call);
}

/** Begun at once, so that the first task does not pay for it. */
const worker = import('./worker.js');

export = run;
