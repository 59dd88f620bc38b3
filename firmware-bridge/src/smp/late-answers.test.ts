import { describe, expect, it } from '@jest/globals';
import { SimulatedSmpBoard } from '../simulated/simulated-smp-board.js';
import { virtualTimer } from '../simulated/virtual-timer.js';
import { wire } from '../testing/wire.js';
import { osGroup } from './os-group.js';
import { openSmpBoard } from './smp-board.js';
import { SmpClient } from './smp-client.js';

/** A board that does one thing after the other, each in its own time; what comes meanwhile waits, as in a UART. */
function slow(takesMs: (nth: number) => number) {
  const timer = virtualTimer();
  let freeAt = 0;
  let nth = 0;
  const wired = wire((send) => {
    const peer = new SimulatedSmpBoard({}, send);
    peer.fault = (_request, answer) => {
      freeAt = Math.max(timer.now(), freeAt) + takesMs(nth++);
      timer.after(freeAt - timer.now(), () => send(answer()));
      return undefined;
    };
    return peer;
  });
  return { ...wired, timer };
}

describe('an answer that comes late', () => {
  it('[MCU-72] just after the time-out is of no other request than its own', async () => {
    const { port, timer } = slow((nth) => (nth === 0 ? 2001 : 10));
    const smp = new SmpClient(port, { timer });
    await expect(osGroup.echo(smp, 'a', { attempts: 1 })).rejects.toMatchObject({ code: 'device.no-answer' });
    expect(await osGroup.echo(smp, 'b')).toBe('b');
    expect(smp.counters).toMatchObject({ late: 1, unmatched: 0, duplicate: 0 });
  });

  it('[MCU-72] by the time of several requests never gets ahead of theirs', async () => {
    // Every answer comes in the time of the next request, or the one after it.
    const { port, timer, peer } = slow(() => 2500);
    const smp = new SmpClient(port, { timer });
    const outcomes: string[] = [];
    for (let i = 0; i < 30; i++)
      outcomes.push(await osGroup.echo(smp, `text ${i}`, { attempts: 1 + (i % 3) }).catch(() => 'none'));
    expect(outcomes.every((text, i) => text === 'none' || text === `text ${i}`)).toBe(true);
    expect(outcomes.some((text) => text !== 'none')).toBe(true);
    expect(smp.counters.unmatched).toBe(0);
    expect(peer.requests.length).toBeGreaterThan(30);
  });

  it('[MCU-72] after a repetition: what is done twice is waited for before the next request counts as lost', async () => {
    const { port, timer } = slow((nth) => (nth < 2 ? 10_000 : 10));
    const smp = new SmpClient(port, { timer });
    expect(await osGroup.echo(smp, 'long', { attempts: 2, timeoutMs: 8000 })).toBe('long');
    // Its repetition keeps the board busy for another 10 s, longer than three attempts of 2 s.
    expect(await osGroup.echo(smp, 'next')).toBe('next');
    expect(smp.counters).toMatchObject({ duplicate: 1, late: 0 });
    // Nobody is waited for longer than that.
    const before = timer.now();
    const silent = new SmpClient(wire(() => ({ receive: () => undefined })).port, { timer });
    await expect(osGroup.echo(silent, 'x')).rejects.toMatchObject({ code: 'device.no-answer' });
    expect(timer.now() - before).toBe(6000);
  });

  it('[MCU-72] of an inference that was given up is not the next one’s, whatever it says', async () => {
    const held: Uint8Array[] = [];
    const { port, peer } = wire((send) => new SimulatedSmpBoard({ ticks: (n) => 100 + n }, send));
    const board = await openSmpBoard(port, { timer: virtualTimer() });
    const plan = new Uint8Array(200);
    await board.load((await board.upload(plan)).sha256);
    peer.fault = (request, answer) => {
      if (request.command !== 4) return answer();
      held.push(answer());
      return undefined;
    };
    await expect(board.infer({ inferences: 1 })).rejects.toMatchObject({ code: 'device.no-answer' });
    peer.fault = (_request, answer) => [...held.splice(0), answer()];
    // Two attempts were served, of ticks 100 and 101.
    expect([...(await board.infer({ inferences: 2 }))]).toEqual([102, 103]);
    expect(board.wire()).toMatchObject({ lateAnswers: 2, unmatchedPackets: 0 });
  });
});
