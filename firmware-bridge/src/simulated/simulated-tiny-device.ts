/** How a simulated device computes and tells the time. */
export interface SimulatedTinyOptions {
  readonly vendor?: string;
  readonly model?: string;
  /** Bytes of the input tensor: upstream's buffer. */
  readonly bufferBytes?: number;
  /** Outputs of one inference. */
  readonly infer: (input: Uint8Array) => readonly number[];
  /** Microseconds one inference takes, as the device's own clock shows them. */
  readonly inferenceUs: number;
  /** Where its 32-bit clock starts. */
  readonly startUs?: number;
  /** Energy mode tells the time by a pin: no laps. */
  readonly mode?: 'performance' | 'energy';
  /** Its clock counts in steps of so many microseconds: 1000 where it is the millisecond tick of an operating system. */
  readonly clockStepUs?: number;
}

const limit = 80;

/**
 * Firmware of the MLPerf Tiny benchmark, written from the description of its protocol, quirks included: a command buffer of 80
 * characters whose last one is overwritten, a parser that a lone `%` crashes, a size that is kept though it is too large, bytes that go
 * on being written after `load-done`, and 1.0 printed as 0.1000. Bytes go in by `receive`, and out by `send`.
 */
export class SimulatedTinyDevice {
  /** A null pointer: it says nothing any more, until `boot`. */
  crashed = false;
  /** Bytes written behind the buffer: what upstream does to its memory. */
  overflow = 0;
  private command = '';
  private buffer: Uint8Array;
  private expected = 0;
  private position = 0;
  private clockUs: number;
  private outputs: readonly number[] = [];

  constructor(
    private readonly options: SimulatedTinyOptions,
    private readonly send: (bytes: Uint8Array) => void,
  ) {
    this.buffer = new Uint8Array(options.bufferBytes ?? 27_648);
    this.clockUs = options.startUs ?? 0;
  }

  /** Power on: everything that was loaded is gone. */
  boot(): void {
    this.crashed = false;
    this.command = '';
    this.buffer = new Uint8Array(this.buffer.length);
    this.expected = 0;
    this.outputs = [];
    this.say(`m-timestamp-mode-${this.options.mode ?? 'performance'}`);
    this.lap();
    this.say('m-init-done');
    this.say('m-ready');
  }

  receive(bytes: Uint8Array): void {
    for (const char of Buffer.from(bytes).toString('latin1')) {
      if (this.crashed) return;
      if (char === '%') {
        const { command } = this;
        this.command = '';
        this.execute(command);
      } else if (this.command.length < limit) this.command += char;
      else this.command = this.command.slice(0, limit - 1) + char;
    }
  }

  private execute(command: string): void {
    const words = command.split(' ').filter((word) => word !== '');
    const [verb, first, second] = words;
    if (verb === undefined) {
      this.crashed = true;
      return;
    }
    if (verb === 'name') this.say(`m-name-dut-[${this.options.vendor ?? 'simulated'}]`);
    else if (verb === 'profile') {
      this.say('m-profile-[ULPMark for tinyML Firmware V0.0.1]');
      this.say(`m-model-[${this.options.model ?? 'ic01'}]`);
    } else if (verb === 'timestamp') this.lap();
    else if (verb === 'help') this.say('Commands: name profile help timestamp db infer results');
    else if (verb === 'db') this.db(first, second);
    else if (verb === 'infer') this.infer(Number(first ?? 1), Number(second ?? 10));
    else if (verb === 'results') this.results();
    else this.say(`e-[Unknown command: ${verb}]`);
    this.say('m-ready');
  }

  private db(first: string | undefined, second: string | undefined): void {
    if (first === undefined) {
      this.say("e-[Command 'db' requires a subcommand]");
      return;
    }
    if (first === 'load') {
      this.expected = Number(second ?? 0);
      this.position = 0;
      if (this.expected > this.buffer.length) {
        this.say('Supplied buffer size exceeds maximum');
        return;
      }
      this.say(`m-[Expecting ${this.expected} bytes]`);
      return;
    }
    if (first === 'print') {
      this.print();
      return;
    }
    if (first.length % 2 !== 0) {
      this.say('e-[Insufficent number of hex digits]');
      return;
    }
    for (let i = 0; i < first.length; i += 2) {
      const digits = first.slice(i, i + 2);
      if (!/^[0-9a-f]{2}$/i.test(digits)) {
        this.say(`e-[Invalid hex digit '${digits}']`);
        return;
      }
      if (this.position < this.buffer.length) this.buffer[this.position] = Number.parseInt(digits, 16);
      else this.overflow++;
      this.position++;
      if (this.position === this.expected) {
        this.say('m-load-done');
        return;
      }
    }
  }

  private print(): void {
    for (let at = 0; at < this.expected; at += 8) {
      const bytes = [...this.buffer.subarray(at, Math.min(at + 8, this.expected))];
      this.say(`m-buffer-${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('-')}`);
    }
    if (this.expected % 8 !== 0) this.say('');
  }

  private infer(inferences: number, warmUp: number): void {
    if (!(inferences > 0)) {
      this.say('e-[Inference iterations must be >0]');
      return;
    }
    this.say(`m-warmup-start-${warmUp}`);
    this.clockUs += warmUp * this.options.inferenceUs;
    this.say('m-warmup-done');
    this.say(`m-infer-start-${inferences}`);
    this.lap();
    this.outputs = this.options.infer(this.buffer.subarray(0, this.expected));
    this.clockUs += inferences * this.options.inferenceUs;
    this.lap();
    this.say('m-infer-done');
    this.results();
  }

  private results(): void {
    const printed = this.outputs.map(
      (value) => `0.${Math.trunc(value * 10)}${Math.trunc(value * 100) % 10}${Math.trunc(value * 1000) % 10}`,
    );
    this.say(`m-results-[${printed.join(',')}]`);
  }

  private lap(): void {
    const { mode, clockStepUs: step = 1 } = this.options;
    if (mode !== 'energy') this.say(`m-lap-us-${(Math.trunc(this.clockUs / step) * step) % 2 ** 32}`);
  }

  private say(line: string): void {
    this.send(Buffer.from(`${line}\r\n`, 'latin1'));
  }
}
