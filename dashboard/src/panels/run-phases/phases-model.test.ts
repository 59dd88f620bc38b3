import type { Run } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { phasesOf } from './phases-model.js';

describe('phases', () => {
  it('phases: where it is, and how long it waited', () => {
    const at = (s: number): string => new Date(s * 1000).toISOString();
    const running = phasesOf(
      { state: 'running', queuedAt: at(0), claimedAt: at(42), startedAt: at(45) } as Run,
      { phase: 'measuring' },
      60_000,
    );
    expect(running.map((p) => `${p.name}:${p.state}`)).toEqual([
      'queued:done',
      'fetching:done',
      'loading:done',
      'warming-up:done',
      'measuring:now',
      'evaluating:ahead',
      'ended:ahead',
    ]);
    expect(running[0]!.detail).toBe('0:42');
    const failed = phasesOf(
      {
        state: 'failed',
        queuedAt: at(0),
        claimedAt: at(1),
        startedAt: at(2),
        endedAt: at(5),
        progress: { phase: 'loading', fraction: 0.1 },
      } as Run,
      undefined,
      0,
    );
    expect(failed.map((p) => p.state)).toEqual(['done', 'done', 'done', 'ahead', 'ahead', 'ahead', 'done']);
    expect(failed.at(-1)!.detail).toBe('failed after 0:03');
  });
});
