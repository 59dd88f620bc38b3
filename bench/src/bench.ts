/** One measured figure; `low` and `high` are its 95 % interval where it has one. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly low?: number;
  readonly high?: number;
  readonly n?: number;
  /** What it is held against. */
  readonly bound?: { readonly op: '<=' | '>='; readonly value: number };
}

/** `inconclusive`: the session's own control does not hold, so nothing can be said either way. */
export type Outcome = 'met' | 'missed' | 'inconclusive';

export interface BenchResult {
  readonly outcome: Outcome;
  readonly figures: readonly Figure[];
  /** How it was measured, and what limits it. */
  readonly notes: readonly string[];
  /** Everything the figures come from. */
  readonly raw?: unknown;
}

export interface BenchOptions {
  /** A short session to see that it works; its figures are not kept. */
  readonly quick: boolean;
  readonly protocol: 'quick' | 'standard';
  /** Path of a model of `examples/models`, for those that take one. */
  readonly model: string;
  readonly log: (line: string) => void;
}

export interface Bench {
  readonly name: string;
  readonly title: string;
  readonly run: (options: BenchOptions) => Promise<BenchResult>;
}

export const holds = ({ value, bound }: Figure): boolean =>
  !bound || (bound.op === '<=' ? value <= bound.value : value >= bound.value);

/** Met when every figure keeps its bound. */
export const outcomeOf = (figures: readonly Figure[]): Outcome => (figures.every(holds) ? 'met' : 'missed');
