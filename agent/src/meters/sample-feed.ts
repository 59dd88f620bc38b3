import { LabError } from '@hilltop/contracts';
import type { Timer } from '@hilltop/firmware-bridge';
import { FaultTeller, type MeterFault } from './faults.js';
import type { MeterListener } from './meter.js';
import { clockLimits, IntervalEdges, SampleClock } from './sample-clock.js';

/** Missing samples, as time: so much within a second is a fault of the window. 500 samples of a PPK2. */
const lostLimitMs = 5;
const firstValueMs = 5000;
/** How long the end waits for the interval that holds it. */
const tailMs = 300;

/** What every meter that streams numbered samples does with them: times on the host's clock, and faults. */
export class SampleFeed {
  readonly clock: SampleClock;
  private readonly edges: IntervalEdges;
  private readonly faults: FaultTeller;
  private lost = { sinceMs: 0, ms: 0 };
  private toldMs = Number.NEGATIVE_INFINITY;
  private readonly waiting = new Set<{ readonly untilMs: number; readonly done: () => void }>();

  constructor(
    private readonly listener: MeterListener,
    periodMs: number,
    private readonly timer: Timer,
    private readonly name: string,
  ) {
    this.clock = new SampleClock(periodMs);
    this.edges = new IntervalEdges(this.clock);
    this.faults = new FaultTeller(listener);
  }

  /** All samples before `index` are here now. */
  arrived(index: number): void {
    const now = this.timer.now();
    const finding = this.clock.note(index, now);
    if (finding?.kind === 'step')
      this.faults.tellSince(
        'meter.samples-lost',
        finding.sinceMs,
        now,
        `they come ${finding.ms.toFixed(1)} ms later than they were taken`,
      );
    if (finding?.kind === 'drift')
      this.faults.tell(
        'meter.clock-drift',
        now,
        `by ${(finding.rate * 1e6).toFixed(0)} ppm, at most ${clockLimits.driftRate * 1e6}`,
      );
  }

  /** Power of the samples `[first, end)`, W; left out until the clock has settled. */
  power(first: number, end: number, meanW: number, minW: number, maxW: number): void {
    if (!this.clock.ready) return;
    const startMs = this.edges.at(first);
    const endMs = this.edges.at(end);
    this.listener.onPower(0, { startMs, endMs, meanW, minW, maxW });
    this.toldMs = endMs;
    for (const wait of [...this.waiting]) {
      if (wait.untilMs <= endMs) wait.done();
    }
  }

  /** So many samples are missing. */
  missing(samples: number): void {
    const now = this.timer.now();
    if (now - this.lost.sinceMs > 1000) this.lost = { sinceMs: now, ms: 0 };
    this.lost.ms += samples * this.clock.periodMs;
    if (this.lost.ms > lostLimitMs)
      this.faults.tell('meter.samples-lost', now, `${this.lost.ms.toFixed(1)} ms of samples within a second`);
  }

  fault(code: MeterFault, detail?: string): void {
    this.faults.tell(code, this.timer.now(), detail);
  }

  gone(reason: LabError | undefined): void {
    this.faults.tell('meter.unplugged', this.timer.now(), reason?.message, 'fatal');
    for (const { done } of [...this.waiting]) done();
  }

  /** Resolves once power was told. Throws `device.no-answer`. */
  async first(): Promise<void> {
    await this.until(Number.NEGATIVE_INFINITY, firstValueMs);
    if (!Number.isFinite(this.toldMs))
      throw new LabError('device.no-answer', `${this.name} gives no samples; unplug it and plug it in again`);
  }

  /** Resolves when power was told up to now, or that takes too long. */
  async tail(): Promise<void> {
    await this.until(this.timer.now(), tailMs);
    const since = this.clock.doubtSince();
    if (since !== undefined)
      this.faults.tellSince('meter.samples-lost', since, this.timer.now(), 'perhaps: the last came late');
  }

  private async until(untilMs: number, mostMs: number): Promise<void> {
    if (Number.isFinite(this.toldMs) && this.toldMs >= untilMs) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        cancel();
        this.waiting.delete(wait);
        resolve();
      };
      const wait = { untilMs, done };
      this.waiting.add(wait);
      const cancel = this.timer.after(mostMs, done);
    });
  }
}
