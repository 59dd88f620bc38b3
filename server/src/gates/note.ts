import type { GateDoubt, GateRow, GateVerdict } from '@hilltop/contracts';
import { normalQuantile975 } from '@hilltop/contracts';
import type { Comparison } from './comparison.js';

interface Said {
  readonly comparison: Comparison;
  readonly verdict: GateVerdict;
  readonly doubt?: GateDoubt;
  readonly resolves: number;
  readonly delta: number;
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

/** In words: what would settle an inconclusive row, or what the control did meanwhile. */
export function noteOf({ comparison, doubt, resolves, delta }: Said): Pick<GateRow, 'note'> {
  switch (doubt) {
    case undefined:
      return {};
    case 'no-control':
      return { note: 'the control has no clean run in one of the two nights: measure it again, then gate again' };
    case 'environment':
      return {
        note: `the control changed by ${percent(comparison.control!.ratio - 1)} by itself: the environment did; run the sweep again, or pin a baseline measured in it`,
      };
    case 'discoveries':
      return { note: 'among so many rows one like this is expected by chance: more runs of it would tell' };
    case 'noise':
      return { note: `${runsText(comparison, delta)}, or a threshold of ${percent(resolves)}` };
  }
}

/** So many times the runs bring the interval to half of the threshold: then equal nights are called `same` as a rule. */
function runsText({ scale, low, high, runs, test }: Comparison, delta: number): string {
  if (test === 'mcnemar' || test === 'normal') return 'more items of the evaluation set would tell';
  const half = scale === 'ratio' ? Math.log(high / low) / 2 : (high - low) / 2;
  const wanted = (scale === 'ratio' ? Math.log1p(delta) : delta) / 2;
  const factor = wanted > 0 ? ((half * 1.645) / normalQuantile975 / wanted) ** 2 : Number.POSITIVE_INFINITY;
  const more = Math.max(runs.now + 1, Math.ceil(factor * runs.now));
  return more <= 100
    ? `about ${more} runs of it and of the control a night would tell (now ${runs.now})`
    : 'it differs too much from run to run for this threshold';
}
