import { type DeviceReport, errorText, isLabError, LabError, type Labels } from '@hilltop/contracts';
import type { Board, TinyDevice } from '@hilltop/firmware-bridge';
import type { Logger } from 'pino';
import { pause } from '../pause.js';
import { runFailure } from '../runtimes/outcome.js';
import { boardReport } from './board-report.js';
import type { BoardSource } from './board-source.js';
import type { ConsoleFeed } from './console-feed.js';
import type { OpenedBoard } from './opened-board.js';

export interface BoardSeatOptions {
  /** The agent's stable name for it; by default what its port is known by. */
  readonly key?: string;
  /** For messages: `/dev/ttyACM0`, `emulator:pico`. */
  readonly spec: string;
  readonly emulated: boolean;
  readonly labels: Labels;
  /** Opens the port and asks who is there. `before`: as whom it was known, to be found again under another name. */
  readonly open: (before: OpenedBoard['identity'] | undefined) => Promise<OpenedBoard>;
  readonly console: ConsoleFeed;
  /** The board came, went, fell ill or recovered. */
  readonly onChange: (seat: BoardSeat) => void;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly limits?: SeatLimits;
}

export interface SeatLimits {
  /** For one question, when its health is in doubt. */
  readonly probeMs: number;
  /** From a reset to an answer. */
  readonly recoverMs: number;
  /** Between two questions meanwhile. */
  readonly againMs: number;
}
const seatLimits: SeatLimits = { probeMs: 2500, recoverMs: 10_000, againMs: 250 };

/**
 * One board of this agent. It may be absent, here, or here and sick:
 *
 *   absent --look--> here --port closes--> absent
 *                    here --recover fails--> sick --look--> here
 */
export class BoardSeat implements BoardSource {
  private opened: OpenedBoard | undefined;
  private known: OpenedBoard | undefined;
  private sick: string | undefined;
  private doubtful = false;
  private looking: Promise<boolean> | undefined;
  /** While it is brought back, its port may close and open: nobody is told before it is known how that ended. */
  private recovering = false;
  private recovery: Promise<string> | undefined;
  private stopped = false;
  /** Its time stands still. */
  private held = false;
  private readonly limits: SeatLimits;

  constructor(private readonly options: BoardSeatOptions) {
    this.limits = options.limits ?? seatLimits;
  }

  get spec(): string {
    return this.options.spec;
  }
  /** Nothing but an emulator counts instructions. */
  get emulated(): boolean {
    return this.options.emulated || this.known?.facts.ticks === 'instructions';
  }
  get console(): ConsoleFeed {
    return this.options.console;
  }
  get here(): boolean {
    return this.opened !== undefined;
  }
  get healthy(): boolean {
    return this.opened !== undefined && this.sick === undefined;
  }
  /** Name of the port it is at; undefined while absent. */
  get port(): string | undefined {
    return this.opened?.identity.name;
  }
  /** Undefined until it was seen for the first time. */
  get key(): string | undefined {
    return this.options.key ?? this.known?.identity.key;
  }

  firmware(): string | undefined {
    return this.opened?.facts.firmware;
  }

  /** What the lab is told; undefined while it is not here. */
  report(): DeviceReport | undefined {
    const { key, opened } = this;
    if (key === undefined || !(opened ?? (this.sick !== undefined && this.known))) return undefined;
    const { emulated, sick } = this;
    return boardReport((opened ?? this.known)!, { key, emulated, labels: this.options.labels, sick });
  }

  /** Tries to find it, or to find it well. Resolves whether it is; never rejects. */
  look(): Promise<boolean> {
    this.looking ??= this.find().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async find(): Promise<boolean> {
    if (this.stopped) return false;
    if (this.opened) return this.sick === undefined || this.answers();
    try {
      await this.open();
      this.become(undefined);
      return true;
    } catch (error) {
      this.lastFailure = error;
      if (this.sick !== undefined && isGone(error)) this.leave();
      return false;
    }
  }

  /** Stops an emulated board's time, or lets it go on; a real board is left alone. */
  async still(quiet: boolean): Promise<void> {
    this.held = quiet && this.opened?.emulator !== undefined;
    const { emulator } = this.opened ?? {};
    await (quiet ? emulator?.pause() : emulator?.resume())?.catch((error) =>
      this.options.log.warn({ port: this.spec, reason: errorText(error) }, 'an emulator could not be held'),
    );
  }

  /** Why the last look found nothing. */
  lastFailure: unknown;

  private async open(): Promise<void> {
    const opened = await this.options.open(this.known?.identity);
    if (this.stopped) {
      await opened.close();
      throw new LabError('device.offline', 'the agent is ending');
    }
    this.opened = this.known = opened;
    this.doubtful = false;
    opened.onConsole((text) => this.options.console.push(text));
    opened.onClose(() => {
      if (this.opened !== opened) return;
      this.opened = undefined;
      if (!this.recovering && !this.stopped) this.leave();
    });
  }

  private leave(): void {
    this.sick = undefined;
    this.options.log.info({ port: this.spec }, 'a board went away');
    this.options.onChange(this);
  }

  /** Whether it answers; well again if it does. */
  private async answers(): Promise<boolean> {
    const { opened } = this;
    if (!opened) return false;
    try {
      const asked = { signal: AbortSignal.timeout(this.limits.probeMs) };
      await (opened.board?.info(asked) ?? opened.tiny?.name(asked));
    } catch {
      return false;
    }
    if (this.opened !== opened) return false;
    this.doubtful = false;
    if (this.sick !== undefined) this.become(undefined);
    return true;
  }

  private become(sick: string | undefined): void {
    this.sick = sick;
    if (sick === undefined) this.options.log.info({ port: this.port }, 'a board is here');
    else this.options.log.warn({ port: this.spec, reason: sick }, 'a board is unhealthy');
    this.options.onChange(this);
  }

  async take(signal: AbortSignal): Promise<Board> {
    const { board, facts } = await this.ready(signal);
    if (!board)
      throw runFailure(
        'plan.unsupported',
        'user',
        `${this.spec} runs ${facts.model ?? 'a model'} that is in its firmware and takes no other; flash the lab's firmware to run variants on it`,
      );
    return board;
  }

  async takeTiny(signal: AbortSignal): Promise<TinyDevice> {
    const { tiny } = await this.ready(signal);
    if (!tiny)
      throw runFailure('plan.unsupported', 'user', `${this.spec} runs plans; this variant is in another firmware`);
    return tiny;
  }

  /** Throws `device.unplugged`, `device.unhealthy`. */
  private async ready(signal: AbortSignal): Promise<OpenedBoard> {
    signal.throwIfAborted();
    await unlessAborted(this.settle(), signal);
    if (this.sick !== undefined) throw runFailure('device.unhealthy', 'infrastructure', `${this.spec}: ${this.sick}`);
    if (!this.opened)
      throw runFailure(
        'device.unplugged',
        'infrastructure',
        `${this.spec} is not there; plug it in, the run is tried again`,
      );
    return this.opened;
  }

  /** Waits for what is being done to it, and looks where its state is in doubt. */
  private async settle(): Promise<void> {
    await this.recovery;
    if (this.doubtful && this.opened && !(await this.answers())) await this.recover();
    this.doubtful = false;
  }

  /** Whether typing reaches a board: `away` and `attaching` may end, a run must not be disturbed. */
  get line(): 'free' | 'run' | 'attaching' | 'away' {
    if (this.options.console.run !== undefined) return 'run';
    if (this.recovery !== undefined || this.held) return 'attaching';
    return this.opened === undefined ? 'away' : 'free';
  }

  /** Types text as it is; what it did to the board is looked at before the next run. Throws `device.unplugged`. */
  async type(text: string): Promise<void> {
    const { opened } = this;
    if (!opened) throw new LabError('device.unplugged', `${this.spec} is not there`);
    this.doubtful = true;
    await opened.write(Buffer.from(text, 'utf8'));
  }

  /** Whether it can be restarted from here. */
  get resettable(): boolean {
    return this.opened?.emulator !== undefined || this.opened?.board !== undefined;
  }

  leftBusy(): void {
    this.doubtful = true;
  }

  recover(): Promise<string> {
    this.recovery ??= this.revive().finally(() => {
      this.recovery = undefined;
    });
    return this.recovery;
  }

  private async revive(): Promise<string> {
    this.options.log.warn({ port: this.spec }, 'a board is reset');
    this.recovering = true;
    try {
      if (await this.bringBack()) return 'it was reset and answers again';
    } finally {
      this.recovering = false;
    }
    if (!this.opened && isGone(this.lastFailure)) {
      this.leave();
      return 'it went away when it was reset';
    }
    this.become('it did not answer after a reset; press its reset button, or unplug it and plug it in again');
    return 'it does not answer after a reset and is out of use until it does';
  }

  private async bringBack(): Promise<boolean> {
    const deadline = performance.now() + this.limits.recoverMs;
    const first = this.opened;
    // Whether it heard is seen by whether it answers.
    await (first?.emulator ? first.emulator.restart() : first?.board?.reset())?.catch(() => undefined);
    if (await this.answers()) return true;
    // It did not: opening the port anew resets many boards.
    do {
      if (this.opened === first || !this.opened) await this.reopen();
      if (await this.answers()) return true;
      await pause(this.limits.againMs);
    } while (performance.now() < deadline && !this.stopped);
    return false;
  }

  private async reopen(): Promise<void> {
    try {
      const before = this.opened;
      this.opened = undefined;
      await before?.close();
      await this.open();
    } catch (error) {
      this.lastFailure = error;
    }
  }

  async close(): Promise<void> {
    this.stopped = true;
    await this.looking;
    await this.opened?.close();
    this.opened = undefined;
  }
}

/** The work's outcome, or the signal's reason at once; the work goes on. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Nobody is at the port, in contrast to somebody who does not answer. */
const isGone = (error: unknown): boolean =>
  isLabError(error, 'device.offline') || isLabError(error, 'device.unplugged');

/** What keeps a board from being opened, for people. */
export function openFailureText(error: unknown): string {
  return isLabError(error) ? `${error.message} (${error.code})` : errorText(error);
}
