import type { Verdict } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { sampleJob, sampleRun } from '../testing/samples.js';
import { jobText } from './job-text.js';
import { plain } from './style.js';

const told = (verdict: Verdict['verdict']): { verdict: Verdict } => ({
  verdict: { verdict, reasons: [], evidence: [] },
});

describe('text of a job', () => {
  it('[VERD-1] [VERD-2] [VERD-3] counts verdicts, and each repetition names the run before and after it', () => {
    const text = jobText(
      sampleJob(),
      [
        sampleRun({ id: 'run_00000001', ...told('disturbed'), repeatedAs: 'run_00000003' }),
        sampleRun({ id: 'run_00000002', recipe: 'fp16', ...told('clean') }),
        sampleRun({ id: 'run_00000003', ...told('disturbed'), repeatOf: 'run_00000001', unstable: 2 }),
      ],
      plain,
      0,
      'http://lab/jobs/job_00000001',
    );
    expect(text).toMatch(/^verdicts +1 clean, 2 disturbed$/m);
    const lines = text.split('\n').filter((line) => line.includes('on bench-pi'));
    expect(lines).toEqual([
      '● succeeded  fp32 on bench-pi: disturbed (done again as run_00000003)  run_00000001',
      '● succeeded  fp16 on bench-pi: clean  run_00000002',
      '● succeeded  fp32 on bench-pi: disturbed (repeats run run_00000001) (unstable: disturbed 2 times)  run_00000003',
    ]);
  });

  it('[QUEUE-8] says of each device what is next there waits for, and its place', () => {
    const device = { deviceId: 'dev_00000001', deviceName: 'bench-pi', total: 2, done: 0, failed: 0 };
    const waiting = { why: 'queue' as const, text: '2 come first', for: 'bob', position: 3, estimateSeconds: 90 };
    const runs = [
      sampleRun({ id: 'run_00000002', state: 'queued', waiting: { ...waiting, position: 4 } }),
      sampleRun({ id: 'run_00000001', state: 'queued', waiting }),
    ];
    const text = jobText(sampleJob({ state: 'queued', devices: [device], waiting }), runs, plain, 0, '');
    expect(text).toMatch(/^waits +2 come first, now for bob, place 3, starts in about 1 min 30 s$/m);
    expect(text).toMatch(/^bench-pi .*place 3/m);
    expect(text).not.toContain('run_00000001');
  });

  it('[VERD-3] says nothing of verdicts while there are none', () => {
    expect(jobText(sampleJob(), [sampleRun()], plain, 0, '')).not.toContain('verdicts');
  });
});
