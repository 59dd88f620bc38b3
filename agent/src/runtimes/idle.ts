import { monotonicMs } from '../monotonic-ms.js';
import { idleFor, type Moment } from '../sensors/recorder.js';
import type { BlockListener } from './runtime.js';

/** Leaves a device alone with its model loaded, for its idle power; no moments where none is wanted. Throws the signal's reason. */
export async function idle(ms: number | undefined, listener: BlockListener, signal: AbortSignal): Promise<Moment[]> {
  if (!ms) return [];
  listener.onIdle?.(true);
  const start: Moment = { mark: 'idle-start', atMs: monotonicMs() };
  await idleFor(ms, signal);
  const end: Moment = { mark: 'idle-end', atMs: monotonicMs() };
  listener.onIdle?.(false);
  return [start, end];
}
