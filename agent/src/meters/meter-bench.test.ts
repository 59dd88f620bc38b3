import { type DeviceReport, LabError } from '@hilltop/contracts';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { RuntimeDriver, Subject } from '../runtimes/runtime.js';
import { meterLog } from '../testing/meter-log.js';
import { virtualTime } from '../testing/virtual-time.js';
import { checkedMeterText, checkMeters } from './check-meters.js';
import { MeterBench } from './meter-bench.js';
import { parseMeter, parseSimulatedMeter } from './meter-spec.js';
import type { OpenedMeter } from './opened-meter.js';
import type { SimulatedMeter } from './simulated/open-simulated.js';

const closing: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const sensor = (id: string): OpenedMeter['sensors'][number] => ({
  id,
  driver: 'ppk2',
  quantity: 'power',
  scope: 'dut-vdd',
  kind: 'averaged',
  total: true,
});

/** A meter that does what a test says. */
function fake(over: Partial<SimulatedMeter> = {}) {
  const listeners = new Set<(reason: LabError | undefined) => void>();
  const meter: OpenedMeter & Partial<SimulatedMeter> = {
    sensors: [sensor('ppk2/fake')],
    start: async (listener) => listener.onPower(0, { startMs: 1, endMs: 2, meanW: 0.25, minW: 0, maxW: 1 }),
    stop: async () => undefined,
    close: async () => undefined,
    clockMs: () => 0.3,
    onClose: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ...over,
  };
  const gone = (reason: LabError): void => {
    for (const listener of [...listeners]) listener(reason);
  };
  return { meter, gone };
}

const spec = parseMeter('ppk2:/dev/ttyACM9');
const offline = new LabError('device.offline', '/dev/ttyACM9 cannot be opened: no such file');
const logger = () => {
  const lines: Array<[string, Record<string, unknown>, string]> = [];
  const line = (level: string) => (fields: unknown, text?: unknown) => {
    lines.push([level, fields as Record<string, unknown>, String(text)]);
  };
  return { lines, log: { info: line('info'), warn: line('warn') } as never };
};
const report = {
  key: 'host',
  facts: { sensors: [{ ...sensor('rapl/package-0'), driver: 'rapl', scope: 'package' }] },
} as unknown as DeviceReport;

describe('MeterBench', () => {
  it('[METER-14] warns once of a meter that is not there, tries it again, and tells when it comes and goes', async () => {
    const timer = virtualTime();
    const { lines, log } = logger();
    const changes: string[] = [];
    const missing: string[] = [];
    let there = false;
    let busy = false;
    let asked = 0;
    const { meter, gone } = fake();
    const bench = new MeterBench({
      specs: [spec],
      log,
      timer,
      quiet: () => busy,
      onMissing: (meter, reason) => missing.push(`${meter}: ${reason}`),
      onChange: (device) => changes.push(device),
      open: async () => {
        asked++;
        if (!there) throw offline;
        return meter;
      },
    });
    closing.push(() => bench.stop());
    await bench.start();
    expect(bench.metersOf('host')).toEqual([]);
    expect(bench.reportOf(report)).toBe(report);
    await timer.pass(7000);
    expect(asked).toBe(3);
    expect(lines).toEqual([
      [
        'warn',
        expect.objectContaining({ meter: 'ppk2:/dev/ttyACM9', code: 'device.offline' }),
        expect.stringContaining('without energy'),
      ],
    ]);
    expect(missing).toEqual([`ppk2:/dev/ttyACM9: ${offline.message}`]);
    there = true;
    busy = true;
    // While something is measured nothing is opened.
    await timer.pass(70_000);
    expect([asked, changes]).toEqual([3, []]);
    busy = false;
    await timer.pass(70_000);
    expect(changes).toEqual(['host']);
    expect(bench.metersOf('host')).toHaveLength(1);
    expect(bench.metersOf('usb-1')).toEqual([]);
    there = false;
    gone(new LabError('device.unplugged', 'gone'));
    expect(bench.metersOf('host')).toEqual([]);
    expect(changes).toEqual(['host', 'host']);
    expect(missing.slice(1)).toEqual(['ppk2:/dev/ttyACM9: gone']);
    there = true;
    await timer.pass(5000);
    expect(bench.metersOf('host')).toHaveLength(1);
  });

  it('[METER-14] a meter that does not start is a fatal fault of the run’s energy, not an end of the run', async () => {
    const { log } = logger();
    const { meter } = fake({ start: () => Promise.reject(new LabError('device.no-answer', 'silent')) });
    const bench = new MeterBench({ specs: [spec], log, onChange: () => undefined, open: async () => meter });
    closing.push(() => bench.stop());
    await bench.start();
    const heard = meterLog();
    await bench.metersOf('host')[0]!.start(heard);
    expect(heard.faults).toEqual([
      { code: 'device.no-answer', message: 'silent', fatal: true, atMs: expect.any(Number) },
    ]);
  });

  it('[METER-19] its sensors are part of its device’s facts; what the device says of itself is a part of it then', async () => {
    const { log } = logger();
    const bench = new MeterBench({ specs: [spec], log, onChange: () => undefined, open: async () => fake().meter });
    closing.push(() => bench.stop());
    await bench.start();
    expect(bench.reportOf(report).facts.sensors).toEqual([
      expect.objectContaining({ id: 'rapl/package-0', total: false }),
      expect.objectContaining({ id: 'ppk2/fake', total: true }),
    ]);
    const board = { ...report, key: 'usb-1' };
    expect(bench.reportOf(board)).toBe(board);
  });

  it('[METER-17] tells a synthetic device when it executes: not while it waits for idle power, not after its end', async () => {
    const loads: number[] = [];
    const { meter } = fake({ busyW: 7, setLoad: (watts) => loads.push(watts) });
    const { log } = logger();
    const bench = new MeterBench({
      specs: [parseSimulatedMeter('ppk2')],
      log,
      onChange: () => undefined,
      open: async () => meter,
    });
    closing.push(() => bench.stop());
    await bench.start();
    const idles: boolean[] = [];
    const driver = {
      block: async (_s, _w, _r, listener) => {
        for (const idle of [true, false, true, false]) listener.onIdle?.(idle);
        throw new Error('it failed');
      },
      evaluate: async () => undefined,
    } as Partial<RuntimeDriver> as RuntimeDriver;
    const watched = bench.watch('host', driver);
    const signal = new AbortController().signal;
    const listener = { onIdle: (idle: boolean) => idles.push(idle) };
    const none = { minMs: 0, minInferences: 1, maxMs: 0 };
    await expect(watched.block({} as Subject, none, none, listener, signal)).rejects.toThrow('it failed');
    expect(loads).toEqual([7, 0, 7, 0, 7, 0]);
    expect(idles).toEqual([true, false, true, false]);
    await watched.evaluate({} as Subject, 1, () => undefined, signal);
    expect(loads.slice(6)).toEqual([7, 0]);
    expect(bench.watch('usb-1', driver)).toBe(driver);
  });
});

describe('the doctor and meters', () => {
  it('[METER-18] tries each that was named: what it shows, or why not and what to do', async () => {
    const specs = [spec, parseSimulatedMeter('shelly'), parseMeter('tasmota:http://me:hunter2@10.0.0.5,device=usb-1')];
    const checked = await checkMeters(specs, async ({ driver }) => {
      if (driver === 'ppk2') throw offline;
      if (driver === 'tasmota') throw new LabError('device.refused', 'http://10.0.0.5 wants a password');
      return fake().meter;
    });
    expect(checked).toEqual([
      {
        meter: 'ppk2:/dev/ttyACM9',
        device: 'host',
        why: offline.message,
        remedy: expect.stringContaining('/dev/ttyACM9'),
      },
      { meter: 'simulated shelly', device: 'host', simulated: true, scope: 'dut-vdd', watts: 0.25 },
      {
        meter: 'tasmota:http://10.0.0.5',
        device: 'usb-1',
        why: expect.any(String),
        remedy: expect.stringContaining('password'),
      },
    ]);
    expect(checked.map(checkedMeterText)).toEqual([
      `ppk2:/dev/ttyACM9 (host): ${offline.message}`,
      'simulated shelly (host): 0.25 W, dut-vdd, simulated: never a measurement',
      'tasmota:http://10.0.0.5 (usb-1): http://10.0.0.5 wants a password',
    ]);
    expect(JSON.stringify(checked)).not.toContain('hunter2');
    const failures = [new LabError('device.offline', 'Permission denied'), new LabError('device.busy', 'in use')];
    const remedies = await checkMeters([spec, spec], async () => {
      throw failures.shift()!;
    });
    expect(remedies.map(({ remedy }) => remedy)).toEqual([
      expect.stringContaining('dialout'),
      expect.stringContaining('running agent'),
    ]);
  });
});
