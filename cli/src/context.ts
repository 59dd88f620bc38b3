import { LabClient } from './lab/client.js';
import { type LabAddress, labAddress } from './lab/credentials.js';
import type { ExitStatus } from './shell/exit-status.js';
import type { Options } from './shell/options.js';
import type { Command } from './shell/parse-command.js';
import type { Terminal } from './shell/terminal.js';
import { type Style, styleFor } from './text/style.js';

/** A verb: returns its exit status, or nothing for 0; throws LabErrors. */
export type Handler = (context: Context) => Promise<ExitStatus> | Promise<void>;

/** What a verb works with. */
export class Context {
  readonly options: Options;
  readonly positionals: readonly string[];
  readonly json: boolean;
  /** Styles for standard output and standard error: one may be a terminal and the other a file. */
  readonly style: Style;
  readonly remarkStyle: Style;
  private client: LabClient | undefined;

  constructor(
    readonly command: Command,
    readonly terminal: Terminal,
  ) {
    this.options = command.options;
    this.positionals = command.positionals;
    this.json = command.options.flag('json');
    this.style = styleFor(terminal, terminal.out);
    this.remarkStyle = styleFor(terminal, terminal.err);
  }

  get address(): LabAddress {
    return labAddress(this.terminal);
  }

  /** The lab that this person talks to. */
  get lab(): LabClient {
    this.client ??= this.labAt(this.address);
    return this.client;
  }

  labAt(address: LabAddress): LabClient {
    return new LabClient({ ...address, signal: this.terminal.signal, sleep: this.terminal.sleep });
  }

  /** The answer: as JSON with `--json`, else as text. One document; call it once. */
  answer(value: unknown, text: () => string): void {
    this.terminal.out.write(this.json ? `${JSON.stringify(value)}\n` : text());
  }

  /** One object of a stream. */
  event(value: unknown, text: () => string): void {
    this.answer(value, text);
  }

  /** A remark or progress: never on standard output. */
  say(text: string): void {
    this.terminal.err.write(`${text}\n`);
  }
}
