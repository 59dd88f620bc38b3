import type { ErrorCode } from '@hilltop/contracts';
import type { TensorFacts } from './check-model.js';

/** A statistic of one tensor over all items of a pack, folded inside the child so that little crosses. */
export type StatisticRequest =
  /**
   * Lowest and highest value; with `percentile` (e.g. 99.99) the range that holds that many percent of the values, as many left
   * out on either side; with `leastError` the range whose 8-bit rounding has the least squared error.
   */
  | {
      readonly kind: 'range';
      readonly tensor: string;
      readonly percentile?: number;
      readonly leastError?: boolean;
      /** Outputs that hold the tensor's lowest and highest value in one run; `Host` adds them to the model. */
      readonly extremes?: readonly [low: string, high: string];
    }
  /** Mean and standard deviation of each channel (axis 1; the last axis for rank 2 and below, or where asked for). */
  | { readonly kind: 'channels'; readonly tensor: string; readonly axis?: 'last' }
  /**
   * Sums that least squares needs: rows of `input` against rows of `target` (less `minus`, where given) at `perItem` positions of
   * each item. `last-axis`: a row holds the last axis, as matrix products read it. With `groups` only products within each of so
   * many equal stretches of columns (and targets) are made. `centre`: products are made about the mean of the first rows, so that single
   * precision resolves variances far below the squared mean; the sums given are the same.
   */
  | {
      readonly kind: 'gram';
      readonly tensor: string;
      readonly geometry: Window | 'last-axis';
      readonly perItem: number;
      readonly groups?: number;
      readonly centre?: true;
      readonly target?: { readonly tensor: string; readonly channels: readonly number[]; readonly minus?: string };
    };

/** The tensors a statistic is made of. */
export function tensorsOf(request: StatisticRequest): readonly string[] {
  if (request.kind === 'range') return request.extremes ?? [request.tensor];
  if (request.kind !== 'gram' || !request.target) return [request.tensor];
  const { tensor, minus } = request.target;
  return [request.tensor, tensor, ...(minus === undefined ? [] : [minus])];
}

/**
 * The window a convolution reads an NCHW tensor through: a row holds the values around one position, ordered channel, kernel
 * row, kernel column. A [N, C] tensor has one position.
 */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
}

export type Statistic =
  | { readonly kind: 'range'; readonly tensor: string; readonly low: number; readonly high: number }
  | {
      readonly kind: 'channels';
      readonly tensor: string;
      readonly mean: Float32Array;
      readonly deviation: Float32Array;
    }
  | GramStatistic;

/** With X the `rows` x `columns` matrix of windows and Y the `rows` x `targets` matrix. */
export interface GramStatistic {
  readonly kind: 'gram';
  readonly tensor: string;
  readonly rows: number;
  readonly columns: number;
  readonly targets: number;
  /** X^T X, and the sum of each column of X. With groups: one such square after the other, one for each group. */
  readonly gram: Float64Array;
  readonly sums: Float64Array;
  /** X^T Y (`columns` x `targets`), and the sum of each column of Y. With groups: `columns` x targets of the column's group. */
  readonly cross: Float64Array;
  readonly targetSums: Float64Array;
}

/** Type and shape of one tensor as seen in a run with one item. */
export interface TensorShape {
  readonly tensor: string;
  readonly type: string;
  readonly dims: readonly number[];
}

/** What the child can be asked. Model and data lie as files in its directory. */
export type HostCall =
  | { readonly call: 'optimize'; readonly level: 'basic' | 'extended' }
  | { readonly call: 'inspect' }
  | {
      readonly call: 'shapes';
      readonly tensors: readonly string[];
      readonly feeds?: Readonly<Record<string, readonly number[]>>;
    }
  | { readonly call: 'statistics'; readonly requests: readonly StatisticRequest[] }
  | { readonly call: 'outputs' };

export interface HostAnswers {
  optimize: undefined;
  inspect: { inputs: TensorFacts[]; outputs: TensorFacts[] };
  shapes: TensorShape[];
  statistics: Statistic[];
  /** Values of output 0, item after item. */
  outputs: { perItem: number; data: Float32Array };
}

export interface HostQuestion {
  readonly id: number;
  readonly question: HostCall;
}

export type HostReply =
  /** Sent once, when ONNX Runtime is loaded. */
  | { readonly ready: true }
  | { readonly id: number; readonly value: HostAnswers[keyof HostAnswers]; readonly cpuSeconds: number }
  | {
      readonly id: number;
      readonly error: {
        readonly code: ErrorCode;
        readonly message: string;
        readonly details: Readonly<Record<string, unknown>>;
      };
      readonly cpuSeconds: number;
    };

/** Files in the child's directory, and what the directory's name starts with. */
export const hostFiles = {
  directory: 'hilltop-host-',
  model: 'model.onnx',
  data: 'data.pack',
  optimized: 'optimized.onnx',
} as const;
