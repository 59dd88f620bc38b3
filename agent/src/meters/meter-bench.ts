import { type DeviceReport, errorText, isLabError, type Sensor } from '@hilltop/contracts';
import type { Timer } from '@hilltop/firmware-bridge';
import type { Logger } from 'pino';
import type { BlockListener, RuntimeDriver } from '../runtimes/runtime.js';
import { hostTimer } from './host-clock.js';
import type { Meter } from './meter.js';
import { type MeterSpec, meterName } from './meter-spec.js';
import { isSimulated, openMeter } from './open-meter.js';
import type { OpenedMeter } from './opened-meter.js';

export interface MeterBenchOptions {
  readonly specs: readonly MeterSpec[];
  readonly open?: typeof openMeter;
  /** A device has other sensors than before. */
  readonly onChange: (device: string) => void;
  /** A meter is not there, told once until it is: runs go on without energy. */
  readonly onMissing?: (meter: string, reason: string) => void;
  /** True while something on this machine is measured: then nothing is opened here. */
  readonly quiet?: () => boolean;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly timer?: Timer;
}

/** A meter that is not there is tried so often: soon, then more and more seldom. */
const retryMs = { first: 2000, most: 60_000 } as const;

/** The meters of this agent: opened when they are there, tried again when they are not. A device without its meter runs on, without energy. */
export class MeterBench {
  private readonly slots: readonly MeterSlot[];

  constructor(options: MeterBenchOptions) {
    this.slots = options.specs.map((spec) => new MeterSlot(spec, options));
  }

  /** Tries each once; resolves when that is over, whatever came of it. Never rejects. */
  async start(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.try()));
  }

  /** Closes all; a simulated device ends with its meter. Never rejects. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.slots.map((slot) => slot.stop()));
  }

  /** What is in a device's supply and there now. */
  metersOf(device: string): Meter[] {
    return this.slots.flatMap((slot) => (slot.spec.device === device && slot.meter ? [slot.meter] : []));
  }

  /** A device's report with its meters' sensors. A meter in the supply says what the device takes; what it says of itself is a part of it. */
  reportOf(report: DeviceReport): DeviceReport {
    const sensors = this.metersOf(report.key).flatMap((meter) => meter.sensors);
    if (sensors.length === 0) return report;
    const own = (report.facts.sensors ?? []).map((sensor: Sensor) =>
      sensor.total ? { ...sensor, total: false } : sensor,
    );
    return { ...report, facts: { ...report.facts, sensors: [...own, ...sensors] } };
  }

  /** The driver of a device; where its meter is simulated, one that tells the synthetic device when it executes. */
  watch(device: string, driver: RuntimeDriver): RuntimeDriver {
    const simulated = this.slots.filter(({ spec }) => spec.device === device && spec.simulated);
    return simulated.length === 0
      ? driver
      : tellingDriver(driver, (busy) => {
          for (const slot of simulated) slot.setBusy(busy);
        });
  }
}

/** One meter: absent or here. */
class MeterSlot {
  private opened: OpenedMeter | undefined;
  private cancel: (() => void) | undefined;
  private trying: Promise<void> | undefined;
  private waitMs: number = retryMs.first;
  private stopped = false;
  private warned = false;
  private readonly timer: Timer;
  meter: Meter | undefined;

  constructor(
    readonly spec: MeterSpec,
    private readonly options: MeterBenchOptions,
  ) {
    this.timer = options.timer ?? hostTimer;
  }

  setBusy(busy: boolean): void {
    if (this.opened && isSimulated(this.opened)) this.opened.setLoad(busy ? this.opened.busyW : 0);
  }

  try(): Promise<void> {
    this.trying ??= this.open().finally(() => {
      this.trying = undefined;
    });
    return this.trying;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel?.();
    await this.trying;
    await this.opened?.close();
    this.opened = this.meter = undefined;
  }

  private async open(): Promise<void> {
    if (this.stopped || this.opened) return;
    if (this.options.quiet?.()) return this.later();
    let opened: OpenedMeter;
    try {
      opened = await (this.options.open ?? openMeter)(this.spec);
    } catch (error) {
      this.lack(error);
      return this.later();
    }
    if (this.stopped) return opened.close();
    this.opened = opened;
    this.meter = this.guarded(opened);
    this.waitMs = retryMs.first;
    this.warned = false;
    this.options.log.info({ meter: meterName(this.spec), device: this.spec.device }, 'a meter is here');
    opened.onClose((reason) => this.gone(opened, reason));
    this.options.onChange(this.spec.device);
  }

  private later(): void {
    if (this.stopped) return;
    this.cancel = this.timer.after(this.waitMs, () => void this.try());
    this.waitMs = Math.min(retryMs.most, this.waitMs * 2);
  }

  private gone(opened: OpenedMeter, reason: unknown): void {
    if (this.stopped || this.opened !== opened) return;
    this.opened = this.meter = undefined;
    this.lack(reason ?? 'it was closed');
    this.options.onChange(this.spec.device);
    this.later();
  }

  /** Told once, until it is here again. */
  private lack(error: unknown): void {
    if (this.warned) return;
    this.warned = true;
    this.options.onMissing?.(meterName(this.spec), errorText(error));
    this.options.log.warn(
      {
        meter: meterName(this.spec),
        device: this.spec.device,
        ...(isLabError(error) && { code: error.code }),
        reason: errorText(error),
      },
      'a meter is not there; runs go on without energy, and it is tried again',
    );
  }

  /** A meter that does not start costs a run its energy, never the run. */
  private guarded(opened: OpenedMeter): Meter {
    return {
      sensors: opened.sensors,
      start: async (listener) => {
        try {
          await opened.start({
            ...listener,
            onFault: (fault) => {
              this.options.log.warn({ meter: meterName(this.spec), code: fault.code }, fault.message);
              listener.onFault(fault);
            },
          });
        } catch (error) {
          const code = isLabError(error) ? error.code : 'meter.no-answer';
          this.options.log.warn({ meter: meterName(this.spec), code }, errorText(error));
          listener.onFault({ code, message: errorText(error), fatal: true, atMs: this.timer.now() });
        }
      },
      stop: () => opened.stop(),
      clockMs: () => opened.clockMs(),
      close: () => opened.close(),
    };
  }
}

/** The same driver; says when the device begins and ceases to execute. */
function tellingDriver(driver: RuntimeDriver, tell: (busy: boolean) => void): RuntimeDriver {
  const during = async <T>(work: () => Promise<T>): Promise<T> => {
    tell(true);
    try {
      return await work();
    } finally {
      tell(false);
    }
  };
  return {
    ...driver,
    block: (subject, warmUp, rule, listener, signal) => {
      const told: BlockListener = {
        ...listener,
        onIdle: (idle) => {
          tell(!idle);
          listener.onIdle?.(idle);
        },
      };
      return during(() => driver.block(subject, warmUp, rule, told, signal));
    },
    evaluate: (subject, items, onItems, signal) => during(() => driver.evaluate(subject, items, onItems, signal)),
  };
}
