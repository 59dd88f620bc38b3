import {
  type Against,
  type GuideEntry,
  type MetricId,
  type MetricRow,
  type MetricValue,
  metrics as metricTable,
  mulberry32,
  settingsKey,
} from '@hilltop/contracts';
import type { Candidate } from '../frontier/candidate.js';
import { compareQuality } from '../gates/compare-quality.js';
import { compareExact, compareRatio, type NightRuns } from '../gates/compare-ratio.js';
import type { Comparison } from '../gates/comparison.js';
import type { MeasuredRun } from '../gates/measured-run.js';
import type { Task } from '../links/worker-pool.js';

export interface GuideTaskInput {
  readonly candidates: readonly Candidate[];
  readonly metrics: readonly MetricId[];
}

/** Run -> what it came to against fp32 under the same settings. */
export type GuideTaskOutput = Record<string, GuideEntry['against']>;

export const guideTask: Task<GuideTaskInput, GuideTaskOutput> = { name: 'guide' };

/** Resampling begins here: the same results give the same page. */
const seed = 1;

export function guideWork({ candidates, metrics }: GuideTaskInput): GuideTaskOutput {
  const random = mulberry32(seed);
  const newestFirst = [...candidates].sort((a, b) => b.endedAt - a.endedAt);
  const references = new Map<string, Candidate>();
  for (const candidate of newestFirst) {
    const key = settingsKey(candidate.settings);
    if (candidate.recipe !== 'fp32' || candidate.verdict === 'invalid') continue;
    const known = references.get(key);
    // The newest clean one, and only where there is none the newest at all.
    if (!known || (known.verdict !== 'clean' && candidate.verdict === 'clean')) references.set(key, candidate);
  }
  return Object.fromEntries(
    candidates.map((candidate) => {
      const reference = references.get(settingsKey(candidate.settings));
      if (!reference) return [candidate.runId, {}];
      const pairs = metrics.flatMap((metric): Array<[MetricId, Against]> => {
        const found = compared(metric, candidate, reference, random);
        if (!found) return [];
        const { source }: MetricRow = metricTable[metric];
        // What a file weighs and how often it is right does not depend on who else was at work.
        const isSteady = source === 'artifact' || source === 'quality';
        const disturbed = !isSteady && (candidate.verdict !== 'clean' || reference.verdict !== 'clean');
        return [[metric, { ...againstOf(found), ...(disturbed && { disturbed }) }]];
      });
      return [candidate.runId, Object.fromEntries(pairs)];
    }),
  );
}

function compared(
  metric: MetricId,
  candidate: Candidate,
  reference: Candidate,
  random: () => number,
): Comparison | undefined {
  if (!candidate.metrics[metric] || !reference.metrics[metric]) return undefined;
  const [now, before] = [nightOf(candidate), nightOf(reference)];
  const { source }: MetricRow = metricTable[metric];
  if (source === 'quality') return compareQuality(metric, now, before);
  const sampled = source === 'latency' || source === 'sensor' ? compareRatio(metric, now, before, random) : undefined;
  return (
    sampled ?? withIntervals(compareExact(metric, now, before), candidate.metrics[metric], reference.metrics[metric])
  );
}

/** A ratio of two values that have intervals of their own: their widths add as logarithms of what is independent do. */
function withIntervals(
  exact: Comparison | undefined,
  now: MetricValue | undefined,
  before: MetricValue | undefined,
): Comparison | undefined {
  if (!exact || !now || !before) return exact;
  const side = (value: MetricValue, end: 'low' | 'high'): number =>
    Math.abs(Math.log(Math.max(value[end] ?? value.value, Number.MIN_VALUE) / value.value));
  const [down, up] = [
    Math.hypot(side(now, 'low'), side(before, 'high')),
    Math.hypot(side(now, 'high'), side(before, 'low')),
  ];
  return { ...exact, low: exact.change * Math.exp(-down), high: exact.change * Math.exp(up) };
}

const nightOf = (candidate: Candidate): NightRuns => ({ subject: [runOf(candidate)], control: [] });

/** As a gate sees it; what tells devices and models apart is the same for all of them here. */
const runOf = ({ runId, recipe, settings, verdict, metrics, basis }: Candidate): MeasuredRun => ({
  id: runId,
  modelId: '',
  modelName: '',
  recipe,
  settings,
  deviceId: '',
  deviceName: '',
  protocol: 'standard',
  key: '',
  verdict,
  control: false,
  metrics,
  basis,
});

const againstOf = ({ scale, change, low, high }: Comparison): Against => ({
  scale,
  change,
  ...(low !== high && { low, high }),
});
