import { comparedMost, type View } from './view.js';

/**
 * Chooses a point, in the chart, the matrix and the tables alike. `pin`: it is the one looked at, or no longer;
 * `toggle`: it is among the compared ones, or no longer. The full list takes no more. Pure: what changes in the view.
 */
export function selectPoint(
  view: Pick<View, 'sel' | 'compare'>,
  key: string,
  how: 'pin' | 'toggle',
): Pick<Partial<View>, 'sel' | 'compare'> {
  if (how === 'pin') return { sel: view.sel === key ? undefined : key };
  const before = view.compare ?? [];
  if (before.includes(key)) return { compare: before.filter((each) => each !== key) };
  return { compare: before.length < comparedMost ? [...before, key] : before };
}

/** Several at once (a brush): they join the compared ones, in their order, as far as there is room. */
export function selectPoints(view: Pick<View, 'compare'>, keys: readonly string[]): Pick<Partial<View>, 'compare'> {
  return { compare: [...new Set([...(view.compare ?? []), ...keys])].slice(0, comparedMost) };
}
