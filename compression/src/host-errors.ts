import { type ErrorCode, errorText, LabError } from '@hilltop/contracts';

/** What ONNX Runtime says in words, as a code. Wording read from onnxruntime 1.30. */
const patterns: readonly { readonly code: ErrorCode; readonly when: RegExp }[] = [
  {
    code: 'run.out-of-memory',
    when: /bad[_ ]alloc|failed to allocate|out of memory|array buffer allocation failed|invalid array length/i,
  },
  {
    code: 'model.op-unsupported',
    when: /No Op registered for|is not a registered function\/op|Could not find an implementation for|NOT_IMPLEMENTED|is under development and support for this is limited/i,
  },
];

const remedies: Partial<Record<ErrorCode, string>> = {
  'run.out-of-memory': 'the model asks for more memory than it may use',
  'model.op-unsupported':
    'ONNX Runtime has no implementation of an operator of this model: export it with another operator set',
  'run.model-rejected': 'ONNX Runtime refuses the model',
};

/** An ONNX Runtime exception as a LabError with its node, where it names one. */
export function runtimeError(thrown: unknown, stage: 'load' | 'run'): LabError {
  if (thrown instanceof LabError) return thrown;
  const text = errorText(thrown);
  const code = patterns.find((p) => p.when.test(text))?.code ?? 'run.model-rejected';
  // "... a node with name 'x'", "Name:'x'", "Node (x)", "(op_type:Foo, node name: x)": four ways of saying the same.
  const node = /node with name '([^']*)'|Name:'([^']*)'|Node \(([^)]*)\)|node name: ([^)]*)\)/
    .exec(text)
    ?.slice(1)
    .find((m) => m !== undefined);
  const op =
    /No Op registered for (\S+)|Could not find an implementation for ([^ (]+)|(\S+)\(-?\d+\) is not a registered|op_type:\s*([\w.]+)/
      .exec(text)
      ?.slice(1)
      .find((m) => m !== undefined);
  return new LabError(code, `${remedies[code]}${node ? ` (node ${node})` : ''}: ${text.slice(0, 500)}`, {
    stage,
    ...(node && { node }),
    ...(op && { op }),
  });
}
