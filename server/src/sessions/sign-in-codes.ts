import { hashSecret, randomBase62 } from '../access/token-secret.js';

/** A code goes from the terminal to the browser at once. */
const codeTtlMs = 15 * 60 * 1000;

/** One-time codes that stand for a user; kept in memory only, as hashes: a restart makes them void. */
export class SignInCodes {
  readonly #codes = new Map<string, { userId: string; expiresMs: number }>();

  constructor(private readonly nowMs: () => number) {}

  mint(userId: string): { code: string; expiresMs: number } {
    const now = this.nowMs();
    for (const [hash, { expiresMs }] of this.#codes) if (expiresMs <= now) this.#codes.delete(hash);
    const code = randomBase62(24);
    const expiresMs = now + codeTtlMs;
    this.#codes.set(hashSecret(code), { userId, expiresMs });
    return { code, expiresMs };
  }

  /** The user's id; undefined for a code that is unknown, used or too old. */
  redeem(code: string): string | undefined {
    const hash = hashSecret(code);
    const found = this.#codes.get(hash);
    this.#codes.delete(hash);
    return found && found.expiresMs > this.nowMs() ? found.userId : undefined;
  }
}
