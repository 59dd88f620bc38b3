/**
 * A small set of layers to keep float, so that `holds` says yes, when it does not for none. `ranked`: most sensitive first; at most
 * `most` are kept. Prefixes of the list grow until one holds, and bisection finds where that begins. That takes more float layers
 * for better, which is not always true: where no doubled length holds the others are asked for, and in the end each kept
 * layer is given back, least sensitive first, if it holds without. The answer is what `holds` last said yes to; undefined
 * where it never did. Asks at most 2 `most` + log2 `most` times, never twice the same.
 */
export async function smallestSet(
  ranked: readonly string[],
  most: number,
  holds: (kept: readonly string[]) => Promise<boolean>,
): Promise<readonly string[] | undefined> {
  const limit = Math.min(most, ranked.length);
  const failed = new Set([0]);
  const prefixHolds = async (length: number): Promise<boolean> => {
    if (failed.has(length)) return false;
    if (await holds(ranked.slice(0, length))) return true;
    failed.add(length);
    return false;
  };
  const doubled: number[] = [];
  for (let k = 1; k < limit; k *= 2) doubled.push(k);
  const others = Array.from({ length: limit }, (_, i) => limit - i);
  let enough: number | undefined;
  for (const length of [...doubled, ...others]) {
    if (!(await prefixHolds(length))) continue;
    enough = length;
    break;
  }
  if (enough === undefined) return undefined;
  let fails = Math.max(...[...failed].filter((length) => length < enough!));
  while (enough - fails > 1) {
    const middle = Math.floor((enough + fails) / 2);
    if (await prefixHolds(middle)) enough = middle;
    else fails = middle;
  }
  let kept = ranked.slice(0, enough);
  // Without its last layer the prefix was seen to fail.
  for (const layer of kept.slice(0, -1).reverse()) {
    const without = kept.filter((name) => name !== layer);
    if (await holds(without)) kept = without;
  }
  return kept;
}
