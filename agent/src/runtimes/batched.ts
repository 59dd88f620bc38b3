import { Failure } from './child-failure.js';
import type { ChildTask } from './child-wire.js';

/** What the session says of an input: a name, or nothing, where an axis is free. */
interface InputShape {
  readonly name: string;
  readonly shape?: ReadonlyArray<number | string>;
}

/**
 * Pure: the task with the shapes of its batch. All inputs whose first axis is free as the first input's is get it, and all outputs that had one item. Where
 * the model has that batch anyhow, the task is as without it. Throws `runtime.setting-unsupported` for a model of another, fixed one.
 */
export function batched(task: ChildTask, seen: readonly InputShape[]): ChildTask {
  const { batch, inputs, outputs, ...rest } = task;
  if (batch === undefined) return task;
  const [first] = inputs;
  const own = first?.dims[0];
  if (own === batch) return { ...rest, inputs, outputs };
  const axisOf = (name: string): number | string | undefined => seen.find((input) => input.name === name)?.shape?.[0];
  const axis = first && axisOf(first.name);
  if (typeof axis !== 'string' || own !== 1)
    throw new Failure(
      'runtime.setting-unsupported',
      own === undefined
        ? 'the model has no axis for a batch; leave batch out'
        : `the model takes a batch of ${own} alone; leave batch out, or push the model with a free first axis (such as N) as another model`,
    );
  const withBatch = <T extends { readonly dims: ReadonlyArray<number | string> }>(tensor: T): T =>
    tensor.dims[0] === 1 ? { ...tensor, dims: [batch, ...tensor.dims.slice(1)] } : tensor;
  return {
    ...rest,
    batch,
    inputs: inputs.map((input) => (axisOf(input.name) === axis ? withBatch(input) : input)),
    outputs: outputs.map(withBatch),
  };
}
