import { claimTtlMs } from '@hilltop/contracts';

/** Silence after which an agent counts as gone. */
export const silenceMs = claimTtlMs;

/** Who was heard lately, by the monotonic clock. Empty at start: everyone is away until it says hello. */
export class Presence {
  readonly #heard = new Map<string, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** The agent said something; only hello makes it present. */
  heard(agentId: string): void {
    if (this.#heard.has(agentId)) this.#heard.set(agentId, this.now());
  }

  arrived(agentId: string): void {
    this.#heard.set(agentId, this.now());
  }

  left(agentId: string): void {
    this.#heard.delete(agentId);
  }

  online(agentId: string): boolean {
    return this.#heard.has(agentId);
  }

  /** Agents that have been silent for too long. */
  silent(): string[] {
    const limit = this.now() - silenceMs;
    return [...this.#heard].filter(([, at]) => at < limit).map(([agentId]) => agentId);
  }
}
