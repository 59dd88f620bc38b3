import { floatAttribute, type Node, stringAttribute } from '../node.js';
import { roundEven } from '../quantize/integers.js';

type Make = (node: Node) => (x: number) => number;
const plain =
  (of: (x: number) => number): Make =>
  () =>
    of;
/** An attribute as the runtime has it: in float32. */
const attribute = (node: Node, name: string, fallback: number): number =>
  Math.fround(floatAttribute(node, name, fallback));

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** 2 / sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (1 3 5 .. (2n+1)) (Abramowitz and Stegun 7.1.6): no term is negative, nothing cancels. */
function erf(x: number): number {
  // Nearer to 1 than a float32 can tell.
  if (Math.abs(x) > 5) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const gelu: Make = (node) =>
  stringAttribute(node, 'approximate', 'none') === 'tanh'
    ? (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
    : (x) => 0.5 * x * (1 + erf(x / Math.SQRT2));

/** Operators that change each value by itself: behind a DequantizeLinear they are a table of 256 entries. */
export const functions: Readonly<Record<string, Make>> = {
  Abs: plain(Math.abs),
  Ceil: plain(Math.ceil),
  Celu: (node) => {
    const alpha = attribute(node, 'alpha', 1);
    return (x) => Math.max(0, x) + Math.min(0, alpha * (Math.exp(x / alpha) - 1));
  },
  Cos: plain(Math.cos),
  Elu: (node) => {
    const alpha = attribute(node, 'alpha', 1);
    return (x) => (x < 0 ? alpha * (Math.exp(x) - 1) : x);
  },
  Erf: plain(erf),
  Exp: plain(Math.exp),
  Floor: plain(Math.floor),
  Gelu: gelu,
  HardSigmoid: (node) => {
    const [alpha, beta] = [attribute(node, 'alpha', 0.2), attribute(node, 'beta', 0.5)];
    return (x) => Math.max(0, Math.min(1, alpha * x + beta));
  },
  HardSwish: plain((x) => x * Math.max(0, Math.min(1, x / 6 + 0.5))),
  LeakyRelu: (node) => {
    const alpha = attribute(node, 'alpha', 0.01);
    return (x) => (x < 0 ? alpha * x : x);
  },
  Log: plain(Math.log),
  Mish: plain((x) => x * Math.tanh(Math.log1p(Math.exp(x)))),
  Neg: plain((x) => -x),
  Reciprocal: plain((x) => 1 / x),
  Round: plain(roundEven),
  Selu: (node) => {
    const [alpha, gamma] = [attribute(node, 'alpha', 1.6732631921768188), attribute(node, 'gamma', 1.0507010221481323)];
    return (x) => gamma * (x < 0 ? alpha * (Math.exp(x) - 1) : x);
  },
  Sigmoid: plain(sigmoid),
  Sign: plain(Math.sign),
  Sin: plain(Math.sin),
  Softplus: plain((x) => Math.log1p(Math.exp(x))),
  Softsign: plain((x) => x / (1 + Math.abs(x))),
  Swish: (node) => {
    const alpha = attribute(node, 'alpha', 1);
    return (x) => x * sigmoid(alpha * x);
  },
  Sqrt: plain(Math.sqrt),
  Tanh: plain(Math.tanh),
  ThresholdedRelu: (node) => {
    const alpha = attribute(node, 'alpha', 1);
    return (x) => (x > alpha ? x : 0);
  },
};

/** Functions of two values that may become one of one: with a number, or with another function of the same tensor. */
export const binaryFunctions: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Min: Math.min,
  Max: Math.max,
  Pow: (a, b) => a ** b,
  PRelu: (a, b) => (a < 0 ? a * b : a),
};
