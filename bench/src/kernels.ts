import { firmwareImages } from '@hilltop/firmware-bridge';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import { anchorSource, cmsisNn } from './kernel-anchors.js';
import { type CountedBoard, countedBoards, instructionsOf } from './kernel-boards.js';
import { deviating, type LayerCount, layerFigures } from './kernel-figures.js';
import { type BoardCounts, countOn, type MeasuredPlan, measuredPlans } from './kernel-run.js';
import { kernelShapes, realMacs } from './kernel-shapes.js';

const starts = 3;
const startsQuick = 1;

interface Counted {
  readonly board: CountedBoard;
  /** Of each cold start. */
  readonly runs: readonly BoardCounts[];
}

async function run({ quick, log }: BenchOptions): Promise<BenchResult> {
  const { boards, notes, dispose } = await countedBoards({ few: quick });
  try {
    const plans = await measuredPlans();
    const counted: Counted[] = [];
    for (const board of boards) {
      const runs: BoardCounts[] = [];
      for (let start = 0; start < (quick ? startsQuick : starts); start++) {
        runs.push(await countOn(() => board.start(start), plans));
        log(`${board.name}: start ${start + 1}`);
      }
      counted.push({ board, runs });
    }
    return judge(counted, plans, notes);
  } finally {
    dispose();
  }
}

/** Instructions or cycles, as the board's ticks are. */
const countOf = ({ board, runs }: Counted, ticks: number): number =>
  board.unit === 'cycles' ? ticks : instructionsOf(ticks, runs[0]!.hz);

function layersAlone(counted: Counted): LayerCount[] {
  const { board, runs } = counted;
  const { cpu: cpuName, plans } = runs[0]!;
  return kernelShapes.map((shape) => ({
    cpu: board.cpu,
    cpuName,
    unit: board.unit,
    kernel: shape.name,
    title: shape.title,
    count: countOf(counted, plans.find(({ plan }) => plan === shape.name)!.ticks[0]!),
    macs: realMacs(shape),
  }));
}

/** The sample model's layers that multiply, one by one, and the whole of it. */
function sampleFigures(counted: Counted, sample: MeasuredPlan): Figure[] {
  const { board, runs } = counted;
  const { ticks, layerTicks } = runs[0]!.plans.find(({ plan }) => plan === sample.name)!;
  const macs = sample.layers.reduce((sum, layer) => sum + layer.macs, 0);
  const unit = `${board.unit}/MAC`;
  return [
    { what: `sample model on ${board.cpu}`, value: countOf(counted, ticks[0]!) / macs, unit },
    ...sample.layers.flatMap((layer, i): Figure[] =>
      layer.macs === 0
        ? []
        : [
            {
              what: `its ${layer.kind} ${layer.node} (${layer.macs} MACs) on ${board.cpu}`,
              value: countOf(counted, layerTicks[i]!) / layer.macs,
              unit,
            },
          ],
    ),
  ];
}

function judge(counted: readonly Counted[], plans: readonly MeasuredPlan[], notes: readonly string[]): BenchResult {
  const sample = plans.at(-1)!;
  const outputs = counted.map(({ runs }) => runs[0]!.plans.map(({ output }) => output));
  const figures: Figure[] = [
    ...layerFigures(counted.flatMap(layersAlone)),
    {
      what: 'cold starts that count otherwise than the first',
      value: counted.reduce((sum, { runs }) => sum + deviating(runs), 0),
      unit: '',
      n: counted.reduce((sum, { runs }) => sum + runs.length, 0),
      bound: { op: '<=', value: 0 },
    },
    {
      what: 'inferences that count otherwise than the first of their start',
      value: counted
        .flatMap(({ runs }) => runs.flatMap((one) => one.plans.map(({ ticks }) => deviating(ticks))))
        .reduce((sum, n) => sum + n, 0),
      unit: '',
      bound: { op: '<=', value: 0 },
    },
    {
      what: 'boards with other outputs than the first',
      value: deviating(outputs),
      unit: '',
      n: counted.length,
      bound: { op: '<=', value: 0 },
    },
    ...counted.flatMap((one) => sampleFigures(one, sample)),
  ];
  return {
    outcome: outcomeOf(figures),
    figures,
    raw: {
      firmware: firmwareImages().sources,
      counted: counted.map(({ board, runs }) => ({ board: board.name, runs })),
      cmsisNn,
    },
    notes: [
      'the firmware that ships: a QDQ model of one layer is compiled, uploaded and run over SMP; MACs are real ones, padding not counted; a count is of the whole inference, interpreter and reading of the counter (some 30 instructions) included',
      'QEMU counts instructions, not cycles: no wait states, no pipeline; the Pico counts cycles of rp2040js, without contention on the bus',
      `beside it: ${anchorSource}; ours: -O2, one exact rounding, ties to even`,
      ...notes,
    ],
  };
}

export const kernels: Bench = { name: 'kernels', title: 'Int8 kernels, per real multiply-accumulate', run };
