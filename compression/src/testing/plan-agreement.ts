import { create } from '@bufbuild/protobuf';
import {
  dequantizeOutput,
  type PlanFacts,
  quantizeInput,
  type TensorPack,
  type TensorPackInput,
} from '@hilltop/contracts';
import { ValueInfoProtoSchema } from 'onnx-buf';
import { feedItems, planFeed } from '../feed.js';
import { readGraph, sortNodes, writeGraph } from '../graph.js';
import type { Host } from '../host.js';
import { makeNode } from '../node.js';
import { draftPlan, planOfDraft } from '../plan/compile.js';
import type { Lowered } from '../plan/lower.js';
import { rowIndices } from '../plan/view.js';
import { DataType, float32Tensor, int64Tensor } from '../tensor.js';
import { overflows, withUnsignedWeights } from './exact-weights.js';
import { valueInfo } from './models.js';
import type { PlanItems } from './plan-host.js';

/** How far what a plan computes is from what ONNX Runtime computes, in steps of the 8-bit scale. */
export interface Agreement {
  readonly outputs: number;
  /** Values one step apart, and further apart. */
  readonly byOne: number;
  readonly byMore: number;
}

/** Of the output of one layer, inner or last. */
export interface LayerAgreement extends Agreement {
  /** The model's node, its operator, and the operator of the plan. */
  readonly layer: string;
}

const none: Agreement = { outputs: 0, byOne: 0, byMore: 0 };

export const together = (parts: readonly Agreement[]): Agreement =>
  parts.reduce(
    (a, b) => ({ outputs: a.outputs + b.outputs, byOne: a.byOne + b.byOne, byMore: a.byMore + b.byMore }),
    none,
  );

/** The layer with the largest share of outputs that differ. */
export function worstLayer(layers: readonly LayerAgreement[]): LayerAgreement | undefined {
  const share = ({ byOne, byMore, outputs }: Agreement): number => (byOne + byMore) / outputs;
  return layers.reduce<LayerAgreement | undefined>((a, b) => (a && share(a) >= share(b) ? a : b), undefined);
}

/** What is said of many layers: counts, and the worst one. */
export function agreementText(layers: readonly LayerAgreement[]): string {
  const { outputs, byOne, byMore } = together(layers);
  const worst = worstLayer(layers);
  const most = worst && `; most in ${worst.layer}: ${worst.byOne + worst.byMore} of ${worst.outputs}`;
  return `${outputs} outputs of ${layers.length} layers compared: ${byOne} differ by 1, ${byMore} by more${byOne + byMore > 0 ? most : ''}\n`;
}

/** Runs a plan: outputs of the plan, and what each operator writes, item by item. */
export interface PlanRunner {
  run(plan: Uint8Array, items: PlanItems): Uint8Array[];
  layers(plan: Uint8Array, items: PlanItems): Uint8Array[][];
}

/** Bytes of the plan's inputs for each item of a pack of float items. */
export function planItems(facts: PlanFacts, pack: TensorPack): Uint8Array[][] {
  const inputs = facts.inputs.map(({ dims }, i) => ({ name: `${i}`, type: 'float32', dims }));
  const feed = planFeed(pack, inputs);
  return Array.from({ length: pack.items }, (_, item) => {
    const values = feedItems(pack, feed, item, item + 1);
    return facts.inputs.map((input, i) => quantizeInput(input, values[`${i}`]!.data as Float32Array));
  });
}

/**
 * Compiles a model and compares it with ONNX Runtime, layer by layer and as a whole. Layers: both compute on the same inputs, what the plan wrote
 * for the layers in front, so that one rounding is not counted again in each layer behind. The last entry is output 0 from the model's input.
 * Throws as `compilePlan` and `Host`.
 */
export async function layerAgreement(
  model: Uint8Array,
  pack: TensorPack,
  host: Host,
  runner: PlanRunner,
): Promise<LayerAgreement[]> {
  const draft = await draftPlan(model, { host });
  const { plan, facts, layers } = planOfDraft(draft);
  const items = planItems(facts, pack);
  const reference = overflows(host.platform) ? withUnsignedWeights(model) : model;
  const written = runner.layers(plan, items);
  const compared = comparedTensors(draft);
  const own = compared.map(({ op, places }) => written.map((item) => inOrder(item[op]!, places)));
  const found = compared.map(({ op }) => {
    const { node, op: type, kind } = layers[op]!;
    return { layer: `${node} (${type}, ${kind})`, outputs: 0, byOne: 0, byMore: 0 };
  });
  const fed = { ...pack, inputs: [...pack.inputs, asInput(own, pack.items)] };
  // A model of one float layer has none.
  const data =
    compared.length > 0 ? (await host.outputs(onOwnInputs(reference, compared), fed)).data : new Float32Array(0);
  let at = 0;
  for (let item = 0; item < pack.items; item++)
    compared.forEach(({ shift }, i) => {
      const [values, count] = [own[i]![item]!, found[i]!];
      for (const value of values) {
        const steps = Math.abs(value - data[at++]! - shift);
        if (steps === 1) count.byOne++;
        else if (steps !== 0) count.byMore++;
      }
      count.outputs += values.length;
    });
  if (at !== data.length) throw new Error(`${at} values of plans against ${data.length} of ONNX Runtime`);
  const whole = outputAgreement(facts, runner.run(plan, items), (await host.outputs(reference, pack)).data);
  return [...found, { layer: 'the output, from the input', ...whole }];
}

interface ComparedTensor {
  readonly tensor: string;
  /** Index of the operator that writes it. */
  readonly op: number;
  readonly dims: readonly number[];
  /** For each place in the plan's memory the index of its value in the tensor. */
  readonly places: Int32Array;
  /** From the model's integers to those of the plan. */
  readonly shift: number;
}

/** Tensors of integers that operators write, each once. */
function comparedTensors({ integers, ops }: Lowered): ComparedTensor[] {
  const seen = new Set<unknown>();
  return [...integers].flatMap(([tensor, { view, shift }]) => {
    const op = ops.findIndex(({ output }) => output.storage === view.storage);
    if (op < 0 || seen.has(view.storage)) return [];
    seen.add(view.storage);
    return [{ tensor, op, dims: view.dims, places: rowIndices(view), shift }];
  });
}

function inOrder(bytes: Uint8Array, places: Int32Array): Int8Array {
  const values = new Int8Array(bytes.length);
  for (let p = 0; p < bytes.length; p++) values[places[p]!] = bytes[p]!;
  return values;
}

/** Values of all tensors of an item, one behind the other: a pack has few inputs. */
function asInput(own: readonly (readonly Int8Array[])[], items: number): TensorPackInput {
  const size = own.reduce((sum, [first]) => sum + first!.length, 0);
  const data = new Float32Array(size * items);
  let at = 0;
  for (let item = 0; item < items; item++)
    for (const values of own) {
      data.set(values[item]!, at);
      at += values[item]!.length;
    }
  return { type: 'float32', dims: [size], scale: 1, offset: 0, data: new Uint8Array(data.buffer) };
}

/** The model with the tensors from an input of their own for what reads them, and as one output, as it computes them. */
function onOwnInputs(model: Uint8Array, compared: readonly ComparedTensor[]): Uint8Array {
  const graph = readGraph(model);
  const fed = new Map(compared.map(({ tensor }, i) => [tensor, `own.${i}`]));
  for (const node of graph.body.node) node.input = node.input.map((name) => fed.get(name) ?? name);
  const sizes = compared.map(({ places }) => places.length);
  graph.body.input.push(valueInfo({ name: 'own', dims: ['N', sizes.reduce((sum, size) => sum + size, 0)] }));
  graph.body.initializer.push(int64Tensor('sizes', [sizes.length], sizes.map(BigInt)));
  const nodes = [
    makeNode(
      'Split',
      ['own', 'sizes'],
      sizes.map((_, i) => `part.${i}`),
      { axis: 1 },
    ),
  ];
  compared.forEach(({ tensor, dims, shift }, i) => {
    const batched = dims[0] === 1;
    graph.body.initializer.push(
      float32Tensor(`shift.${i}`, [], Float32Array.of(shift)),
      int64Tensor(`dims.${i}`, [dims.length], [batched ? -1n : BigInt(dims[0]!), ...dims.slice(1).map(BigInt)]),
    );
    nodes.push(
      makeNode('Sub', [`part.${i}`, `shift.${i}`], [`float.${i}`]),
      makeNode('Reshape', [`float.${i}`, `dims.${i}`], [`shaped.${i}`]),
      makeNode('Cast', [`shaped.${i}`], [`own.${i}`], { to: shift === 0 ? DataType.INT8 : DataType.UINT8 }),
      makeNode('Cast', [tensor], [`layer.${i}`], { to: DataType.FLOAT }),
      makeNode('Flatten', [`layer.${i}`], [`row.${i}`], { axis: batched ? 1 : 0 }),
    );
  });
  const rows = compared.map((_, i) => `row.${i}`);
  graph.body.node.push(...nodes, makeNode('Concat', rows, ['layers'], { axis: 1 }));
  graph.body.output = [create(ValueInfoProtoSchema, { name: 'layers' })];
  sortNodes(graph);
  return writeGraph(graph);
}

/** A float output has no scale: a step is 1/255 of the range of all its values, what quantizing it would round to. */
function outputAgreement(facts: PlanFacts, own: readonly Uint8Array[], data: Float32Array): Agreement {
  const output = facts.outputs[0]!;
  const range = data.reduce((m, v) => Math.max(m, v), -Infinity) - data.reduce((m, v) => Math.min(m, v), Infinity);
  const step = output.type === 'int8' ? output.scale : range / 255 || 1;
  let [byOne, byMore, at] = [0, 0, 0];
  for (const bytes of own)
    for (const value of dequantizeOutput(output, bytes)) {
      const steps = Math.round(Math.abs(value - data[at++]!) / step);
      if (steps === 1) byOne++;
      else if (steps !== 0) byMore++;
    }
  return { outputs: at, byOne, byMore };
}
