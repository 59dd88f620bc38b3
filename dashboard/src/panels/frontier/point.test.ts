import { describe, expect, it } from '@jest/globals';
import { hasFile, measureLine, sizeText } from './point.js';
import { testPoint } from './testing-points.js';

const artifact = { sha256: 'a'.repeat(64), bytes: 150 };

describe('size of a point', () => {
  it('[MCU-89] is what its artifact has, and nothing where that only names a model inside a firmware', () => {
    const file = { artifact, metrics: { size_bytes: { value: 150, n: 1, unit: 'bytes' } } };
    expect([hasFile(file), sizeText(file)]).toEqual([true, '150\u00a0B']);
    const inside = { artifact, metrics: { latency_p50_ms: { value: 1, n: 3, unit: 'ms' } } };
    expect([hasFile(inside), sizeText(inside)]).toEqual([false, '–']);
  });
});

describe('measure line', () => {
  it('[CHART-14] measures the same recipe again on the same device under the same settings and rules', () => {
    const at = { model: 'my net', device: 'pi', protocol: 'strict' as const };
    expect(measureLine(testPoint('int8', {}), at)).toBe("hilltop run -m 'my net' -r int8 -d pi --protocol strict");
    const settings = { threads: 4, graphLevel: 'basic', provider: 'cuda' } as const;
    expect(measureLine(testPoint('int8', {}, { settings }), { ...at, protocol: undefined })).toBe(
      "hilltop run -m 'my net' -r int8 -d pi --threads 4 --graph-level basic --provider cuda",
    );
  });
});
