import type { Trial } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { volumeLines, volumePicture } from './volume-lines.js';

const trial = (number: number, deviceName: string, hypervolume: number | undefined, second: number): Trial => ({
  id: `tri_${String(number).padStart(8, '0')}`,
  sweepId: 'swp_aaaaaaaa',
  number,
  modelId: 'mod_aaaaaaaa',
  recipe: 'fp32',
  settings: { threads: 1, graphLevel: 'all' },
  deviceId: `dev_${deviceName}00000`,
  deviceName,
  protocol: 'quick',
  replicate: 1,
  state: 'succeeded',
  reason: 'grid',
  why: '',
  metrics: {},
  ...(hypervolume !== undefined && { hypervolume }),
  proposedAt: '2026-11-24T00:00:00.000Z',
  endedAt: `2026-11-24T00:00:${String(second).padStart(2, '0')}.000Z`,
});

describe('volumeLines', () => {
  it('[DASH-15] draws the volume of each device over its trials, in the order in which they ended', () => {
    const lines = volumeLines(
      [trial(1, 'pi', 0.2, 5), trial(2, 'pi', 0.5, 3), trial(3, 'pico', 0.1, 4), trial(4, 'pi', undefined, 1)],
      () => 'net',
    );
    expect(lines.map(({ name, steps }) => [name, steps.map((s) => s.hypervolume)])).toEqual([
      ['pi', [0.5, 0.2]],
      ['pico', [0.1]],
    ]);
    const picture = volumePicture(lines, { width: 400, height: 200 })!;
    expect(picture.paths).toHaveLength(2);
    expect(picture.paths[0]!.d).toMatch(/^M[\d.]+ [\d.]+H[\d.]+V[\d.]+$/);
    expect(volumePicture([], { width: 400, height: 200 })).toBeUndefined();
  });
});
