import { controlHolds } from './abba.js';
import { type BenchResult, type Figure, outcomeOf } from './bench.js';
import { type Rates, sensorHz, sensors } from './reading-rates.js';
import { bootstrapRatio, deviation, geometricMean, type Interval, mean } from './statistics.js';

export const pairsWanted = 30;
/** What measuring may cost, and what the session may differ from itself. */
const ratioLimit = 1.01;
const controlWithin = 0.01;
/** Of what should come in: a measurement that does not measure costs nothing. */
const cameIn = 0.9;

export interface CostValues {
  /** p50 of every process, ms: of the comparison (off, on, on, off ...), and of the control. */
  readonly compared: number[];
  readonly control: number[];
  readonly ratios: number[];
  readonly controlRatios: number[];
  readonly rates: Rates[];
}

/** Pure: what was taken -> figures and outcome. */
export function judgeCost(values: CostValues, notes: readonly string[]): BenchResult {
  const ratio = bootstrapRatio(values.ratios);
  const control = bootstrapRatio(values.controlRatios);
  const figure = (what: string, interval: Interval): Figure => ({
    what,
    ...interval,
    unit: '',
    n: values.ratios.length,
  });
  const rate = (what: string, of: (rates: Rates) => number, unit: string, whole: number): Figure => ({
    what,
    value: mean(values.rates.map(of)),
    unit,
    n: values.rates.length,
    bound: { op: '>=', value: cameIn * whole },
  });
  const figures: Figure[] = [
    figure('p50 with measuring / without, geometric mean', ratio),
    {
      what: 'its upper 95 % (bootstrap over pairs)',
      value: ratio.high,
      unit: '',
      bound: { op: '<=', value: ratioLimit },
    },
    figure('control: without / without', control),
    rate('readings of sensors', ({ readings }) => readings, '/s', sensors * sensorHz),
    rate('power covered by the meter', ({ powerMs }) => powerMs, 'ms/s', 1000),
    { what: 'p50 without', value: geometricMean(values.control), unit: 'ms', n: values.control.length },
    {
      what: 'spread of p50 between processes (log sd)',
      value: 100 * deviation(values.control.map(Math.log)),
      unit: '%',
    },
  ];
  const holds = controlHolds(control, controlWithin);
  return {
    outcome: holds ? outcomeOf(figures) : 'inconclusive',
    figures,
    notes: [
      ...notes,
      holds
        ? 'the control holds 1 and lies within 1 %'
        : 'the control does not hold 1 within 1 %: the machine was not quiet enough to say',
    ],
    raw: values,
  };
}
