import { errorText, isLabError, LabError } from '@hilltop/contracts';
import { boardFailure } from '@hilltop/firmware-bridge';
import { unlessAborted } from '../boards/board-seat.js';
import type { BoardSource } from '../boards/board-source.js';
import { runFailure } from './outcome.js';

/**
 * The run's error for what went wrong on a board. One that hangs, restarted or contradicts itself is brought back first, so that the
 * next run finds it well or not at all; after an abort nobody waits for that.
 */
export async function boardRunFailure(error: unknown, source: BoardSource, signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) {
    source.leftBusy();
    return signal.reason;
  }
  const failure = boardFailure(error);
  if (!failure) {
    // Slow or useless, but not sick: it may still be in the middle of an inference.
    source.leftBusy();
    return error;
  }
  const { code, message, details } = error as LabError;
  if (failure.kind === 'unplugged') return runFailure(code, 'device', `the board went away in mid-run: ${message}`);
  if (failure.kind === 'refused') {
    const { need, have } = details;
    if (typeof need === 'number' && typeof have === 'number')
      return runFailure('plan.too-large', 'user', `the plan needs ${need} bytes, the board has ${have}: ${message}`);
    return runFailure(code, failure.cause, message);
  }
  try {
    return runFailure(code, 'device', `${message}; ${await unlessAborted(source.recover(), signal)}`);
  } catch (reason) {
    // Cancelled meanwhile: the board is looked after all the same.
    return reason;
  }
}

/**
 * Work that must be done within `ms`, or the board counts as hung. Throws `device.no-answer`, or the signal's reason.
 */
export async function within<T>(
  ms: number,
  what: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = AbortSignal.timeout(Math.ceil(ms));
  try {
    return await work(AbortSignal.any([signal, late]));
  } catch (error) {
    if (signal.aborted || !late.aborted || (isLabError(error) && error.code !== 'device.no-answer')) throw error;
    throw new LabError(
      'device.no-answer',
      `the board did not finish ${what} within ${(ms / 1000).toFixed(0)} s (${errorText(error)})`,
      { cause: 'device' },
    );
  }
}

/** No kernel of ours takes that many cycles for a multiply-accumulate (11 is usual on a Cortex-M0+). */
const mostCyclesPerMac = 100;
const leastMs = 10_000;
/** An emulator's second takes this many of ours on a busy machine. */
const emulatorSlowdown = 30;

/** How long the first inference of a plan may take before the board counts as hung, ms. */
export function firstInferenceMs(macs: number, hz: number, emulated: boolean): number {
  return leastMs + ((macs * mostCyclesPerMac * 1000) / hz) * (emulated ? emulatorSlowdown : 1);
}
