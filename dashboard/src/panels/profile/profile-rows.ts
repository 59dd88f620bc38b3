import type { ProfiledLayer } from '@hilltop/contracts';

/** So many layers are shown: those that take longest, in the order of execution. */
const shown = 40;

export interface ProfileRows {
  readonly rows: ReadonlyArray<ProfiledLayer & { /** Of the longest bar, 0..1. */ readonly bar: number }>;
  /** The layers that are not shown. */
  readonly rest?: { readonly layers: number; readonly share: number };
  readonly inferences: number;
}

/** The rows of the table of layers. */
export function profileRows(layers: readonly ProfiledLayer[], most: number = shown): ProfileRows {
  const longest = [...layers].sort((a, b) => b.meanMs - a.meanMs);
  const kept = new Set(longest.slice(0, most));
  const left = longest.slice(most);
  const highest = longest[0]?.meanMs ?? 0;
  return {
    rows: layers
      .filter((layer) => kept.has(layer))
      .map((layer) => ({ ...layer, bar: highest > 0 ? layer.meanMs / highest : 0 })),
    ...(left.length > 0 && {
      rest: { layers: left.length, share: left.reduce((sum, { share }) => sum + share, 0) },
    }),
    inferences: layers[0]?.inferences ?? 0,
  };
}
