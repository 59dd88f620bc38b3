import { LabError } from '@hilltop/contracts';
import { ModelWalk, type ValueSeen } from './model-walk.js';

/** One input or output of a model. */
export interface TensorFacts {
  readonly name: string;
  /** ONNX element type in lower case, e.g. `float32`, `int64`, `uint8`, `string`; `unknown` where the model does not say. */
  readonly type: string;
  /** A number where fixed, a name (or '') where dynamic; empty for a scalar. */
  readonly dims: readonly (number | string)[];
}

/** What is known of a model without running it. */
export interface ModelFacts {
  readonly irVersion: number;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  readonly producer: string;
  /** Graph inputs that have to be fed: initializers are left out. */
  readonly inputs: readonly TensorFacts[];
  readonly outputs: readonly TensorFacts[];
  /** Nodes, those of sub-graphs and functions included. */
  readonly nodes: number;
  /** Elements of all initializers and Constant nodes of a type that can hold weights (floats and 2- to 16-bit integers). */
  readonly parameters: number;
}

/**
 * Domains whose operators ONNX Runtime brings itself; everything else would need a library from the uploader.
 * `ai.onnx` is an alias of ''.
 */
const knownDomains = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft']);

/**
 * Checks an untrusted ONNX file by walking its wire format; nothing is decoded before it passed.
 * Throws `model.not-onnx`, `model.truncated`, `model.tensor-size`, `model.external-data`, `model.too-complex`, `model.op-domain`.
 */
export function checkModel(bytes: Uint8Array): ModelFacts {
  const walk = new ModelWalk(bytes);
  walk.run();
  for (const [domain, opTypes] of walk.domains) {
    if (knownDomains.has(domain)) continue;
    for (const opType of opTypes) {
      if (walk.functions.has(`${domain}:${opType}`)) continue;
      throw new LabError(
        'model.op-domain',
        `operator ${opType} is of domain ${domain}; only the standard ones, ai.onnx.ml and com.microsoft can run here: export the model without it`,
        { domain, opType },
      );
    }
  }
  const facts = (value: ValueSeen): TensorFacts => ({ name: value.name, type: value.type, dims: value.dims });
  return {
    irVersion: walk.irVersion,
    opsets: walk.opsets,
    producer: walk.producer,
    inputs: walk.inputs.filter((input) => !walk.initializers.has(input.name)).map(facts),
    outputs: walk.outputs.map(facts),
    nodes: walk.nodes,
    parameters: walk.parameters,
  };
}
