import { SweepFile, type SweepFileInput } from '@hilltop/contracts';

/** A sweep file with everything a test does not care about. */
export function sweepFile(wish: Partial<SweepFileInput> = {}): SweepFile {
  return SweepFile.parse({
    name: 'night',
    models: ['net'],
    recipes: ['fp32', 'fp16', 'int8-static'],
    protocol: 'quick',
    sampler: { name: 'grid' },
    ...wish,
  });
}
