import { type ConsoleText, consoleTextLimit } from '@hilltop/contracts';

/** What of a run's text is kept: the newest, one batch of observations. */
export const consoleKeptBytes = 65_536;
const shortestMs = 100;

export interface ConsoleFeedPorts {
  /** Sends to the lab; lossy. The device's id is added by who knows it. */
  readonly send: (text: Omit<ConsoleText, 'deviceId'>) => void;
  readonly clock: { readonly monotonic: () => number; readonly wall: () => number };
  /** Calls once after so many ms. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/** Text of a board on its way to people: live at most ten times a second, and the newest 64 KiB of each run. */
export class ConsoleFeed {
  private runId: string | undefined;
  private kept = Buffer.alloc(0);
  private pending = '';
  private dropped = 0;
  private seq = 0;
  private sentAt = Number.NEGATIVE_INFINITY;
  private cancel: (() => void) | undefined;

  constructor(private readonly ports: ConsoleFeedPorts) {}

  /** The run that the board carries out. */
  get run(): string | undefined {
    return this.runId;
  }

  push(text: string): void {
    const plain = printable(text);
    if (plain === '') return;
    if (this.runId !== undefined)
      this.kept = Buffer.concat([this.kept, Buffer.from(plain, 'utf8')]).subarray(-consoleKeptBytes);
    this.pending += plain;
    const over = this.pending.length - consoleTextLimit;
    if (over > 0) {
      this.dropped += over;
      this.pending = this.pending.slice(over);
    }
    const wait = this.sentAt + shortestMs - this.ports.clock.monotonic();
    if (wait <= 0) this.flush();
    else this.cancel ??= this.ports.after(wait, () => this.flush());
  }

  /** From here on text belongs to this run. */
  begin(runId: string): void {
    this.flush();
    this.runId = runId;
    this.kept = Buffer.alloc(0);
  }

  /** The run's text, UTF-8, at most 64 KiB and beginning with a whole character; empty when the board said nothing. */
  end(): Uint8Array {
    this.flush();
    this.runId = undefined;
    const { kept } = this;
    this.kept = Buffer.alloc(0);
    let start = 0;
    while (start < kept.length && (kept[start]! & 0xc0) === 0x80) start++;
    return kept.subarray(start);
  }

  private flush(): void {
    this.cancel?.();
    this.cancel = undefined;
    if (this.pending === '') return;
    const { clock, send } = this.ports;
    this.sentAt = clock.monotonic();
    send({
      ...(this.runId !== undefined && { runId: this.runId }),
      seq: this.seq++,
      atMs: clock.wall(),
      text: this.pending,
      ...(this.dropped > 0 && { dropped: this.dropped }),
    });
    this.pending = '';
    this.dropped = 0;
  }
}

/** Without control characters but line feed and tab: a board must not move the cursor of whoever watches. */
export function printable(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[\p{Cc}\p{Cs}]/gu, (c) => (c === '\n' || c === '\t' ? c : ''));
}
