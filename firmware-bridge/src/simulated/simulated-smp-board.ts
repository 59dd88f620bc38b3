import { createHash } from 'node:crypto';
import { modelCommands, modelErrors, modelGroup } from '@hilltop/contracts';
import { encode } from 'cborg';
import { decodePayload } from '../smp/cbor.js';
import { encodeFrame } from '../smp/frame.js';
import { FrameParser } from '../smp/frame-parser.js';
import { decodePacket, encodePacket, type SmpPacket } from '../smp/packet.js';

export interface SimulatedBoardOptions {
  readonly ramBytes?: number;
  readonly bufferBytes?: number;
  readonly arenaBytes?: number;
  readonly inputBytes?: number;
  readonly outputBytes?: number;
  readonly layers?: number;
  readonly infer?: (input: Uint8Array) => Uint8Array;
  /** Ticks of inference number n since load. */
  readonly ticks?: (n: number) => number;
  /** A server of version 1 refuses version 2 as too new. */
  readonly versions?: readonly number[];
}

/** What a fault does to one request: answer as it should be, other bytes, or none. */
export type SimulatedFault = (
  request: SmpPacket,
  answer: () => Uint8Array,
) => Uint8Array | readonly Uint8Array[] | undefined;

type Fields = Record<string, unknown>;
class Rc extends Error {
  constructor(
    readonly rc: number,
    readonly numbers: Fields = {},
  ) {
    super(`rc ${rc}`);
  }
}

/**
 * A board with group 64 and what it needs of the OS and stat groups, in memory: bytes in by `receive`, bytes out by `send`. It computes
 * with the function it is given; verdicts and errors are those of the firmware.
 */
export class SimulatedSmpBoard {
  /** What it got to do, by group and command: for tests and demonstrations. */
  readonly requests: Array<{ readonly group: number; readonly command: number; readonly fields: Fields }> = [];
  fault: SimulatedFault | undefined;
  bootCount = 0;
  private readonly parser = new FrameParser();
  private staged: { readonly sha: Uint8Array; readonly bytes: Uint8Array; have: number } | undefined;
  private loaded: Uint8Array | undefined;
  private input = new Uint8Array();
  private output = new Uint8Array();
  private inferences = 0;

  constructor(
    private readonly options: SimulatedBoardOptions,
    private readonly send: (bytes: Uint8Array) => void,
  ) {}

  /** Everything that was in memory is gone. */
  reboot(): void {
    this.bootCount++;
    this.staged = undefined;
    this.loaded = undefined;
    this.inferences = 0;
    this.say('*** booting Hilltop firmware ***\r\n');
  }

  /** Prints beside the protocol. */
  say(text: string): void {
    this.send(Buffer.from(text));
  }

  receive(bytes: Uint8Array): void {
    for (const event of this.parser.push(bytes)) {
      if (event.kind !== 'packet') continue;
      const request = decodePacket(event.bytes);
      const answer = (): Uint8Array => this.answer(request);
      const out = this.fault ? this.fault(request, answer) : answer();
      for (const piece of out instanceof Uint8Array ? [out] : (out ?? [])) this.send(piece);
    }
  }

  /** A framed answer to a request, with these fields. */
  frame(request: SmpPacket, fields: object): Uint8Array {
    return encodeFrame(encodePacket({ ...request, operation: request.operation + 1, payload: encode(fields) }));
  }

  private answer(request: SmpPacket): Uint8Array {
    const fields = decodePayload(request.payload);
    this.requests.push({ group: request.group, command: request.command, fields });
    try {
      if (this.options.versions && !this.options.versions.includes(request.version)) throw new Rc(13);
      return this.frame(request, this.perform(request, fields));
    } catch (error) {
      if (!(error instanceof Rc)) throw error;
      const { rc, numbers } = error;
      // Errors of the protocol itself stay `rc` in version 2.
      const own = request.version === 2 && request.group === modelGroup;
      return this.frame(request, own ? { err: { group: modelGroup, rc }, ...numbers } : { rc, ...numbers });
    }
  }

  private perform({ group, command, operation }: SmpPacket, fields: Fields): Fields {
    const key = `${group}/${command}/${operation}`;
    const commands: Record<string, () => Fields> = {
      '0/0/2': () => ({ r: fields.d }),
      '0/5/2': () => {
        this.reboot();
        return {};
      },
      '0/6/0': () => ({ buf_size: this.options.bufferBytes ?? 1024, buf_count: 1 }),
      '0/7/0': () => ({ output: 'Hilltop simulated' }),
      '2/1/0': () => ({ stat_list: ['smp'] }),
      '2/0/0': () => ({ name: 'smp', fields: { requests: this.requests.length } }),
      [`64/${modelCommands.info}/0`]: () => this.info(),
      [`64/${modelCommands.upload}/2`]: () => this.upload(fields),
      [`64/${modelCommands.load}/2`]: () => this.load(fields.sha as Uint8Array),
      [`64/${modelCommands.input}/2`]: () => this.setInput(fields.off as number, fields.data as Uint8Array),
      [`64/${modelCommands.infer}/2`]: () => this.infer(fields),
      [`64/${modelCommands.output}/0`]: () => this.readOutput(fields.off as number),
      [`64/${modelCommands.layers}/0`]: () => this.layer(fields.i as number),
      [`64/${modelCommands.erase}/2`]: () => {
        this.staged = undefined;
        this.loaded = undefined;
        return {};
      },
    };
    const run = commands[key];
    if (!run) throw new Rc(8);
    return run();
  }

  private info(): Fields {
    return {
      v: 1,
      board: 'simulated',
      fw: '0.0.0',
      cpu: 'none',
      hz: 1_000_000,
      ticks: 'instructions',
      ram: this.ram,
      buf: this.options.bufferBytes ?? 1024,
      stack: 512,
      boot: this.bootCount,
      ...(this.loaded && { plan: this.loaded }),
    };
  }

  private upload({ off, data, len, sha }: Fields): Fields {
    const bytes = data as Uint8Array;
    if (off === 0 && len !== undefined) {
      const known = this.staged && Buffer.compare(this.staged.sha, sha as Uint8Array) === 0;
      if (!known) {
        if ((len as number) > this.ram) throw new Rc(modelErrors.noMemory, { need: len, have: this.ram });
        this.loaded = undefined;
        this.staged = { sha: sha as Uint8Array, bytes: new Uint8Array(len as number), have: 0 };
      }
    }
    const { staged } = this;
    if (!staged) return { off: 0 };
    if (off !== staged.have) return { off: staged.have };
    if (staged.have + bytes.length > staged.bytes.length) throw new Rc(modelErrors.invalid);
    staged.bytes.set(bytes, staged.have);
    staged.have += bytes.length;
    return { off: staged.have, ...(staged.have === staged.bytes.length && { match: this.matches() }) };
  }

  private load(sha: Uint8Array): Fields {
    const { staged } = this;
    if (!staged || staged.have < staged.bytes.length || Buffer.compare(staged.sha, sha) !== 0)
      throw new Rc(modelErrors.noEntry);
    if (!this.matches()) throw new Rc(modelErrors.corrupt);
    const arena = this.options.arenaBytes ?? 4096;
    const need = arena + staged.bytes.length;
    if (need > this.ram) throw new Rc(modelErrors.noMemory, { need, have: this.ram });
    this.loaded = sha;
    this.inferences = 0;
    this.input = new Uint8Array(this.options.inputBytes ?? 64);
    this.output = new Uint8Array(this.outputBytes);
    return {
      arena,
      plan: staged.bytes.length,
      ops: this.options.layers ?? 3,
      in: this.input.length,
      out: this.outputBytes,
    };
  }

  private setInput(off: number, data: Uint8Array): Fields {
    this.demandLoaded();
    if (off + data.length > this.input.length) throw new Rc(modelErrors.invalid);
    this.input.set(data, off);
    return { off: off + data.length };
  }

  private infer({ n, warm, data, out }: Fields): Fields {
    this.demandLoaded();
    if (data instanceof Uint8Array) {
      if (data.length !== this.input.length) throw new Rc(modelErrors.invalid);
      this.input.set(data);
    }
    this.inferences += warm as number;
    const ticks = Buffer.alloc(4 * (n as number));
    for (let i = 0; i < (n as number); i++) ticks.writeUInt32LE(this.options.ticks?.(this.inferences++) ?? 1000, 4 * i);
    this.output = (this.options.infer ?? ((input) => input.slice(0, this.outputBytes)))(this.input).slice();
    return { n, t: Uint8Array.from(ticks), ...(out === true && { out: this.output }) };
  }

  private readOutput(off: number): Fields {
    this.demandLoaded();
    const room = (this.options.bufferBytes ?? 1024) - 40;
    return { off, len: this.output.length, data: this.output.slice(off, off + room) };
  }

  private layer(i: number): Fields {
    this.demandLoaded();
    const n = this.options.layers ?? 3;
    if (i >= n) throw new Rc(modelErrors.noEntry);
    return { i, n, op: 1 + i, ticks: 100 * (i + 1), macs: 1000 };
  }

  private demandLoaded(): void {
    if (!this.loaded) throw new Rc(this.staged ? modelErrors.badState : modelErrors.noEntry);
  }

  private matches(): boolean {
    const { sha, bytes } = this.staged!;
    return Buffer.compare(createHash('sha256').update(bytes).digest(), sha) === 0;
  }

  private get ram(): number {
    return this.options.ramBytes ?? 200 * 1024;
  }

  private get outputBytes(): number {
    return this.options.outputBytes ?? 10;
  }
}
