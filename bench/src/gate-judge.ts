import type { GateRow } from '@hilltop/contracts';
import { type BenchResult, type Figure, outcomeOf } from './bench.js';
import { type GateSession, judgeNight, maxRegression, resampledVerdicts, spin } from './gate-nights.js';
import { deviation, quantile } from './statistics.js';

export interface Resamples {
  readonly slower: number;
  readonly equal: number;
}

export const seed = 610;
/** Intervals (90 %) of equal nights wider than this to either side: the machine was not quiet enough to tell 1 % apart. */
const quietWithin = 0.006;
const share = { found: 0.95, falseAlarms: 0.01, foundHere: 0.8, inconclusiveHere: 0.2 } as const;

/** Pure: what was measured -> figures and outcome. */
export function judgeGate(session: GateSession, resamples: Resamples, notes: readonly string[]): BenchResult {
  const real = (nights: GateSession['equal'], from: number): GateRow[] =>
    nights.map((night, i) => judgeNight(night, session.baseline, seed + from + i));
  const [equal, slower] = [real(session.equal, 0), real(session.slower, 1000)];
  const drawnSlower = resampledVerdicts(session, resamples.slower, 1 + spin, seed + 10_000);
  const drawnEqual = resampledVerdicts(session, resamples.equal, 1, seed + 20_000);
  const count = (verdicts: ReadonlyArray<GateRow['verdict']>, of: GateRow['verdict']): number =>
    verdicts.filter((verdict) => verdict === of).length;
  const said = (rows: readonly GateRow[], of: GateRow['verdict']): number =>
    count(
      rows.map(({ verdict }) => verdict),
      of,
    );
  const halfWidths = equal.map(({ low, high }) => ((Math.log(high / low) / 2) * 1.645) / 1.96);
  const logRatios = (rows: readonly GateRow[]): number[] => rows.map(({ change }) => Math.log(change));
  const shareOf = (what: string, verdicts: ReadonlyArray<GateRow['verdict']>, of: GateRow['verdict']): Figure => ({
    what,
    value: count(verdicts, of) / verdicts.length,
    unit: '',
    n: verdicts.length,
  });
  const figures: Figure[] = [
    {
      ...shareOf('resampled nights 3 % slower: called worse', drawnSlower, 'worse'),
      bound: { op: '>=', value: share.found },
    },
    {
      ...shareOf('resampled equal nights: called worse', drawnEqual, 'worse'),
      bound: { op: '<=', value: share.falseAlarms },
    },
    {
      what: 'real nights with 3 % of spin per inference: called worse',
      value: said(slower, 'worse'),
      unit: '',
      n: slower.length,
      bound: { op: '>=', value: Math.ceil(share.foundHere * slower.length) },
    },
    {
      what: 'real equal nights: called worse',
      value: said(equal, 'worse'),
      unit: '',
      n: equal.length,
      bound: { op: '<=', value: 0 },
    },
    {
      what: 'real equal nights: inconclusive',
      value: said(equal, 'inconclusive'),
      unit: '',
      n: equal.length,
      bound: { op: '<=', value: Math.floor(share.inconclusiveHere * equal.length) },
    },
    { what: 'real equal nights: called improved', value: said(equal, 'improved'), unit: '', n: equal.length },
    shareOf('resampled equal nights: inconclusive', drawnEqual, 'inconclusive'),
    {
      what: 'interval (90 %) of equal nights to either side, median',
      value: 100 * quantile(halfWidths, 0.5),
      unit: '%',
    },
    { what: 'ratio of equal nights, log standard deviation', value: 100 * deviation(logRatios(equal)), unit: '%' },
    {
      what: 'ratio of slower nights, median',
      value: quantile(
        slower.map(({ change }) => change),
        0.5,
      ),
      unit: '',
    },
  ];
  const outcome = outcomeOf(figures);
  const noisy = quantile(halfWidths, 0.5) > quietWithin;
  return {
    outcome: outcome === 'missed' && noisy ? 'inconclusive' : outcome,
    figures,
    notes: [
      ...notes,
      `${session.equal[0]?.length ?? 0} rounds a night, ${session.baseline.length} of baseline, --max-regression ${100 * maxRegression} %; the coordinator's own judgement of each night; resampled nights draw one of the real equal nights, then its rounds and the baseline's with replacement (seed ${seed})`,
      noisy
        ? `intervals of equal nights are wider than ${100 * quietWithin} % to either side: the machine was not quiet enough to say`
        : `intervals of equal nights stay within ${100 * quietWithin} % to either side`,
    ],
    raw: {
      session,
      equal: equal.map(shown),
      slower: slower.map(shown),
    },
  };
}

const shown = ({ change, low, high, p, verdict, doubt, control }: GateRow) => ({
  change,
  low,
  high,
  p,
  verdict,
  ...(doubt && { doubt }),
  control: control?.ratio,
});
