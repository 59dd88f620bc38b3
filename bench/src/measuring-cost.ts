import { openMeter } from '@hilltop/agent';
import { discoverSensors } from '@hilltop/agent/dist/sensors/index.js';
import type { RecorderPorts } from '@hilltop/agent/dist/sensors/recorder.js';
import { runTool } from '@hilltop/agent/dist/sensors/run-tool.js';
import { threadSampler } from '@hilltop/agent/dist/sensors/sampler.js';
import { protocolOf } from '@hilltop/contracts';
import { example } from '../../test/support/lab.js';
import { isWide, quadruple, type Take } from './abba.js';
import type { Bench, BenchOptions, BenchResult } from './bench.js';
import { type CostValues, judgeCost, pairsWanted } from './cost-judge.js';
import { HelperProcess } from './helper-process.js';
import { PinnedLab } from './pinned-lab.js';
import { type Rates, ratesOf, sensorHz, sensors } from './reading-rates.js';
import { sensorTree } from './sensor-tree.js';

/** A noisy session goes on while its control is wider than it may be; that width alone decides. */
const pairsAtMost = 120;
const pairsQuick = 4;

async function run({ quick, model, protocol: name, log }: BenchOptions): Promise<BenchResult> {
  const protocol = { ...protocolOf(name), blocks: 1 };
  const [wanted, most] = quick ? [pairsQuick, pairsQuick] : [pairsWanted, pairsAtMost];
  const values: CostValues = { compared: [], control: [], ratios: [], controlRatios: [], rates: [] };
  const tree = sensorTree(sensors);
  const lab = new PinnedLab(example(model));
  const simulator = new HelperProcess('ppk2-on-pty');
  let close: (() => Promise<void>) | undefined;
  try {
    const at = await simulator.ask<string>('where');
    const meter = await openMeter({ driver: 'ppk2', at, device: 'host', mode: 'source', millivolts: 3300 });
    close = () => meter.close();
    const found = await discoverSensors({ root: tree.root, run: runTool });
    const zones = found.sources.map(({ sensor }) => sensor).filter(({ driver }) => driver === 'thermal-zone');
    if (zones.length !== sensors) throw new Error(`${zones.length} of ${sensors} sensors were found`);
    const ports: RecorderPorts = {
      sampler: threadSampler({ root: tree.root, sensors: zones, periodMs: 1000 / sensorHz }),
      meters: [meter],
    };
    const p50 = async (measuring: boolean): Promise<number> => {
      const { batches, summary } = await lab.run(protocol, measuring ? ports : undefined);
      if (measuring) values.rates.push(ratesOf(batches));
      return summary.metrics.latency_p50_ms!.value;
    };
    const [off, on]: [Take, Take] = [() => p50(false), () => p50(true)];
    await off();
    for (let i = 0; i < wanted || (i < most && isWide(values.controlRatios, 0.01)); i++) {
      // The control takes turns with the comparison, so that both see the same hours of the machine.
      values.ratios.push(await quadruple(off, on, values.compared));
      values.controlRatios.push(await quadruple(off, off, values.control));
      const rates: Rates = values.rates.at(-1)!;
      log(
        `pair ${i + 1} of at least ${wanted}: on/off ${values.ratios.at(-1)!.toFixed(4)}, off/off ${values.controlRatios.at(-1)!.toFixed(4)}; ${Math.round(rates.readings)} readings/s, ${Math.round(rates.powerMs)} ms of power a second`,
      );
    }
  } finally {
    await close?.();
    simulator.stop();
    lab.close();
    tree.remove();
  }
  return judgeCost(values, [
    `model ${model}, 1 thread, blocks of protocol ${name}, each a process of its own on core ${lab.core}; recorder, sampler, socat and simulator on ${lab.others.join(',')}; ABBA, comparison and control by turns`,
    `on: a simulated PPK2 at the end of a pseudo-terminal, 100,000 samples/s of 4 bytes, and ${sensors} files at ${sensorHz} Hz, all recorded as in a run; off: neither is read`,
  ]);
}

export const measuringCost: Bench = {
  name: 'cost',
  title: 'Latency with sensors and a meter beside it against without',
  run,
};
