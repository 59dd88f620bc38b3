/**
 * `times` rounds over the points, every second one backwards: A B B A. What drifts over the rounds (warmth, a neighbour's load) falls on all of them alike.
 */
export function thereAndBack<T>(points: readonly T[], times: number): T[] {
  return Array.from({ length: times }, (_, round) => (round % 2 === 0 ? points : [...points].reverse())).flat();
}
