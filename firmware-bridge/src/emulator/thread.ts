// Entry of the emulator's thread.
import { parentPort, workerData } from 'node:worker_threads';
import type { FromThread, ThreadData, ToThread } from './thread-messages.js';
import { ThreadWork } from './thread-work.js';

const port = parentPort!;
const work = new ThreadWork(workerData as ThreadData, (message: FromThread) => port.postMessage(message));
port.on('message', (message: ToThread) => work.take(message));
