import { LabError } from '@hilltop/contracts';
import type { BytePort } from '../port.js';
import type { PortIdentity } from '../port-identity.js';
import { realTimer, type Timer } from '../timer.js';
import { bracketed, type TinyLine, TinyLineParser } from './line-parser.js';
import type { TinyLoop } from './performance.js';
import { lapDifference, parseLap, parseResults } from './results.js';

export interface TinyDeviceOptions {
  readonly timer?: Timer;
  /** For commands that only talk. */
  readonly timeoutMs?: number;
}

export interface TinyProfile {
  readonly profile: string;
  /** `kws01`, `ic01`, `vww01`, `ad01` ... */
  readonly model: string;
}

export interface TinyInference extends TinyLoop {
  /** Output vector of the last inference. */
  readonly results: Float64Array;
}

interface Patience {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Longest command a device keeps; from there on upstream writes over the last character. */
const commandChars = 80;
/** What the benchmark's own runner sends in one `db`: 31 bytes are 66 characters. */
const bytesPerCommand = 31;
/** Upstream keeps a longer size than its buffer in spite of its message, and writes beyond it. */
const inputBytesLimit = 27_648;
const defaultTimeoutMs = 5000;
const clearAttempts = 3;
/** Silence after which no answer is on its way: some hundred characters at 9600 baud. */
const quietMs = 150;
const quietLines = 1000;

/**
 * Firmware built for the MLPerf Tiny benchmark, as it is: its model is in the firmware, so it has latency and accuracy only.
 * Commands are words ended by `%` without a newline; every answer ends with `m-ready`. A lone `%` crashes upstream's parser, so it
 * is never sent: what is in doubt is cleared with `name%`.
 */
export class TinyDevice {
  readonly identity: PortIdentity;
  discardedBytes = 0;
  private readonly parser = new TinyLineParser();
  private readonly timer: Timer;
  private readonly console = new Set<(line: string) => void>();
  private readonly stopListening: Array<() => void>;
  private line: Promise<unknown> = Promise.resolve();
  private waiting: { readonly take: (line: TinyLine) => void; readonly fail: (error: unknown) => void } | undefined;
  private closed: LabError | undefined;
  /** A command was given up: its answer may still come. */
  private inDoubt = true;

  constructor(
    private readonly port: BytePort,
    private readonly options: TinyDeviceOptions = {},
  ) {
    this.identity = port.identity;
    this.timer = options.timer ?? realTimer;
    this.stopListening = [
      port.onData((bytes) => {
        for (const line of this.parser.push(bytes)) this.take(line);
      }),
      port.onClose((reason) => this.end(reason)),
    ];
  }

  /** Name of the vendor's device. */
  async name(patience: Patience = {}): Promise<string> {
    return bracketed(saidAfter('name', await this.command('name', patience), 'name-dut-'));
  }

  async profile(patience: Patience = {}): Promise<TinyProfile> {
    const said = await this.command('profile', patience);
    return {
      profile: bracketed(saidAfter('profile', said, 'profile-')),
      model: bracketed(saidAfter('profile', said, 'model-')),
    };
  }

  /** The device's clock, microseconds. Throws `device.protocol` in energy mode, where it is a pin that tells the time. */
  async timestamp(patience: Patience = {}): Promise<number> {
    const laps = (await this.command('timestamp', patience)).flatMap((text) => parseLap(text) ?? []);
    if (laps.length !== 1) throw noLap('timestamp', laps.length);
    return laps[0]!;
  }

  /**
   * Puts the whole input tensor into the device, 31 bytes a command. A byte lost on the way is noticed by the count; `verify` reads all of
   * it back and notices any change (the protocol has no checksum), at three times the bytes.
   */
  async loadInput(bytes: Uint8Array, options: Patience & { readonly verify?: boolean } = {}): Promise<void> {
    const { length } = bytes;
    if (length === 0 || length > inputBytesLimit) throw tooLarge(length, inputBytesLimit);
    const expecting = await this.command(`db load ${length}`, options);
    // Upstream's message for a size beyond its buffer has no prefix, and it would write there.
    if (!expecting.includes(`[Expecting ${length} bytes]`)) throw tooLarge(length, 'less');
    for (let at = 0; at < length; at += bytesPerCommand) {
      const piece = bytes.subarray(at, at + bytesPerCommand);
      const said = await this.command(`db ${Buffer.from(piece).toString('hex')}`, options);
      const done = said.includes('load-done');
      const last = at + piece.length === length;
      // Upstream goes on writing behind the buffer after load-done: a wrong count must stop here.
      if (done !== last)
        throw protocol(
          `it ${done ? 'has all' : 'misses some'} of the input after ${at + piece.length} of ${length} bytes`,
        );
    }
    if (options.verify && !(await this.readInput(options)).equals(Buffer.from(bytes)))
      throw protocol('the input that it shows is not the one that was sent');
  }

  /**
   * Timed inferences with the input that is loaded, after untimed ones; 0 us where the device's clock is coarser than they last. Without
   * `timeoutMs` it waits for as long as it takes to be told to stop: how long that is, only the caller can know.
   */
  async infer(inferences: number, warmUp: number, patience: Patience = {}): Promise<TinyInference> {
    const said = await this.command(`infer ${inferences} ${warmUp}`, {
      timeoutMs: Number.POSITIVE_INFINITY,
      ...patience,
    });
    const start = said.indexOf(`infer-start-${inferences}`);
    const laps = said.slice(Math.max(start, 0)).flatMap((text) => parseLap(text) ?? []);
    if (start < 0) throw protocol(`it did not say that ${inferences} inferences start`);
    if (laps.length !== 2) throw noLap('infer', laps.length);
    const microseconds = lapDifference(laps[0]!, laps[1]!);
    return { inferences, microseconds, results: resultsIn(said) };
  }

  /** Output vector of the last inference. */
  async results(patience: Patience = {}): Promise<Float64Array> {
    return resultsIn(await this.command('results', patience));
  }

  /** Bytes as they are, when no command is under way; what they bring about is for the console. Throws `device.unplugged`. */
  async write(bytes: Uint8Array): Promise<void> {
    const turn = this.line.then(() => {
      if (this.closed) throw this.closed;
      // Half a command may be in its buffer now, or an answer on its way.
      this.inDoubt = true;
      return this.port.write(bytes);
    });
    this.line = turn.catch(() => undefined);
    return turn;
  }

  /** What the device says beside the protocol, by line. */
  onConsole(listener: (line: string) => void): () => void {
    this.console.add(listener);
    return () => this.console.delete(listener);
  }

  onClose(listener: (reason: Error | undefined) => void): () => void {
    return this.port.onClose(listener);
  }

  detach(): void {
    this.end(undefined);
  }

  close(): Promise<void> {
    return this.port.close();
  }

  /** `m-buffer-01-02-...`, eight bytes a line. */
  private async readInput(patience: Patience): Promise<Buffer> {
    const lines = (await this.command('db print', patience)).flatMap((text) => /^buffer-(.*)$/.exec(text)?.[1] ?? []);
    return Buffer.from(lines.join('').replaceAll('-', ''), 'hex');
  }

  /** Messages of one command, without their `m-`. Clears what is in doubt first. */
  private async command(text: string, patience: Patience): Promise<readonly string[]> {
    const turn = this.line.then(async () => {
      if (this.inDoubt) await this.clear(patience);
      return this.exchange(text, patience);
    });
    this.line = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Until the device answers `name` and then says nothing more. Answers of commands that were given up come first, and are passed over;
   * half a command in its buffer makes the first `name` an error, and the second one is understood.
   */
  private async clear(patience: Patience): Promise<void> {
    const named = (said: readonly string[]): boolean => said.some((message) => message.startsWith('name-dut-'));
    for (let attempt = 1; ; attempt++) {
      try {
        await this.exchange('name', { ...patience, timeoutMs: this.options.timeoutMs ?? defaultTimeoutMs }, named);
        break;
      } catch (error) {
        const again = ['device.no-answer', 'device.refused', 'device.rebooted'];
        if (!(error instanceof LabError && again.includes(error.code)) || attempt >= clearAttempts) throw error;
      }
    }
    await this.quiet();
    this.inDoubt = false;
  }

  /** Resolves when nothing of the protocol came for a while: an answer too many would be taken for the next one. */
  private quiet(): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (run: () => void) => () => {
        this.waiting = undefined;
        run();
      };
      const arm = (): (() => void) => this.timer.after(quietMs, finish(resolve));
      let cancel = arm();
      let lines = 0;
      this.waiting = {
        fail: (error) => {
          cancel();
          finish(() => reject(error))();
        },
        take: () => {
          cancel();
          if (++lines > quietLines) finish(() => reject(protocol('it talks without being asked')))();
          else cancel = arm();
        },
      };
    });
  }

  private exchange(
    text: string,
    patience: Patience,
    accept: (said: readonly string[]) => boolean = () => true,
  ): Promise<readonly string[]> {
    const command = `${text}%`;
    if (text.trim() === '' || command.length > commandChars) throw new RangeError(`"${text}" is no command`);
    const timeoutMs = patience.timeoutMs ?? this.options.timeoutMs ?? defaultTimeoutMs;
    return new Promise((resolve, reject) => {
      const messages: string[] = [];
      let error: string | undefined;
      const settle = (run: () => void): void => {
        if (!this.waiting) return;
        this.waiting = undefined;
        cancel();
        patience.signal?.removeEventListener('abort', abort);
        run();
      };
      const fail = (reason: unknown): void =>
        settle(() => {
          this.inDoubt = true;
          reject(reason);
        });
      const abort = (): void => fail(patience.signal?.reason);
      const cancel = Number.isFinite(timeoutMs)
        ? this.timer.after(timeoutMs, () => fail(silent(text, timeoutMs)))
        : () => undefined;
      this.waiting = {
        fail,
        take: (line) => {
          if (line.kind === 'message') {
            messages.push(line.text);
            // Only said at power-on: whatever was loaded is gone.
            if (line.text === 'init-done') fail(rebooted(text));
          } else if (line.kind === 'error') error ??= line.text;
          else if (line.kind === 'ready') {
            if (error !== undefined) settle(() => reject(refusal(text, error!)));
            else if (accept(messages)) settle(() => resolve(messages));
            else messages.length = 0;
          }
        },
      };
      if (this.closed) return fail(this.closed);
      if (patience.signal?.aborted) return abort();
      patience.signal?.addEventListener('abort', abort, { once: true });
      this.port.write(Buffer.from(command, 'latin1')).catch(fail);
    });
  }

  private take(line: TinyLine): void {
    if (line.kind === 'discarded') this.discardedBytes += line.bytes;
    else if (line.kind === 'text') this.say(line.text);
    else if (this.waiting) this.waiting.take(line);
    else {
      // Nobody asked: a boot banner, or the rest of an answer that was given up.
      this.inDoubt = true;
      if (line.kind !== 'ready') this.say(`${line.kind === 'error' ? 'e' : 'm'}-${line.text}`);
    }
  }

  private say(text: string): void {
    for (const listener of [...this.console]) listener(text);
  }

  private end(reason: LabError | undefined): void {
    if (this.closed) return;
    for (const stop of this.stopListening) stop();
    this.closed =
      reason ?? new LabError('device.unplugged', `${this.identity.name} was closed`, { cause: 'infrastructure' });
    this.waiting?.fail(this.closed);
  }
}

function saidAfter(command: string, said: readonly string[], prefix: string): string {
  const found = said.find((message) => message.startsWith(prefix));
  if (found === undefined) throw protocol(`it does not say m-${prefix} to ${command}`);
  return found.slice(prefix.length);
}

function resultsIn(said: readonly string[]): Float64Array {
  const results = said.map(parseResults).findLast((values) => values !== undefined);
  if (!results) throw protocol('it says no results that can be read');
  return results;
}

const protocol = (why: string): LabError =>
  new LabError('device.protocol', `the device's answer cannot be: ${why}`, { cause: 'device' });
const tooLarge = (bytes: number, most: number | string): LabError =>
  new LabError('run.model-rejected', `an input of ${bytes} bytes; the device's buffer has ${most}`, { cause: 'user' });
const noLap = (command: string, laps: number): LabError =>
  protocol(`${laps} laps to ${command}; in energy mode a pin tells the time: build the firmware for performance mode`);
const refusal = (command: string, error: string): LabError =>
  new LabError('device.refused', `the device refuses "${command}": ${error}`, { cause: 'device' });
const silent = (command: string, ms: number): LabError =>
  new LabError('device.no-answer', `the device does not end "${command}" with m-ready within ${ms} ms; reset it`, {
    cause: 'device',
  });
const rebooted = (command: string): LabError =>
  new LabError('device.rebooted', `the device restarted during "${command}"`, { cause: 'device' });
