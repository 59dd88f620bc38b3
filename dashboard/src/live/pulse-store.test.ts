import type { Pulse } from '@hilltop/contracts';
import { expect, it } from '@jest/globals';
import { addPulse, type DevicePulse, keptMs } from './pulse-store.js';

it('[LIVE-9] a page keeps the newest pulse of a device and a minute before it', () => {
  let kept: DevicePulse | undefined;
  const at = (atMs: number): Pulse => ({ deviceId: 'dev_a', atMs, latencyMs: atMs });
  for (let t = 0; t <= 300_000; t += 200) kept = addPulse(kept, at(t));
  expect(kept!.newest.atMs).toBe(300_000);
  expect(kept!.past[0]!.atMs).toBeGreaterThanOrEqual(300_000 - keptMs - 1000);
  expect(kept!.past.length).toBeLessThanOrEqual(keptMs / 500 + 1);
  // What comes late is not what is.
  expect(addPulse(kept, at(1000))).toBe(kept);
});
