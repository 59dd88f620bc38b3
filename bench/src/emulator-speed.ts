import { createHash } from 'node:crypto';
import { createHost } from '@hilltop/compression';
import { type Board, EmulatedPico, openEmulatedPort, openSmpBoard, readFirmware } from '@hilltop/firmware-bridge';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import { samplePlan } from './sample-plan.js';
import { bootstrapRatio, quantile } from './statistics.js';

const rounds = 12;
const roundsQuick = 2;
/** Inferences of one measurement, and untimed ones before the first: what is translated while it runs must be. */
const inferences = 16;
const warmUp = 16;

type Kind = 'translated' | 'interpreted';

interface Sample {
  readonly kind: Kind;
  /** Of the processor, sleep not counted. */
  readonly cycles: number;
  /** Of this process, all threads. */
  readonly cpuSeconds: number;
  /** Of one inference. */
  readonly ticks: number;
}

interface Emulator {
  readonly kind: Kind;
  readonly pico: EmulatedPico;
  readonly board: Board;
}

async function open(kind: Kind, plan: Uint8Array): Promise<Emulator> {
  const pico = new EmulatedPico({ image: readFirmware('pico'), translate: kind === 'translated' });
  try {
    const board = await openSmpBoard(await openEmulatedPort(pico));
    await board.upload(plan);
    const { inputBytes } = await board.load(createHash('sha256').update(plan).digest('hex'));
    await board.runItem(new Uint8Array(inputBytes).fill(17));
    await board.infer({ inferences: 1, warmUp });
    return { kind, pico, board };
  } catch (error) {
    await pico.close();
    throw error;
  }
}

/** The other emulator sleeps meanwhile, and costs nothing. */
async function measure({ kind, pico, board }: Emulator): Promise<Sample> {
  const before = await pico.facts();
  const cpu = process.cpuUsage();
  const ticks = await board.infer({ inferences });
  const { user, system } = process.cpuUsage(cpu);
  const after = await pico.facts();
  return {
    kind,
    cycles: after.busyCycles - before.busyCycles,
    cpuSeconds: (user + system) / 1e6,
    ticks: ticks[0]!,
  };
}

const megahertz = ({ cycles, cpuSeconds }: Sample): number => cycles / 1e6 / cpuSeconds;

async function run({ quick, log }: BenchOptions): Promise<BenchResult> {
  const host = createHost();
  const { plan } = await samplePlan('fashion-resnet-micro', host).finally(() => host.close());
  const emulators: Emulator[] = [];
  try {
    for (const kind of ['translated', 'interpreted'] as const) emulators.push(await open(kind, plan));
    const [translated, interpreted] = emulators as [Emulator, Emulator];
    const pairs: { readonly translated: Sample; readonly interpreted: Sample }[] = [];
    for (let round = 0; round < (quick ? roundsQuick : rounds); round++) {
      // A B, B A: a drift that is linear in time cancels.
      const first = round % 2 === 0 ? translated : interpreted;
      const one = await measure(first);
      const other = await measure(first === translated ? interpreted : translated);
      pairs.push(
        first === translated ? { translated: one, interpreted: other } : { translated: other, interpreted: one },
      );
      log(`round ${round + 1}: ${megahertz(pairs.at(-1)!.translated).toFixed(0)} MHz translated`);
    }
    return judge(pairs);
  } finally {
    for (const { pico } of emulators) await pico.close();
  }
}

function judge(pairs: ReadonlyArray<{ readonly translated: Sample; readonly interpreted: Sample }>): BenchResult {
  const median = (kind: Kind): number =>
    quantile(
      pairs.map((pair) => megahertz(pair[kind])),
      0.5,
    );
  const ratio = bootstrapRatio(pairs.map((pair) => megahertz(pair.translated) / megahertz(pair.interpreted)));
  const { ticks } = pairs[0]!.interpreted;
  const others = pairs.flatMap((pair) => [pair.translated, pair.interpreted]).filter((one) => one.ticks !== ticks);
  const figures: Figure[] = [
    { what: 'translated / interpreted, geometric mean', ...ratio, unit: 'x', n: pairs.length },
    {
      what: 'measurements with other cycles than the first',
      value: others.length,
      unit: '',
      n: 2 * pairs.length,
      bound: { op: '<=', value: 0 },
    },
    { what: 'translated', value: median('translated'), unit: 'MHz of CPU time', n: pairs.length },
    { what: 'interpreted', value: median('interpreted'), unit: 'MHz of CPU time', n: pairs.length },
    { what: 'cycles of an inference', value: ticks, unit: '' },
  ];
  return {
    outcome: outcomeOf(figures),
    figures,
    raw: pairs,
    notes: [
      `the sample model in int8 on two emulated Picos in one process by turns, ${inferences} inferences each; million cycles emulated per second of processor time of the whole process; a real Pico runs at 125 MHz`,
    ],
  };
}

export const emulatorSpeed: Bench = { name: 'emulator', title: 'Emulated Pico, translated against interpreted', run };
