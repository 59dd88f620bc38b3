import type { Node } from '../node.js';
import type { Affine } from './draft.js';
import type { View } from './view.js';

/** Integers behind a constant that DequantizeLinear made float. */
export interface ConstantIntegers {
  readonly type: string;
  readonly values: ArrayLike<number>;
  /** One, or one for each slice along `axis`; zero points likewise, none where all are 0. */
  readonly scales: ArrayLike<number>;
  readonly zeros?: ArrayLike<number>;
  readonly axis: number;
}

export interface Constant {
  readonly kind: 'constant';
  /** ONNX element type in lower case. */
  readonly type: string;
  readonly dims: readonly number[];
  readonly values: ArrayLike<number>;
  readonly integers?: ConstantIntegers;
}

/** The int8 or uint8 tensor behind a QuantizeLinear, or a graph input of that type. */
export interface Quantized {
  readonly kind: 'quantized';
  readonly view: View;
  /** Taken from the integers of the model to ours: -128 where they are uint8. */
  readonly shift: number;
}

/** A float tensor that is a function, value by value, of a dequantized one; without `map` the dequantized tensor itself. */
export interface Real {
  readonly kind: 'real';
  readonly view: View;
  readonly affine: Affine;
  readonly map?: (value: number) => number;
}

/** How a pending result is rounded to int8: the real values it is clipped to, and its scale. */
export interface Rounding {
  readonly affine: Affine;
  readonly low: number;
  readonly high: number;
}

/** A float result that waits for the QuantizeLinear behind it to say how it is rounded. */
export interface Pending {
  readonly kind: 'pending';
  readonly node: Node | undefined;
  readonly name: string;
  readonly dims: readonly number[];
  readonly low: number;
  readonly high: number;
  finish(rounding: Rounding): View;
  /** Emits it as float32, where a kernel can. */
  finishFloat?(): View;
  /** The same with one value added to each output channel, the last axis of `dims`, where the operator has a bias. */
  withBias?(values: Float32Array, node: Node): Pending;
}

/** What shape arithmetic makes: nothing of it reaches a plan, shapes are known. */
export interface ShapeValue {
  readonly kind: 'shape';
}

export type Flow = Constant | Quantized | Real | Pending | ShapeValue;
