/** Allows `rate` per second, sustained, and `burst` at once. `nowMs`: a monotonic clock. */
export class TokenBucket {
  #level: number;
  #at: number;

  constructor(
    private readonly rate: number,
    private readonly burst: number,
    private readonly nowMs: () => number,
  ) {
    this.#level = burst;
    this.#at = nowMs();
  }

  /** Whether `amount` could be taken now. */
  has(amount: number): boolean {
    const now = this.nowMs();
    this.#level = Math.min(this.burst, this.#level + ((now - this.#at) / 1000) * this.rate);
    this.#at = now;
    return amount <= this.#level;
  }

  /** Takes `amount`, or answers false and takes nothing. */
  take(amount: number): boolean {
    if (!this.has(amount)) return false;
    this.#level -= amount;
    return true;
  }

  /** Seconds until `amount` can be taken. */
  secondsUntil(amount: number): number {
    return this.has(amount) ? 0 : (amount - this.#level) / this.rate;
  }
}

/** Keys that are remembered; beyond it everybody starts afresh, so that memory stays bounded. */
const mostKeys = 10_000;

/** A bucket for each address or token: `perMinute` sustained and at once. */
export class KeyedBuckets {
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(
    private readonly perMinute: number,
    private readonly nowMs: () => number,
  ) {}

  of(key: string): TokenBucket {
    const known = this.#buckets.get(key);
    if (known) return known;
    if (this.#buckets.size >= mostKeys) this.#buckets.clear();
    const bucket = new TokenBucket(this.perMinute / 60, this.perMinute, this.nowMs);
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
