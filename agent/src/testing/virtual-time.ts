import type { Timer } from '@hilltop/firmware-bridge';

export interface VirtualTime extends Timer {
  /** Lets so many ms go by: everything due is run, in order, and what it promised is awaited in between. */
  readonly pass: (ms: number) => Promise<void>;
}

const turns = 6;

/** Time that stands still until a test lets it go by. */
export function virtualTime(start = 1_000_000): VirtualTime {
  let now = start;
  const due: Array<{ readonly at: number; readonly run: () => void; readonly nr: number }> = [];
  let nr = 0;
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  /** Whether something is due by then; what answers may take some turns of the loop before it waits again. */
  const next = async (until: number): Promise<boolean> => {
    for (let turn = 0; turn < turns && !(due[0] && due[0].at <= until); turn++) await settle();
    return due[0] !== undefined && due[0].at <= until;
  };
  return {
    now: () => now,
    after: (ms, run) => {
      const entry = { at: now + Math.max(0, ms), run, nr: nr++ };
      const place = due.findIndex((other) => other.at > entry.at);
      if (place < 0) due.push(entry);
      else due.splice(place, 0, entry);
      return () => {
        const at = due.indexOf(entry);
        if (at >= 0) due.splice(at, 1);
      };
    },
    pass: async (ms) => {
      const until = now + ms;
      await settle();
      while (await next(until)) {
        const entry = due.shift()!;
        now = Math.max(now, entry.at);
        entry.run();
        await Promise.resolve();
        // What hangs on several promises in a row gets its turn now and then.
        if (entry.nr % 8 === 0) await settle();
      }
      now = until;
      await settle();
    },
  };
}
