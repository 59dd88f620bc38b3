import { noEntities, SweepFile } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { memoryTerminal } from '../testing/memory-terminal.js';
import { sampleSweep, sampleTrial } from '../testing/sample-sweep.js';
import { plain } from './style.js';
import { progressText, SweepProgress } from './sweep-progress.js';
import { previewText, spentShare, sweepText, trialLine } from './sweep-text.js';

const { places } = sampleSweep();
const now = Date.parse('2026-03-01T11:20:00.000Z');

describe('text of a sweep', () => {
  it('[SFILE-6] a trial says what was measured, and why it was chosen', () => {
    expect(trialLine(sampleTrial(), places)).toBe(
      '● #7 int8-static (2 threads) on bench-pi: 1.24 ms (1.21 – 1.29), 91.3 %  promotion: second best of 8 screened',
    );
    const error = { code: 'run.crashed', message: 'it fell over', cause: 'user' as const };
    expect(trialLine(sampleTrial({ state: 'failed', error, metrics: {} }), places)).toContain('✗ #7');
    expect(trialLine(sampleTrial({ state: 'failed', error, metrics: {} }), places)).toContain(
      'run.crashed: it fell over',
    );
    expect(trialLine(sampleTrial({ state: 'skipped', metrics: {} }), places)).toContain(': skipped  promotion');
    const other = [...places, { ...places[0]!, modelId: 'mod_00000002', modelName: 'big' }];
    expect(trialLine(sampleTrial({ why: 'promotion: best' }), other)).toContain(
      '#7 net int8-static (2 threads) on bench-pi',
    );
    expect(trialLine(sampleTrial({ why: 'promotion: best' }), places)).toMatch(/ {2}promotion: best$/);
    const quick = sampleTrial({ protocol: 'quick', metrics: { cycles: { value: 4_200_000, n: 3, unit: '' } } });
    expect(trialLine(quick, places)).toContain(': 4.20 M cycles, quick  ');
  });

  it('[SFILE-6] a sweep says what is spent of what, each device, and its newest trials', () => {
    const trials = Array.from({ length: 14 }, (_, i) => sampleTrial({ id: `trl_0000000${i}`, number: i + 1 }));
    const text = sweepText(sampleSweep({ note: 'waits for bench-pi' }), trials, plain, now);
    expect(text).toMatch(/^state +◇ running: waits for bench-pi$/m);
    expect(text).toMatch(/^trials +9 of 12 trials succeeded, 2 open, 1 failed$/m);
    expect(text).toMatch(/^spent +10 of 40 runs, 12\.3 of 60 device minutes, 20 wall minutes$/m);
    expect(text).toMatch(/^time +started 20 min 0 s ago$/m);
    const paused = sampleSweep({
      state: 'paused',
      note: 'paused by anna',
      revision: 2,
      endedAt: '2026-03-01T11:10:00.000Z',
    });
    const other = sweepText(paused, [], plain, now);
    expect(other).toMatch(/^state +○ paused by anna$/m);
    expect(other).toMatch(/^file +changed once$/m);
    expect(other).toMatch(/^time .*, took 10 min 0 s$/m);
    expect(text).toMatch(/^bench-pi +net +24 +9 +2 +1 +0\.812$/m);
    expect(text).toContain('4 trials before these');
    expect(text.match(/● #/g)).toHaveLength(10);
    expect(text).not.toMatch(/^file|^constraints|^schedule/m);
  });

  it('[SFILE-6] the progress line has the share of what ends first, what was found, and what is tried now', () => {
    const sweep = sampleSweep();
    expect(spentShare(sweep)).toBe(0.25);
    const free = sampleSweep({ file: SweepFile.parse({ name: 'all', models: ['net'], recipes: ['fp32'] }) });
    expect(spentShare(free)).toBeCloseTo(10 / 24, 9);
    expect(spentShare({ ...free, places: [] })).toBe(0);
    const trial = sampleTrial({ number: 11, state: 'running', metrics: {} });
    const text = progressText(sweep, [sampleTrial(), trial]);
    expect(text).toContain('25 %  10 of 12 trials  10 of 40 runs, 12.3 of 60 device min');
    expect(text).toContain('hypervolume net on bench-pi 0.812  #11 int8-static (2 threads) on bench-pi: second best');
  });

  it('[SFILE-6] what waits while nothing can be tried is told once; every ended trial once', () => {
    const terminal = memoryTerminal();
    const progress = new SweepProgress(terminal, plain, 'swp_00000001');
    const waiting = sampleSweep({ note: 'bench-pi is held by anna' });
    const entities = (trial: ReturnType<typeof sampleTrial>) => ({
      ...noEntities,
      sweep: new Map([[waiting.id, waiting]]),
      trial: new Map([[trial.id, trial]]),
    });
    progress.changed([], entities(sampleTrial({ state: 'running' })));
    progress.changed([], entities(sampleTrial()));
    progress.changed([], entities(sampleTrial()));
    progress.end();
    expect(terminal.written.err.split('\n')).toEqual([
      'running: bench-pi is held by anna',
      trialLine(sampleTrial(), places),
      '',
    ]);
  });

  it('[SFILE-7] a dry run says the points and the time they would take', () => {
    const text = previewText({
      points: 24,
      places: [{ deviceId: 'dev_00000001', deviceName: 'bench-pi', modelName: 'net', points: 24 }],
      estimatedDeviceMinutes: 90,
      leftOut: [{ code: 'runtime.missing', message: 'bench-pi has no runtime tflite', points: 8 }],
      recipes: ['fp32', 'int8-static'],
    });
    expect(text).toMatch(/^points +24; nothing was started$/m);
    expect(text).toMatch(/^device time +1 h 30 min for all/m);
    expect(text).toMatch(/^bench-pi +net +24$/m);
    expect(text).toMatch(/^left out +8 points: runtime\.missing: bench-pi has no runtime tflite$/m);
  });
});
