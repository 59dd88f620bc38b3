import { errorText, isLabError, type MeterDriver, type Sensor } from '@hilltop/contracts';
import type { Timer } from '@hilltop/firmware-bridge';
import { FaultTeller } from './faults.js';
import { hostTimer } from './host-clock.js';
import type { MeterListener } from './meter.js';
import type { OpenedMeter } from './opened-meter.js';
import { type PlugValue, parseShellyGen1, parseShellyGen2, parseTasmota, parseWattRes } from './plug-format.js';

/** How one kind of plug is asked. */
export interface PlugWays {
  readonly driver: MeterDriver;
  readonly ask: () => Promise<PlugValue>;
  /** Step of its power, W. */
  readonly resolution: number;
  /** Step of its counter, J. */
  readonly counterStep: number;
  /** Its stamp changes at least so often, ms. */
  readonly stampMs: number;
  readonly label: string;
  readonly uncertainty: NonNullable<Sensor['uncertainty']>;
}

export interface PlugOptions {
  /** Which of several outputs. */
  readonly output?: number;
  readonly credentials?: { readonly user: string; readonly password: string };
  readonly simulated?: boolean;
}
type Json = (path: string) => Promise<unknown>;

/** A plug with Tasmota. Throws `device.no-answer`, `device.refused`, `device.protocol`. */
export async function askTasmota(json: Json, { output, credentials }: PlugOptions): Promise<PlugWays> {
  const who = credentials
    ? `&user=${encodeURIComponent(credentials.user)}&password=${encodeURIComponent(credentials.password)}`
    : '';
  const command = (text: string): Promise<unknown> => json(`/cm?cmnd=${encodeURIComponent(text)}${who}`);
  const ask = async (): Promise<PlugValue> => parseTasmota(await command('Status 10'), output);
  await ask();
  // A firmware without that setting shows whole watts.
  const decimals = parseWattRes(await command('WattRes').catch(() => undefined)) ?? 0;
  return {
    driver: 'tasmota',
    ask,
    resolution: 10 ** -decimals,
    counterStep: 3600,
    // It tells its clock, by the second.
    stampMs: 10_000,
    label: 'Tasmota',
    uncertainty: {
      gain: 0.02 / Math.sqrt(3),
      offset: 1 / Math.sqrt(3),
      source: 'rule of thumb for metering plugs: 1 W and 2 %',
    },
  };
}

/** A plug of Shelly, of either generation. Throws as `askTasmota`. */
export async function askShelly(json: Json, { output }: PlugOptions): Promise<PlugWays> {
  const second = async (): Promise<PlugValue> => parseShellyGen2(await json(`/rpc/Switch.GetStatus?id=${output ?? 0}`));
  const first = async (): Promise<PlugValue> => parseShellyGen1(await json('/status'), output);
  const common = {
    driver: 'shelly' as const,
    uncertainty: {
      gain: 0.01 / Math.sqrt(3),
      offset: 1 / Math.sqrt(3),
      source: 'rule of thumb for metering plugs: 1 W and 1 %',
    },
  };
  try {
    await second();
    return {
      ...common,
      ask: second,
      resolution: 0.1,
      counterStep: 3.6,
      stampMs: 150_000,
      label: 'Shelly, Gen2 or later',
    };
  } catch (error) {
    if (!isLabError(error, 'device.protocol')) throw error;
  }
  await first();
  return { ...common, ask: first, resolution: 0.01, counterStep: 60, stampMs: 150_000, label: 'Shelly, Gen1' };
}

const pollMs = 1000;
/** A period that is a multiple of an inference's, or of the plug's own second, would see the same part of it each time. */
const jitter = 0.2;
/** A counter may stand still for so long and so many steps of energy before it is called frozen. */
const frozen = { ms: 120_000, steps: 3 } as const;

export interface PlugMeterOptions {
  readonly key: string;
  readonly simulated?: boolean;
  readonly timer?: Timer;
  readonly random?: () => number;
}

/** A plug that is asked once a second. Power is what it shows at that moment: its own mean over about the second before. */
export function plugMeter(ways: PlugWays, options: PlugMeterOptions): OpenedMeter {
  const { timer = hostTimer, random = Math.random } = options;
  let poll: PlugPoll | undefined;
  const stop = async (): Promise<void> => {
    const last = poll;
    poll = undefined;
    await last?.stop();
  };
  return {
    sensors: plugSensors(ways, options),
    start: async (listener) => {
      await stop();
      poll = new PlugPoll(ways, listener, timer, random);
      await poll.start();
    },
    stop,
    close: stop,
    onClose: () => () => undefined,
    // The value is somewhere within the plug's own second.
    clockMs: () => 1000 / Math.sqrt(12),
  };
}

class PlugPoll {
  private readonly faults: FaultTeller;
  private cancel: (() => void) | undefined;
  private asking: Promise<void> | undefined;
  private stopped = false;
  private counter: { readonly joules: number; readonly atMs: number; spent: number } | undefined;
  private stamp: { readonly text: string; readonly atMs: number } | undefined;
  private lastMs = 0;

  constructor(
    private readonly ways: PlugWays,
    private readonly listener: MeterListener,
    private readonly timer: Timer,
    private readonly random: () => number,
  ) {
    this.faults = new FaultTeller(listener);
  }

  /** Resolves with the first value in; throws what kept it away. */
  async start(): Promise<void> {
    await this.ask();
    this.schedule();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel?.();
    await this.asking;
    // Once more, so that the last window has a reading behind its end.
    await this.ask().catch((error) => this.failed(error));
  }

  private schedule(): void {
    if (this.stopped) return;
    this.cancel = this.timer.after(pollMs * (1 + jitter * (2 * this.random() - 1)), () => {
      this.asking = this.ask()
        .catch((error) => this.failed(error))
        .finally(() => {
          this.asking = undefined;
          this.schedule();
        });
    });
  }

  private failed(error: unknown): void {
    this.faults.tell('meter.no-answer', this.timer.now(), errorText(error));
  }

  private async ask(): Promise<void> {
    const beforeMs = this.timer.now();
    const value = await this.ways.ask();
    const afterMs = this.timer.now();
    this.listener.onReading(0, { beforeMs, afterMs, value: value.watts });
    if (value.joules !== undefined) this.listener.onReading(1, { beforeMs, afterMs, value: value.joules });
    this.watch(value, afterMs);
    this.lastMs = afterMs;
  }

  private watch({ watts, joules, stamp }: PlugValue, atMs: number): void {
    if (stamp !== undefined) {
      if (stamp !== this.stamp?.text) this.stamp = { text: stamp, atMs };
      else if (atMs - this.stamp.atMs > this.ways.stampMs)
        this.faults.tell('meter.frozen', atMs, `its own time stands at ${stamp}`);
    }
    if (joules === undefined) return;
    const before = this.counter;
    if (before && joules < before.joules) this.faults.tell('meter.counter-back', atMs);
    if (!before || joules !== before.joules) {
      this.counter = { joules, atMs, spent: 0 };
      return;
    }
    before.spent += (watts * (atMs - this.lastMs)) / 1000;
    if (atMs - before.atMs > frozen.ms && before.spent > frozen.steps * this.ways.counterStep)
      this.faults.tell('meter.frozen', atMs, `its counter stands still for ${before.spent.toFixed(0)} J`);
  }
}

function plugSensors(ways: PlugWays, { key, simulated }: PlugMeterOptions): Sensor[] {
  const common = {
    driver: ways.driver,
    scope: 'wall',
    label: ways.label,
    updateMs: pollMs,
    ...(simulated && { simulated: true }),
  } as const;
  return [
    {
      ...common,
      id: `${ways.driver}/${key}`,
      quantity: 'power',
      kind: 'sampled',
      total: true,
      resolution: ways.resolution,
      uncertainty: simulated
        ? { gain: 0, offset: ways.resolution / Math.sqrt(12), source: 'a simulator: what it rounds' }
        : ways.uncertainty,
    },
    {
      ...common,
      id: `${ways.driver}/${key}/energy`,
      quantity: 'energy',
      kind: 'counter',
      resolution: ways.counterStep,
    },
  ];
}
