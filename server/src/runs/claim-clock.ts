import { claimTtlMs } from '@hilltop/contracts';

/** A pause between two ticks that no busy machine explains. */
const ownAbsenceMs = 5_000;

interface Claim {
  readonly agentId: string;
  readonly fence: number;
  expiresAt: number;
}

/**
 * When claims run out, by the monotonic clock. Kept in memory on purpose: a coordinator that starts gives every live
 * claim one full time to live, since it cannot know what it missed.
 */
export class ClaimClock {
  readonly #claims = new Map<string, Claim>();
  #tickedAt: number | undefined;

  constructor(private readonly now: () => number = () => performance.now()) {}

  hold(runId: string, agentId: string, fence: number): void {
    this.#claims.set(runId, { agentId, fence, expiresAt: this.now() + claimTtlMs });
  }

  /** Whether the agent does hold the run under this fence; then the claim lives on. */
  renew(runId: string, agentId: string, fence: number): boolean {
    const claim = this.#claims.get(runId);
    if (!claim || claim.agentId !== agentId || claim.fence !== fence) return false;
    claim.expiresAt = this.now() + claimTtlMs;
    return true;
  }

  drop(runId: string): void {
    this.#claims.delete(runId);
  }

  /**
   * To be called every second or so. After a much longer pause it was the coordinator itself that was away (frozen,
   * starved): what agents said meanwhile has not been read yet, and claims live on for as long.
   */
  tick(): void {
    const now = this.now();
    const pause = now - (this.#tickedAt ?? now);
    this.#tickedAt = now;
    if (pause > ownAbsenceMs) for (const claim of this.#claims.values()) claim.expiresAt += pause;
  }

  /** Runs whose claim has run out, with whom it was. */
  expired(): Array<{ runId: string; agentId: string; fence: number }> {
    const now = this.now();
    return [...this.#claims]
      .filter(([, claim]) => claim.expiresAt <= now)
      .map(([runId, { agentId, fence }]) => ({ runId, agentId, fence }));
  }

  get size(): number {
    return this.#claims.size;
  }
}
