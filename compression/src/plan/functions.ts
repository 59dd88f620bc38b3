import { floatAttribute, type Node } from '../node.js';

type Make = (node: Node) => (x: number) => number;
const plain =
  (of: (x: number) => number): Make =>
  () =>
    of;
/** An attribute as the runtime has it: in float32. */
const attribute = (node: Node, name: string, fallback: number): number =>
  Math.fround(floatAttribute(node, name, fallback));

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Operators that change each value by itself: behind a DequantizeLinear they are a table of 256 entries. */
export const functions: Readonly<Record<string, Make>> = {
  Abs: plain(Math.abs),
  Ceil: plain(Math.ceil),
  Elu: (node) => {
    const alpha = attribute(node, 'alpha', 1);
    return (x) => (x < 0 ? alpha * (Math.exp(x) - 1) : x);
  },
  Exp: plain(Math.exp),
  Floor: plain(Math.floor),
  HardSigmoid: (node) => {
    const [alpha, beta] = [attribute(node, 'alpha', 0.2), attribute(node, 'beta', 0.5)];
    return (x) => Math.max(0, Math.min(1, alpha * x + beta));
  },
  HardSwish: plain((x) => x * Math.max(0, Math.min(1, x / 6 + 0.5))),
  LeakyRelu: (node) => {
    const alpha = attribute(node, 'alpha', 0.01);
    return (x) => (x < 0 ? alpha * x : x);
  },
  Mish: plain((x) => x * Math.tanh(Math.log1p(Math.exp(x)))),
  Neg: plain((x) => -x),
  Selu: (node) => {
    const [alpha, gamma] = [attribute(node, 'alpha', 1.6732631921768188), attribute(node, 'gamma', 1.0507010221481323)];
    return (x) => gamma * (x < 0 ? alpha * (Math.exp(x) - 1) : x);
  },
  Sigmoid: plain(sigmoid),
  Softplus: plain((x) => Math.log1p(Math.exp(x))),
  Softsign: plain((x) => x / (1 + Math.abs(x))),
  Swish: (node) => {
    const alpha = attribute(node, 'alpha', 1);
    return (x) => x * sigmoid(alpha * x);
  },
  Sqrt: plain(Math.sqrt),
  Tanh: plain(Math.tanh),
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
