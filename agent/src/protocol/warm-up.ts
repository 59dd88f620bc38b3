/** When a process is warm: the part of a protocol that decides it. */
export interface WarmUpRule {
  readonly minMs: number;
  readonly minInferences: number;
  readonly maxMs: number;
}

const windowSize = 10;
const steadyWithin = 0.02;

/**
 * Watches inferences until they are steady: the medians of the last two windows of 10 differ by at most 2 %,
 * and both minima of the rule are reached; or until its longest time has passed.
 */
export class WarmUp {
  private readonly recent = new Float64Array(2 * windowSize);
  private readonly sorted = new Float64Array(windowSize);
  private count = 0;

  constructor(private readonly rule: WarmUpRule) {}

  /** Takes one inference's time; true when the warm-up is over. `elapsedMs` since it began. */
  done(latencyMs: number, elapsedMs: number): boolean {
    this.recent[this.count % this.recent.length] = latencyMs;
    this.count++;
    if (elapsedMs >= this.rule.maxMs) return true;
    return elapsedMs >= this.rule.minMs && this.count >= this.rule.minInferences && this.steady();
  }

  private steady(): boolean {
    if (this.count < this.recent.length) return false;
    const older = this.medianFrom(this.count);
    const newer = this.medianFrom(this.count + windowSize);
    return Math.abs(newer - older) <= steadyWithin * Math.max(older, newer);
  }

  /** Lower median (nearest rank) of ten values of the ring from a position on. */
  private medianFrom(start: number): number {
    for (let i = 0; i < windowSize; i++) this.sorted[i] = this.recent[(start + i) % this.recent.length]!;
    return this.sorted.sort()[windowSize / 2 - 1]!;
  }
}
