import type { Timer } from '../timer.js';

/** Turns of the event loop after which everything in memory has settled. */
const idleTurns = 4;

/** Time that passes at once, and only when nothing else happens: with devices in memory a test of timeouts takes no time. */
export function virtualTimer(): Timer {
  const entries = new Set<{ readonly due: number; readonly run: () => void }>();
  let now = 0;
  let quietTurns = 0;
  let pumping = false;
  const pump = async (): Promise<void> => {
    if (pumping) return;
    pumping = true;
    while (entries.size > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      if (++quietTurns < idleTurns) continue;
      quietTurns = 0;
      const next = [...entries].sort((a, b) => a.due - b.due)[0];
      if (!next) break;
      entries.delete(next);
      now = Math.max(now, next.due);
      next.run();
    }
    pumping = false;
  };
  return {
    now: () => now,
    after: (ms, run) => {
      const entry = { due: now + ms, run };
      entries.add(entry);
      quietTurns = 0;
      void pump();
      return () => entries.delete(entry);
    },
  };
}
