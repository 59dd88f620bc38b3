import { isLabError, LabError, type PlanFacts, type PlanOpKind, readPlan } from '@hilltop/contracts';
import { checkModel } from '../check-model.js';
import { readGraph, sortNodes } from '../graph.js';
import type { Host } from '../host.js';
import { nodeName } from '../node.js';
import { planArena } from './arena.js';
import type { Draft } from './draft.js';
import { activationNames } from './lifetimes.js';
import { type Lowered, lower } from './lower.js';
import { unsupported } from './unsupported.js';
import { writePlan } from './write.js';

/** Raised whenever the same model gives other bytes. */
export const planCompilerVersion = 1;

export interface CompileOptions {
  /** Finds the shapes of inner tensors. */
  readonly host: Host;
  /** Shapes of inputs, by name, for models whose free axes are more than the batch. */
  readonly dims?: Readonly<Record<string, readonly number[]>>;
  readonly signal?: AbortSignal;
}

/** What one operator of a plan does, in the order of the plan's operators. */
export interface PlanLayer {
  /** The model's node it comes from: its name, else its first output. */
  readonly node: string;
  /** ONNX operator of that node. */
  readonly op: string;
  readonly kind: PlanOpKind;
  readonly macs: number;
}

export interface CompiledPlan {
  readonly plan: Uint8Array;
  readonly facts: PlanFacts;
  readonly layers: readonly PlanLayer[];
  /** What no arena can do without: the most bytes alive in one step, activations and scratch. */
  readonly lowerBound: number;
}

/**
 * Compiles an int8 QDQ model, as the pass quantize-static makes it, into the binary plan that the firmware runs: deterministic, batch 1.
 * Throws `plan.unsupported` with details.node, details.op and details.reason; `model.shape-unknown` where a free axis is not given; the codes of
 * `checkModel` and `Host`.
 */
export async function compilePlan(model: Uint8Array, options: CompileOptions): Promise<CompiledPlan> {
  return planOfDraft(await draftPlan(model, options));
}

/** Plans the memory of a draft and writes it. Throws `plan.unsupported` where it has more tensors than a plan can number. */
export function planOfDraft(draft: Draft): CompiledPlan {
  const arena = planArena(draft);
  const plan = writePlan(draft, arena);
  return {
    plan,
    facts: readPlan(plan),
    layers: draft.ops.map(({ node, kind, macs }) => ({
      node: node ? nodeName(node) : '',
      op: node?.opType ?? '',
      kind,
      macs,
    })),
    lowerBound: arena.plan.lowerBound,
  };
}

/** The plan before memory is planned and bytes are written, with what the model's integers became. Throws as `compilePlan`. */
export async function draftPlan(model: Uint8Array, { host, dims, signal }: CompileOptions): Promise<Lowered> {
  const { inputs } = checkModel(model);
  const graph = readGraph(model);
  sortNodes(graph);
  if (!graph.body.node.some((node) => node.opType === 'QuantizeLinear' || node.opType === 'DequantizeLinear'))
    throw unsupported(
      graph.body.node[0],
      'the model computes in floats: quantize its weights and activations (recipe int8-static)',
    );
  if (inputs.length !== 1 || graph.body.output.length !== 1)
    throw unsupported(
      undefined,
      `it has ${counted('input', inputs)} and ${counted('output', graph.body.output)}: boards take one of each, export it with one`,
    );
  const feeds: Record<string, readonly number[]> = {};
  for (const input of inputs) feeds[input.name] = concrete(input.name, input.dims, dims?.[input.name]);
  return lower(graph, await shapesOf(host, model, activationNames(graph), feeds, signal));
}

async function shapesOf(
  host: Host,
  model: Uint8Array,
  names: readonly string[],
  feeds: Readonly<Record<string, readonly number[]>>,
  signal: AbortSignal | undefined,
) {
  try {
    const shapes = await host.shapes(model, names, { dims: feeds }, signal);
    return new Map(shapes.map((shape) => [shape.tensor, shape]));
  } catch (error) {
    if (!isLabError(error, 'run.model-rejected')) throw error;
    // Most often a Reshape that has another batch written into it.
    throw new LabError('model.shape-unknown', `the model does not run on one item: ${error.message}`, { feeds });
  }
}

/** E.g. `2 inputs (a, b)`. */
function counted(what: string, all: readonly { readonly name: string }[]): string {
  return `${all.length} ${what}${all.length === 1 ? '' : 's'} (${all.map(({ name }) => name).join(', ')})`;
}

/** Shape of an input with batch 1. */
function concrete(
  name: string,
  own: readonly (number | string)[],
  given: readonly number[] | undefined,
): readonly number[] {
  if (given && (given.length !== own.length || own.some((d, i) => typeof d === 'number' && i > 0 && d !== given[i])))
    throw new LabError('model.shape-unknown', `[${given}] is no shape of input ${name}, which is [${own}]`, {
      input: name,
    });
  return own.map((d, i) => {
    if (i === 0 && own.length > 1) {
      if (typeof d === 'number' && d !== 1)
        throw unsupported(name, `its batch is fixed to ${d}: plans run one item at a time, export it with batch 1`);
      return 1;
    }
    const size = typeof d === 'number' ? d : given?.[i];
    if (size === undefined)
      throw new LabError(
        'model.shape-unknown',
        `axis ${i} of input ${name} has no fixed size: state it, for example --shape ${name}=1x3x224x224`,
        { input: name, axis: i },
      );
    return size;
  });
}
