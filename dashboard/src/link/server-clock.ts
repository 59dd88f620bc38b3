/** The clock of the server rules: ages are shown against it, not against a browser whose clock is wrong. */
export class ServerClock {
  private offsetMs = 0;

  constructor(private readonly now: () => number) {}

  /** Takes the `Date` header of an answer. It counts whole seconds, so smaller differences are not believed. */
  observe(dateHeader: string | undefined): void {
    const server = dateHeader === undefined ? Number.NaN : Date.parse(dateHeader);
    if (Number.isNaN(server)) return;
    const offset = server - this.now();
    this.offsetMs = Math.abs(offset) > 2000 ? offset : 0;
  }

  /** Milliseconds since 1970 by the server. */
  nowMs(): number {
    return this.now() + this.offsetMs;
  }
}
