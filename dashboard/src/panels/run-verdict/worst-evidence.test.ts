import type { EvidenceItem } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { worstEvidence } from './worst-evidence.js';

describe('evidence', () => {
  it('evidence: the worst of each signal, the worst signal first', () => {
    const item = (signal: string, level: EvidenceItem['level'], value: number, block: number): EvidenceItem => ({
      signal,
      level,
      value,
      block,
    });
    expect(
      worstEvidence([item('a', 'ok', 1, 0), item('a', 'ok', 2, 1), item('b', 'soft', 1, 0), item('b', 'ok', 9, 1)]),
    ).toEqual([item('b', 'soft', 1, 0), item('a', 'ok', 2, 1)]);
  });
});
