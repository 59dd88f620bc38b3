import { nonDominated } from '../../frontier/dominance.js';
import { hypervolume } from '../../frontier/hypervolume.js';

/** How much volume a point adds to a frontier; all coordinates minimised. */
export class Improvement {
  readonly volume: number;
  private readonly front: readonly (readonly number[])[];

  constructor(
    points: readonly (readonly number[])[],
    private readonly corner: readonly number[],
  ) {
    const inside = points.filter((point) => point.every((value, i) => value < corner[i]!));
    this.front = nonDominated(inside)
      .map((i) => inside[i]!)
      .sort((a, b) => a[0]! - b[0]!);
    this.volume = hypervolume(this.front, corner);
  }

  of(point: readonly number[]): number {
    if (!point.every((value, i) => value < this.corner[i]!)) return 0;
    if (this.corner.length === 2) return this.area(point[0]!, point[1]!);
    // What the point does not reach adds the same with and without it.
    const clipped = this.front.map((other) => other.map((value, i) => Math.max(value, point[i]!)));
    const box = this.corner.reduce((product, edge, i) => product * (edge - point[i]!), 1);
    return Math.max(0, box - hypervolume(clipped, this.corner));
  }

  /** Under the staircase, step by step. */
  private area(x: number, y: number): number {
    const [right, top] = this.corner as [number, number];
    let [sum, from, height] = [0, x, top];
    for (const [fx, fy] of this.front as readonly [number, number][]) {
      if (fx > from) {
        sum += (fx - from) * (height - y);
        from = fx;
      }
      height = Math.min(height, fy);
      if (height <= y) return sum;
    }
    return sum + (right - from) * (height - y);
  }
}
