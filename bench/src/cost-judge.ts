import { comparisonFigures } from './abba.js';
import { type BenchResult, type Figure, outcomeOf } from './bench.js';
import { type Rates, sensorHz, sensors } from './reading-rates.js';
import { mean } from './statistics.js';

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
  const { figures, holds, note } = comparisonFigures(values, {
    what: 'p50 with measuring / without',
    bare: 'p50 without',
    limit: ratioLimit,
    within: controlWithin,
  });
  const rate = (what: string, of: (rates: Rates) => number, unit: string, whole: number): Figure => ({
    what,
    value: mean(values.rates.map(of)),
    unit,
    n: values.rates.length,
    bound: { op: '>=', value: cameIn * whole },
  });
  figures.push(
    rate('readings of sensors', ({ readings }) => readings, '/s', sensors * sensorHz),
    rate('power covered by the meter', ({ powerMs }) => powerMs, 'ms/s', 1000),
  );
  return {
    outcome: holds ? outcomeOf(figures) : 'inconclusive',
    figures,
    notes: [...notes, note],
    raw: values,
  };
}
