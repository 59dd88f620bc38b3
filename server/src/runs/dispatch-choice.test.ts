import { describe, expect, it } from '@jest/globals';
import { chooseRuns, type DispatchHead } from './dispatch-choice.js';

const head = (position: number, deviceId: string, jobId = 'a', parallel: number | null = null): DispatchHead => ({
  runId: `run-${position}`,
  jobId,
  deviceId,
  agentId: deviceId,
  emulated: false,
  position,
  parallel,
});
const chosen = (heads: readonly DispatchHead[], held = new Map<string, number>()) =>
  chooseRuns(heads, held).map((h) => h.position);

describe('chooseRuns', () => {
  it('[JOB-6] takes the oldest for each device', () => {
    expect(chosen([head(4, 'y'), head(2, 'x', 'b'), head(1, 'x'), head(3, 'y')])).toEqual([1, 3]);
  });

  it('[JOB-6] a job at its limit holds up nobody behind it', () => {
    expect(chosen([head(1, 'x', 'a', 1), head(2, 'y', 'a', 1), head(3, 'y', 'b')])).toEqual([1, 3]);
  });

  it('[MCU-46] an emulated device and the machine it is emulated on take turns; a real board runs beside it', () => {
    const on = (one: DispatchHead, emulated: boolean): DispatchHead => ({ ...one, agentId: 'box', emulated });
    const [host, pico, board] = [on(head(1, 'host'), false), on(head(2, 'pico'), true), on(head(3, 'board'), false)];
    expect(chosen([host, pico, board])).toEqual([1, 3]);
    const measuring = (emulated: boolean) =>
      chooseRuns([host, pico], new Map(), [{ agentId: 'box', emulated }]).map(({ position }) => position);
    expect([measuring(true), measuring(false)]).toEqual([[], [1]]);
    expect(chosen([pico, head(4, 'elsewhere')])).toEqual([2, 4]);
  });

  it('[JOB-3] counts what is held already', () => {
    expect(chosen([head(1, 'x', 'a', 2), head(2, 'y', 'a', 2)], new Map([['a', 1]]))).toEqual([1]);
  });
});
