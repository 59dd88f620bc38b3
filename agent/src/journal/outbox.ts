import { type JournalBatch, journalWindow } from '@hilltop/contracts';
import type { Journal } from './journal.js';

/** Waits before everything unacknowledged is sent again; the last one repeats. */
const resendMs = [5_000, 10_000, 20_000, 60_000];

export interface OutboxPorts {
  /** Sends a batch; false when the link is down. */
  readonly publish: (batch: JournalBatch) => boolean;
  readonly setTimer: (run: () => void, ms: number) => () => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Sends the durable part of the journal while the link is up, a window at a time, in order. Delivery is only
 * what the coordinator acknowledges after its commit; a PUBACK would prove nothing.
 */
export class Outbox {
  private next = 1;
  private open = false;
  private running = false;
  private again = false;
  private tries = 0;
  private stopTimer: () => void = () => undefined;

  constructor(
    private readonly journal: Journal,
    private readonly ports: OutboxPorts,
  ) {
    journal.onDurable = () => this.pump();
  }

  /** The coordinator has everything below `nextSeq`; from there on it is sent (again). */
  start(nextSeq: number): void {
    this.open = true;
    this.tries = 0;
    this.next = nextSeq;
    this.pump();
  }

  stop(): void {
    this.open = false;
    this.stopTimer();
  }

  /** Whether everything durable is acknowledged. */
  get empty(): boolean {
    return this.journal.firstSeq > this.journal.durableSeq;
  }

  async acknowledge(nextSeq: number): Promise<void> {
    if (nextSeq > this.journal.firstSeq) this.tries = 0;
    await this.journal.acknowledge(nextSeq);
    this.next = Math.max(this.next, this.journal.firstSeq);
    this.pump();
  }

  pump(): void {
    this.again = true;
    if (this.running || !this.open) return;
    this.running = true;
    this.send()
      .catch(this.ports.onError)
      .finally(() => {
        this.running = false;
        if (this.again && this.open) this.pump();
      });
  }

  private async send(): Promise<void> {
    this.again = false;
    const { journal } = this;
    while (this.open && this.next <= journal.durableSeq) {
      const records: JournalBatch['records'] = [];
      let bytes = 0;
      let from = this.next;
      // What is on its way already counts against the window.
      for (let seq = journal.firstSeq; seq < from; seq++) bytes += journal.sizeOf(seq);
      const room = journalWindow.records - (from - journal.firstSeq);
      while (records.length < room && from <= journal.durableSeq) {
        const size = journal.sizeOf(from);
        if (bytes + size > journalWindow.bytes && bytes > 0) break;
        records.push({ seq: from, event: await journal.read(from) });
        bytes += size;
        from++;
      }
      const { id } = journal;
      if (records.length === 0) break;
      // An answer that came in while we were reading has moved the window.
      if (records[0]!.seq !== this.next) continue;
      if (!this.open || !this.ports.publish({ journalId: id, records })) return;
      this.next = from;
    }
    this.watch();
  }

  private watch(): void {
    this.stopTimer();
    if (this.empty || !this.open) return;
    const wait = resendMs[Math.min(this.tries, resendMs.length - 1)]!;
    this.stopTimer = this.ports.setTimer(() => {
      this.tries++;
      this.next = this.journal.firstSeq;
      this.pump();
    }, wait);
  }
}
