import { describe, expect, it } from '@jest/globals';
import type { Verdict } from './summary.js';
import { repetitionText, signalText, verdictCounts } from './verdict-text.js';

describe('text of verdicts', () => {
  const run = (verdict?: Verdict['verdict']) => (verdict ? { verdict: { verdict, reasons: [], evidence: [] } } : {});

  it('[VERD-3] counts verdicts, best first; a run without one and a verdict that nobody got are not there', () => {
    expect(verdictCounts([run('disturbed'), run('clean'), run(), run('clean'), run('disturbed'), run('clean')])).toBe(
      '3 clean, 2 disturbed',
    );
    expect(verdictCounts([run('invalid')])).toBe('1 invalid');
    expect(verdictCounts([run()])).toBe('');
  });

  it('[VERD-1] names the run before and the run after, and says when repeating did not help', () => {
    expect(repetitionText({})).toEqual([]);
    expect(repetitionText({ repeatedAs: 'run_00000002' })).toEqual(['done again as run_00000002']);
    expect(repetitionText({ repeatOf: 'run_00000001', unstable: 3 })).toEqual([
      'repeats run run_00000001',
      'unstable: disturbed 3 times',
    ]);
  });

  it('[VERD-4] each signal says what it is and in which unit; one of another version keeps its name', () => {
    expect(signalText('temperature_over_trip_k')).toBe('hottest reading less the passive trip point, K');
    expect(signalText('something.new')).toBe('something.new');
  });
});
