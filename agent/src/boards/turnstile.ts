/**
 * One at a time, in the order of asking. Everything that computes on this machine goes through one of these: an emulated board
 * beside a measurement of the machine itself would disturb it.
 */
export class Turnstile {
  private last: Promise<void> = Promise.resolve();
  private inside: string | undefined;
  private waiting = 0;

  /** Who has the turn, or is about to; undefined when it is free. */
  get holder(): string | undefined {
    return this.inside ?? (this.waiting > 0 ? 'a run before it' : undefined);
  }

  /** Resolves with the way to give the turn back when it is one's turn; an abort gives up and resolves at once. */
  async take(who: string, signal: AbortSignal): Promise<() => void> {
    const before = this.last;
    let leave: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => {
      leave = resolve;
    });
    this.last = before.then(() => mine);
    this.waiting++;
    const entered = await Promise.race([before.then(() => true), aborted(signal)]);
    this.waiting--;
    if (!entered) {
      leave();
      return () => undefined;
    }
    this.inside = who;
    return () => {
      this.inside = undefined;
      leave();
    };
  }
}

function aborted(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(false);
    signal.addEventListener('abort', () => resolve(false), { once: true });
  });
}
