import { readdir } from 'node:fs/promises';
import { type ConsoleDone, type ConsoleTyped, isLabError, LabError, type Labels } from '@hilltop/contracts';
import { type FoundPorts, listPorts, type PortIdentity, portIdentities } from '@hilltop/firmware-bridge';
import type { Logger } from 'pino';
import { BoardSeat, openFailureText } from './board-seat.js';
import { type BoardSpec, isEmulator } from './board-spec.js';
import { ConsoleFeed, type ConsoleFeedPorts } from './console-feed.js';
import type { OpenedBoard } from './opened-board.js';
import { Typing } from './typing.js';

export interface BenchOptions {
  readonly specs: readonly BoardSpec[];
  readonly labels: Labels;
  readonly open: (spec: BoardSpec, before: PortIdentity | undefined) => Promise<OpenedBoard>;
  /** A board came, went, fell ill or recovered. */
  readonly onChange: (seat: BoardSeat) => void;
  readonly sendConsole: (seat: BoardSeat, text: Parameters<ConsoleFeedPorts['send']>[0]) => void;
  /** What became of what was typed. */
  readonly sendDone?: (done: ConsoleDone) => void;
  /** At the start: nobody answers at a port that was named. */
  readonly onMissing: (port: string, reason: string) => void;
  /** True while something on this machine is measured: then nothing is started or asked here that computes. */
  readonly quiet: () => boolean;
  readonly log: Logger;
  /** How often absent boards are looked for. */
  readonly lookMs?: number;
  /** Ports of something else, which would take our question for a command: a meter's. */
  readonly notBoards?: () => readonly string[];
  /** Ports that could be boards, for `auto`. */
  readonly list?: () => Promise<FoundPorts>;
}

/** How often absent boards are looked for. */
const lookMs = 2000;
/** A board that is sick, or an emulator that does not start, is tried this many looks apart, doubling up to the most. */
const patience = { first: 1, most: 30 } as const;

interface Slot {
  readonly seat: BoardSeat;
  readonly spec: BoardSpec;
  /** Found by `auto`: known by who it is, not where. */
  readonly found?: PortIdentity;
  readonly typing: Typing;
  /** The lab's id of it, as typing names it. */
  deviceId: string;
  /** Looks to leave out, and how many next time. */
  wait: number;
  next: number;
}

/** The boards of this agent: those a person named, and with `auto` whatever answers on a USB serial port. */
export class Bench {
  private readonly slots: Slot[] = [];
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private stopped = false;
  private names = '';
  private usb: readonly PortIdentity[] = [];
  /** Ports where nothing answered: not asked again before they were unplugged. */
  private readonly silent = new Set<string>();
  private readonly auto: BoardSpec | undefined;

  constructor(private readonly options: BenchOptions) {
    this.auto = options.specs.find(({ port }) => port === 'auto');
    for (const spec of options.specs) if (spec !== this.auto) this.add(spec);
  }

  get seats(): readonly BoardSeat[] {
    return this.slots.map(({ seat }) => seat);
  }

  /** Looks once for everything, then again and again. Resolves after the first look; absent boards are told. */
  async start(): Promise<void> {
    if (this.options.specs.length === 0) return;
    await this.look();
    for (const { seat } of this.slots)
      if (!seat.here) this.options.onMissing(seat.spec, openFailureText(seat.lastFailure));
    const again = (): void => {
      if (this.stopped) return;
      this.timer = setTimeout(() => void this.look().finally(again), this.options.lookMs ?? lookMs);
    };
    again();
  }

  /** A connection to the lab begins. */
  linkUp(): void {
    for (const { typing } of this.slots) typing.linkUp();
  }

  /** Types to a board. One that this agent never had is answered, too. */
  type({ deviceId, deviceKey, ...typed }: ConsoleTyped): void {
    const slot = this.slots.find(({ seat }) => seat.key === deviceKey);
    if (slot) {
      slot.deviceId = deviceId;
      slot.typing.take(typed);
    } else this.options.sendDone?.({ deviceId, order: typed.order, outcome: 'refused', code: 'device.unplugged' });
  }

  /** Looks now. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
    await Promise.all(this.slots.map(({ seat }) => seat.close()));
  }

  /** A slot for a named port, or for a board that is found wherever it is plugged in. */
  private add(spec: BoardSpec, found?: PortIdentity): Slot {
    const { labels, log, onChange, sendConsole } = this.options;
    const seat: BoardSeat = new BoardSeat({
      ...(isEmulator(spec) && { key: spec.port.replace('emulator:', 'emulated-') }),
      spec: spec.port,
      emulated: isEmulator(spec) || spec.emulated === true,
      labels,
      open: (before) => this.open(spec, before, found),
      console: new ConsoleFeed({
        send: (text) => sendConsole(seat, text),
        clock: { monotonic: () => performance.now(), wall: Date.now },
        after: afterMs,
      }),
      onChange,
      log,
    });
    const typing = new Typing({
      seat,
      done: (done) => this.options.sendDone?.({ deviceId: slot.deviceId, ...done }),
      now: () => performance.now(),
      after: afterMs,
    });
    const slot: Slot = { seat, spec, typing, deviceId: '', wait: 0, next: patience.first, ...(found && { found }) };
    this.slots.push(slot);
    return slot;
  }

  private open(spec: BoardSpec, before: PortIdentity | undefined, found?: PortIdentity): Promise<OpenedBoard> {
    if (!found) return this.options.open(spec, before);
    const now = this.usb.find((port) => port.key === found.key);
    if (!now) throw new LabError('device.offline', `${found.name} is not there`);
    return this.options.open({ ...spec, port: now.name }, undefined);
  }

  private async lookOnce(): Promise<void> {
    if (this.options.quiet()) return;
    if (this.auto) await this.takeUsb(this.auto);
    await Promise.all(this.slots.map((slot) => this.try(slot)));
  }

  private async try(slot: Slot): Promise<void> {
    const { seat, spec } = slot;
    if (seat.healthy || slot.wait-- > 0) return;
    if (await seat.look()) {
      slot.next = patience.first;
      return;
    }
    // A missing port is asked for cheaply; what computes, or is there and sick, is left alone for longer and longer.
    const costly = isEmulator(spec) || seat.here || !isLabError(seat.lastFailure, 'device.offline');
    slot.wait = costly ? slot.next : 0;
    slot.next = Math.min(patience.most, slot.next * 2);
  }

  /** Every USB serial port gets a slot of its own when something answers there. */
  private async takeUsb(auto: BoardSpec): Promise<void> {
    // Listing starts a program; the names alone say whether anything changed.
    const names = (await readdir('/dev').catch(() => [])).filter((name) => name.startsWith('tty')).join(' ');
    if (names !== this.names || this.options.list) {
      this.names = names;
      const { ports } = await (this.options.list ?? listPorts)();
      const ids = portIdentities(ports);
      const others = this.options.notBoards?.() ?? [];
      this.usb = ids.filter((port) => port.vendorId !== undefined && !others.includes(port.name));
      for (const key of [...this.silent]) if (!this.usb.some((port) => port.key === key)) this.silent.delete(key);
    }
    for (const port of this.usb) {
      const taken = this.slots.some(
        ({ seat, spec, found }) =>
          (found ? found.key === port.key : spec.port === port.name || seat.key === port.key) ||
          seat.port === port.name,
      );
      if (taken || this.silent.has(port.key)) continue;
      const slot = this.add({ ...auto, port: port.name }, port);
      if (await slot.seat.look()) continue;
      this.slots.splice(this.slots.indexOf(slot), 1);
      await slot.seat.close();
      if (!isLabError(slot.seat.lastFailure, 'device.busy')) this.silent.add(port.key);
      this.options.log.info({ port: port.name, reason: openFailureText(slot.seat.lastFailure) }, 'no board there');
    }
  }
}

function afterMs(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
