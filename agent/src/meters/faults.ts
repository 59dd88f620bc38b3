import type { MeterListener } from './meter.js';

/** What makes a meter's readings untrustworthy for a while. Codes are stable: programs and evidence name them. */
export const meterFaults = {
  'meter.samples-lost': 'samples were lost on the way',
  'meter.over-range': 'the meter was over its range',
  'meter.unplugged': 'the meter was unplugged',
  'meter.clock-drift': "the meter's clock runs away from this host's",
  'meter.not-calibrated': 'the meter holds no calibration',
  'meter.counter-back': 'an energy counter went back',
  'meter.no-answer': 'the meter does not answer',
  'meter.frozen': 'the meter repeats an old value',
  'meter.supply-lost': 'the meter switched the supply off',
} as const;
export type MeterFault = keyof typeof meterFaults;

/** The same fault is told again after so long at the soonest: shorter than any window, which one marks as well as a thousand. */
const repeatMs = 50;

/** Tells a listener of faults, each kind at most twenty times a second; fatal ones always. */
export class FaultTeller {
  private readonly toldMs = new Map<MeterFault, number>();

  constructor(private readonly listener: Pick<MeterListener, 'onFault'>) {}

  tell(code: MeterFault, atMs: number, detail?: string, fatal: 'fatal' | 'passing' = 'passing'): void {
    const before = this.toldMs.get(code);
    if (fatal === 'passing' && before !== undefined && atMs - before < repeatMs) return;
    this.toldMs.set(code, atMs);
    const message = `${meterFaults[code]}${detail === undefined ? '' : `: ${detail}`}`;
    this.listener.onFault({ code, message, fatal: fatal === 'fatal', atMs });
  }

  /** Of what is found out later than it happened, at some time after `sinceMs`: every window that ends behind that is in doubt. */
  tellSince(code: MeterFault, sinceMs: number, untilMs: number, detail: string): void {
    const message = `${meterFaults[code]}: ${detail}`;
    this.listener.onFault({ code, message, fatal: false, atMs: untilMs, sinceMs });
  }
}
