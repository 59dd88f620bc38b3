import { type MessagePort, parentPort, workerData } from 'node:worker_threads';

/**
 * Where the thread starts. CommonJS on purpose: a thread that is ended while Node 20 is still requiring an ES module takes the
 * whole process down (v8 IsGraphAsync). An `import` may be cut short.
 */
void import('./thread-work.js').then(({ runInThread }) => runInThread(parentPort as MessagePort, workerData));
