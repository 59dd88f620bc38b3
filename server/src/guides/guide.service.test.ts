import { Guide } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LabIdentity } from '../lab/lab-identity.js';
import { NightBench } from '../reports/testing/night-bench.js';
import { GuideService } from './guide.service.js';
import { guideHtml } from './guide-html.js';
import { guideWork } from './guide-task.js';

describe('what guides say', () => {
  let bench: NightBench;
  let guides: GuideService;

  beforeEach(async () => {
    bench = await NightBench.start(
      ['pi-a', 'pi-b'],
      {
        outcome: ({ recipe }) => ({
          metrics: {
            latency_p50_ms: recipe === 'fp32' ? 20 : 8,
            size_bytes: recipe === 'fp32' ? 400 : 100,
            accuracy: recipe === 'fp32' ? 0.95 : 0.949,
          },
        }),
      },
      { guide: guideWork },
    );
    const { models, runs } = bench.sweeps;
    const identity = { labId: 'lab_00000001' } as LabIdentity;
    guides = new GuideService(runs.database, models, bench.frontiers, bench.candidates, bench.pool, identity);
  });
  afterEach(() => bench.close());

  it('[GUIDE-8] a model without results has no guide, and is told what to type', async () => {
    await expect(guides.of('net')).rejects.toMatchObject({ code: 'guide.no-results' });
    await expect(guides.of('nothing')).rejects.toMatchObject({ code: 'request.not-found' });
  });

  it('[GUIDE-9] on every device: what each variant came to against fp32, what to take by each wish, what is not known', async () => {
    await bench.night({ recipes: ['fp32', 'int8-static'] });
    const guide = await guides.of('net');
    expect(Guide.parse(JSON.parse(JSON.stringify(guide)))).toEqual(JSON.parse(JSON.stringify(guide)));
    expect(guide.devices.map(({ device }) => device.name)).toEqual(['pi-a', 'pi-b']);
    for (const { entries, advice, gaps } of guide.devices) {
      const int8 = entries.find(({ recipe }) => recipe === 'int8-static')!;
      expect(int8.techniques).toEqual(['quantization']);
      expect(int8.against.size_bytes).toEqual({ scale: 'ratio', change: 0.25 });
      expect(int8.against.latency_p50_ms!.change).toBeCloseTo(0.4);
      expect(int8.against.accuracy!.change).toBeCloseTo(-0.001);
      expect(advice.map(({ prefer, tone, name }) => [prefer, tone, name])).toEqual([
        ['latency_p50_ms', 'sure', 'int8-static'],
        ['size_bytes', 'sure', 'int8-static'],
      ]);
      expect(gaps.map(({ kind }) => kind)).toEqual(['metric', 'metric']);
    }
    expect(guideHtml(guide)).toContain('What compression buys net');
    await expect(guides.of('net', 'strict')).rejects.toMatchObject({ code: 'guide.no-results' });
  });
});
