import { LabError, type Sensor } from '@hilltop/contracts';
import type { BytePort, Timer } from '@hilltop/firmware-bridge';
import { hostTimer } from './host-clock.js';
import { type Lpm01aEvent, Lpm01aParser } from './lpm01a-format.js';
import type { OpenedMeter } from './opened-meter.js';
import { SampleFeed } from './sample-feed.js';

export interface Lpm01aOptions {
  /** 1800..3300; absent: as the shield is set. */
  readonly millivolts?: number;
  readonly format?: 'ascii' | 'binary';
  readonly simulated?: boolean;
  readonly timer?: Timer;
}

/** Samples a second: below the 5 kHz up to which its text comes without end, and as many as are kept. */
const hertz = 1000;
const patience = { attempts: 3, ackMs: 1500 } as const;
/** Samples that its own second may have more or fewer. */
const stampTolerance = 2;

/**
 * An X-NUCLEO-LPM01A at an open port, told to give the energy of each millisecond and the supply switched on; there it stays when the agent
 * ends. Throws `device.no-answer`, `device.refused`, `request.invalid`; the port is closed then.
 */
export async function openLpm01a(port: BytePort, options: Lpm01aOptions = {}): Promise<OpenedMeter> {
  const line = new Lpm01aLine(port, options.format ?? 'ascii', options.timer ?? hostTimer);
  try {
    const { millivolts } = options;
    if (millivolts !== undefined && (millivolts < 1800 || millivolts > 3300))
      throw new LabError('request.invalid', `an LPM01A gives 1800 to 3300 mV, not ${millivolts}`);
    // One that still measures says its end before it listens.
    await line.command('stop').catch(() => undefined);
    for (const command of [
      'htc',
      'acqtime inf',
      'trigdelay 0',
      'trigsrc sw',
      'acqmode dyn',
      'output energy',
      `format ${options.format === 'binary' ? 'bin_hexa' : 'ascii_dec'}`,
      `freq ${hertz / 1000}k`,
      ...(millivolts === undefined ? [] : [`volt ${millivolts}m`]),
      'pwr on nostatus',
    ])
      await line.command(command);
    return lpm01aMeter(line, options);
  } catch (error) {
    await port.close();
    throw error;
  }
}

/** Commands and what comes between their answers. */
class Lpm01aLine {
  private readonly parser: Lpm01aParser;
  private waiting: { readonly command: string; readonly resolve: (refusal?: string) => void } | undefined;
  onEvent: (event: Lpm01aEvent) => void = () => undefined;

  constructor(
    readonly port: BytePort,
    format: 'ascii' | 'binary',
    readonly timer: Timer,
  ) {
    this.parser = new Lpm01aParser(format, (event) => this.take(event));
    port.onData((bytes) => {
      this.parser.push(bytes);
      this.onChunk();
    });
  }

  onChunk: () => void = () => undefined;

  /** Resolves when it is acknowledged; asked again where that is lost among samples. */
  async command(command: string, attempts: number = patience.attempts): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const answer = new Promise<string | true | undefined>((resolve) => {
        const cancel = this.timer.after(patience.ackMs, () => resolve(undefined));
        const stopClose = this.port.onClose(() => resolve(undefined));
        this.waiting = {
          command,
          resolve: (refusal) => {
            cancel();
            stopClose();
            resolve(refusal ?? true);
          },
        };
      });
      await this.port.write(Buffer.from(`${command}\n`, 'latin1'));
      const answered = await answer;
      this.waiting = undefined;
      if (answered === true) return;
      if (answered !== undefined)
        throw new LabError('device.refused', `${this.port.identity.name} refuses "${command}": ${answered}`);
    }
    throw new LabError('device.no-answer', `no LPM01A answers "${command}" at ${this.port.identity.name}`);
  }

  private take(event: Lpm01aEvent): void {
    if (event.kind === 'ack' && this.waiting && event.command.startsWith(this.waiting.command.split(' ')[0]!))
      this.waiting.resolve();
    else if (event.kind === 'error' && this.waiting) this.waiting.resolve(event.text);
    else this.onEvent(event);
  }
}

function lpm01aMeter(line: Lpm01aLine, options: Lpm01aOptions): OpenedMeter {
  const { port, timer } = line;
  let feed: SampleFeed | undefined;
  let end: (() => void) | undefined;
  const stop = async (): Promise<void> => {
    if (!end) return;
    await feed?.tail();
    end();
    end = undefined;
    // Samples in the pipe come before its answer; one that gives none is gone, and that was told.
    await line.command('stop').catch(() => undefined);
  };
  return {
    sensors: [lpm01aSensor(port.identity.key, options)],
    start: async (listener) => {
      await stop();
      const own = new SampleFeed(listener, 1000 / hertz, timer, port.identity.name);
      const samples = new Lpm01aSamples(own);
      feed = own;
      line.onEvent = (event) => samples.take(event);
      line.onChunk = () => own.arrived(samples.index);
      const stopClose = port.onClose((reason) => own.gone(reason));
      end = () => {
        stopClose();
        line.onEvent = () => undefined;
        line.onChunk = () => undefined;
      };
      await line.command('start', 1);
      await own.first();
    },
    stop,
    close: async () => {
      await stop();
      // Back to its own buttons, if it still listens.
      await line.command('hrc', 1).catch(() => undefined);
      await port.close();
    },
    onClose: port.onClose,
    clockMs: () => feed?.clock.uncertaintyMs ?? 0,
  };
}

/** Energies of an acquisition to powers; its own time stamps tell whether all of them are here. */
export class Lpm01aSamples {
  private next = 0;
  private stamp: { readonly ms: number; readonly index: number } | undefined;

  constructor(private readonly feed: Pick<SampleFeed, 'power' | 'missing' | 'fault'>) {}

  /** Number of the next sample: those before it are here or known to be missing. */
  get index(): number {
    return this.next;
  }

  take(event: Lpm01aEvent): void {
    if (event.kind === 'sample') {
      const watts = event.value * hertz;
      this.feed.power(this.next, this.next + 1, watts, watts, watts);
      this.next++;
    } else if (event.kind === 'timestamp') this.takeStamp(event.ms, event.bufferPercent);
    else if (event.kind === 'overcurrent') this.feed.fault('meter.over-range', 'more than 50 mA');
    else if (event.kind === 'power-down') this.feed.fault('meter.supply-lost');
    else if (event.kind === 'error') this.feed.fault('meter.no-answer', event.text);
    else if (event.kind === 'end') this.feed.fault('meter.samples-lost', 'the acquisition ended by itself');
  }

  private takeStamp(ms: number, bufferPercent: number): void {
    const before = this.stamp;
    if (bufferPercent >= 100) this.feed.fault('meter.samples-lost', 'its buffer is full');
    if (before) {
      const missing = Math.round(((ms - before.ms) * hertz) / 1000) - (this.next - before.index);
      if (missing > stampTolerance) {
        this.next += missing;
        this.feed.missing(missing);
      }
    }
    this.stamp = { ms, index: this.next };
  }
}

function lpm01aSensor(key: string, { millivolts, simulated }: Lpm01aOptions): Sensor {
  return {
    id: `lpm01a/${key}`,
    driver: 'lpm01a',
    quantity: 'power',
    scope: 'dut-vdd',
    label: millivolts === undefined ? 'as the shield is set' : `${millivolts} mV`,
    kind: 'averaged',
    total: true,
    // 100 nA, the least of its dynamic mode, at the voltage; four digits above that.
    resolution: (1e-7 * (millivolts ?? 3300)) / 1000,
    updateMs: 1000 / hertz,
    uncertainty: simulated
      ? { gain: 0.001, offset: 0, source: 'a simulator: the four digits it writes' }
      : { gain: 0.02 / Math.sqrt(3), offset: 1e-7 * 3.3, source: 'UM2243: better than 2 %, as limits of a rectangle' },
    ...(simulated && { simulated: true }),
  };
}
