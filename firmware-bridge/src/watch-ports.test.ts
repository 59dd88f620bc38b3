import { describe, expect, it } from '@jest/globals';
import type { FoundPort } from './list-ports.js';
import { watchPorts } from './watch-ports.js';

const a: FoundPort = { path: '/dev/ttyACM0', vendorId: '2e8a', productId: '000a', serialNumber: 'A' };
const b: FoundPort = { path: '/dev/ttyACM1', vendorId: '2e8a', productId: '000a', serialNumber: 'B' };

function watch(lists: Array<FoundPort[] | Error>) {
  const events: string[] = [];
  const timers: Array<() => void> = [];
  const watching = watchPorts({
    list: async () => {
      const next = lists.shift() ?? [];
      if (next instanceof Error) throw next;
      return { ports: next };
    },
    intervalMs: 1000,
    timer: {
      now: () => 0,
      after: (ms, run) => {
        expect(ms).toBe(1000);
        timers.push(run);
        return () => timers.splice(timers.indexOf(run), 1);
      },
    },
    onAppeared: (port) => events.push(`+${port.key.slice(-1)}@${port.name}`),
    onGone: (port) => events.push(`-${port.key.slice(-1)}@${port.name}`),
  });
  /** One interval passes. */
  const pass = async (): Promise<void> => {
    timers.shift()?.();
    await watching.look();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { events, timers, watching, pass };
}

describe('watchPorts', () => {
  it('tells what is there, what comes and what goes', async () => {
    const { events, pass, watching } = watch([[a], [a, b], [b]]);
    await pass();
    expect(events.splice(0)).toEqual(['+a@/dev/ttyACM0']);
    await pass();
    expect(events.splice(0)).toEqual(['+b@/dev/ttyACM1']);
    await pass();
    expect(events).toEqual(['-a@/dev/ttyACM0']);
    expect(watching.ports().map((p) => p.serialNumber)).toEqual(['B']);
    watching.stop();
  });

  it('knows a board that comes back under another name', async () => {
    const { events, pass, watching } = watch([[a], [{ ...a, path: '/dev/ttyACM5' }]]);
    await pass();
    await pass();
    expect(events).toEqual(['+a@/dev/ttyACM0', '-a@/dev/ttyACM0', '+a@/dev/ttyACM5']);
    watching.stop();
  });

  it('keeps what it knows when a look fails', async () => {
    const { events, pass, watching } = watch([[a], new Error('EMFILE'), [a]]);
    await pass();
    await pass();
    await pass();
    expect(events).toEqual(['+a@/dev/ttyACM0']);
    watching.stop();
  });

  it('looks no more once it is stopped', async () => {
    const { timers, pass, watching } = watch([[], [], [a]]);
    await pass();
    expect(timers).toHaveLength(1);
    watching.stop();
    expect(timers).toHaveLength(0);
  });
});
