import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { canaryModel } from './canary-model.js';
import { createHost } from './host.js';
import { compilePlan } from './plan/compile.js';
import { planFits } from './plan/fits.js';

describe('canaryModel', () => {
  it('[HEALTH-1] is the same bytes each time, and a Pico has room for its plan', async () => {
    const bytes = canaryModel();
    const sha = (of: Uint8Array): string => createHash('sha256').update(of).digest('hex');
    expect(sha(canaryModel())).toBe(sha(bytes));
    const host = createHost({ cpuSecondsLimit: 60, wallMs: 60_000 });
    try {
      const { facts } = await compilePlan(bytes, { host, dims: { x: [1, 8, 24, 24] } });
      expect(() =>
        planFits({ arenaBytes: facts.arenaBytes, flashBytes: facts.bytes }, { ramBytes: 200_000 }),
      ).not.toThrow();
      expect(facts.macs).toBe(940_800);
    } finally {
      await host.close();
    }
  });
});
