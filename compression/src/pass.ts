import { LabError, type PassName, type PassParameter, type TensorPack } from '@hilltop/contracts';
import type { Graph } from './graph.js';
import type { Host } from './host.js';
import { type Node, nodeName } from './node.js';

/** What one parameter of a pass takes. */
export interface ParameterSpec {
  /** `names`: a list of strings. */
  readonly type: 'number' | 'integer' | 'boolean' | 'string' | 'names';
  readonly default: PassParameter;
  readonly description: string;
  /** Inclusive bounds of a number. */
  readonly min?: number;
  readonly max?: number;
  /** The only values allowed. */
  readonly values?: readonly (string | number)[];
}

/** What a pass may use besides the graph. */
export interface PassContext {
  readonly host: Host;
  /** The model as it was before the first step of the recipe: what passes that mend compare with. */
  readonly source: Uint8Array;
  /** Present where the pass asked for it; never the evaluation set. */
  readonly calibration?: TensorPack;
  /** Labelled or not; present where the pass asked for it: to choose with. Never the evaluation set. */
  readonly validation?: TensorPack;
  readonly signal?: AbortSignal;
  /** Tells people what was done or left alone. */
  report(note: string): void;
  /** Tells how much of a long step is done, 0 to 1. */
  progress(fraction: number): void;
}

/** Resolved parameters by name. */
export type PassParameters = Readonly<Record<string, PassParameter>>;

/** One compression step. Deterministic: same graph, parameters, calibration and platform give the same graph. */
export interface Pass {
  readonly name: PassName;
  /** Raised whenever the same input and parameters give other bytes. */
  readonly version: number;
  readonly summary: string;
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
  needsCalibration(parameters: PassParameters): boolean;
  needsValidation(parameters: PassParameters): boolean;
  /**
   * Returns the compressed graph; it may be the given one, changed in place.
   * Throws `pass.not-applicable` with details.node, and the codes of Host.
   */
  apply(graph: Graph, parameters: PassParameters, context: PassContext): Promise<Graph>;
}

type ValueOf<S extends ParameterSpec> = S['type'] extends 'number' | 'integer'
  ? number
  : S['type'] extends 'boolean'
    ? boolean
    : S['type'] extends 'names'
      ? readonly string[]
      : S extends { readonly values: readonly (infer V)[] }
        ? Extract<V, string>
        : string;

export type ValuesOf<T extends Readonly<Record<string, ParameterSpec>>> = { readonly [K in keyof T]: ValueOf<T[K]> };

interface PassDefinition<T extends Readonly<Record<string, ParameterSpec>>> {
  readonly name: PassName;
  readonly version: number;
  readonly summary: string;
  readonly parameters: T;
  /** Default: never. */
  needsCalibration?(parameters: ValuesOf<T>): boolean;
  /** Default: never. */
  needsValidation?(parameters: ValuesOf<T>): boolean;
  apply(graph: Graph, parameters: ValuesOf<T>, context: PassContext): Promise<Graph>;
}

/** A pass whose `apply` sees its parameters with their own types. `recipe.ts` is what makes them so: it checks every value. */
export function definePass<const T extends Readonly<Record<string, ParameterSpec>>>(
  definition: PassDefinition<T>,
): Pass {
  const typed = (parameters: PassParameters): ValuesOf<T> => parameters as ValuesOf<T>;
  return {
    ...definition,
    needsCalibration: (parameters) => definition.needsCalibration?.(typed(parameters)) ?? false,
    needsValidation: (parameters) => definition.needsValidation?.(typed(parameters)) ?? false,
    apply: (graph, parameters, context) => definition.apply(graph, typed(parameters), context),
  };
}

/** The refusal of a pass, naming the node it stumbled over. */
export function notApplicable(pass: PassName, why: string, node?: Node | string): LabError {
  const name = node === undefined || typeof node === 'string' ? node : nodeName(node);
  return new LabError('pass.not-applicable', `${pass}: ${why}${name === undefined ? '' : ` (node ${name})`}`, {
    pass,
    ...(name !== undefined && { node: name }),
    ...(typeof node === 'object' && { op: node.opType }),
  });
}

/** The calibration data a pass asked for. Throws `data.missing`. */
export function calibrationOf(context: PassContext): TensorPack {
  if (!context.calibration)
    throw new LabError('data.missing', 'this recipe needs calibration data: push the model with --calib');
  return context.calibration;
}

/** The validation data a pass asked for. Throws `data.missing`. */
export function validationOf(context: PassContext): TensorPack {
  if (!context.validation)
    throw new LabError('data.missing', 'this recipe needs validation data: push the model with --valid');
  return context.validation;
}
