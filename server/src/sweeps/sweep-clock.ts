/** Time as sweeps see it; tests let it pass themselves. */
export class SweepClock {
  constructor(readonly nowMs: () => number = Date.now) {}

  now(): string {
    return new Date(this.nowMs()).toISOString();
  }
}
