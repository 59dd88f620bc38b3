import type { TensorFacts } from '@hilltop/compression';
import type { TensorInfo } from '@hilltop/contracts';

/**
 * What keeps `found` from taking the place of `wanted`, one sentence each: they are paired by order, names do not count. A free
 * dimension takes any size; a type that the file does not tell is left to the run that follows.
 */
export function interfaceDifferences(
  what: 'input' | 'output',
  wanted: readonly TensorInfo[],
  found: readonly TensorFacts[],
): string[] {
  if (wanted.length !== found.length)
    return [`it has ${found.length} ${what}s (${names(found)}), the model ${wanted.length} (${names(wanted)})`];
  return wanted.flatMap((want, i) => {
    const got = found[i]!;
    const sameType = got.type === want.type || got.type === 'unknown';
    const sameShape =
      got.dims.length === want.dims.length &&
      got.dims.every((d, axis) => typeof d === 'string' || d === want.dims[axis]);
    return sameType && sameShape
      ? []
      : [`its ${what} ${got.name} is ${text(got)}, the model's ${what} ${want.name} is ${text(want)}`];
  });
}

const names = (tensors: readonly { readonly name: string }[]): string => tensors.map((t) => t.name).join(', ');
const text = ({ type, dims }: TensorFacts): string => `${type} [${dims.map((d) => (d === '' ? '?' : d)).join(', ')}]`;
