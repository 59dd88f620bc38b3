import { profileColumns, profiledLayers } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { profileText } from './profile-text.js';
import { plain } from './style.js';

const layer = (name: string, meanMs: number) => ({ name, op: 'Conv', provider: 'cpu', meanMs, inferences: 40 });

describe('profileText', () => {
  it('[PROF-7] prints the ten longest layers, the longest first, and what the others take together', () => {
    const layers = profiledLayers(profileColumns(Array.from({ length: 12 }, (_, i) => layer(`l${i}`, i + 1))));
    const lines = profileText(layers, plain).trimEnd().split('\n');
    expect(lines).toHaveLength(12);
    expect(lines[1]).toMatch(/^ {2}12 {2}l11 {4}Conv {6}cpu .*15\.4 % {2}█{20}$/);
    expect(lines[10]).toContain('l2');
    expect(lines[11]).toBe('and 2 shorter layers: 3.8 %');
  });

  it('[PROF-7] prints nothing without a profile', () => {
    expect(profileText([], plain)).toBe('');
  });
});
