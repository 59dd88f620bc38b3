import { createHash } from 'node:crypto';
import { cpus, loadavg, setPriority, totalmem } from 'node:os';
import { join } from 'node:path';
import { applyRecipe, createHost, type Host, resolveRecipe } from '@hilltop/compression';
import { graphLevels, isLabError, mulberry32, type RunSettings, settingsKey } from '@hilltop/contracts';
import { root } from '../../test/support/lab.js';
import { type Bench, type BenchOptions, type BenchResult, outcomeOf } from './bench.js';
import { type ModelSource, ownModels } from './model-sources.js';
import { PointLog } from './point-log.js';
import {
  isRecorded,
  type RecordedPoint,
  type RecordedProtocol,
  type Recording,
  readRecordings,
  writeRecording,
} from './recording.js';
import type { Machine } from './report.js';
import { HostDevice, hostProtocols } from './search-host.js';
import { boardProtocols, PicoDevice } from './search-pico.js';
import { boardRecipes, hostRecipes, type SpaceRecipe } from './search-recipes.js';
import { type MadeVariant, type Refused, VariantMaker } from './search-variants.js';

/** Points of a model and device on a board: of the many that the parameters give, so many are drawn. */
const boardPoints = 160;
/** Extended does the same as all on these models. */
const levels = graphLevels.filter((level) => level !== 'extended');

/** The project's models, and the larger one with half of its channels: three that people would search over. */
async function models(host: Host): Promise<ModelSource[]> {
  const own = await ownModels();
  const large = own.find(({ name }) => name === 'fashion-resnet')!;
  const recipe = resolveRecipe({
    name: 'slim',
    title: 'slim',
    description: '',
    steps: [{ pass: 'prune-channels', parameters: { ratio: 0.5 } }],
  });
  const { artifact } = await applyRecipe({ model: large.bytes, recipe, host, calibration: large.calibration });
  return [...own, { ...large, name: 'fashion-resnet-slim', bytes: artifact }];
}

const machine = (): Machine => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryBytes: totalmem(),
  platform: `${process.platform} ${process.arch}`,
  node: process.version,
  loadAverage: loadavg(),
});

/** In an order that has nothing to do with what they are, so that an hour of the machine does not look like a property of a recipe. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = mulberry32(seed);
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

interface Session {
  readonly source: ModelSource;
  readonly maker: VariantMaker;
  readonly host: Host;
  readonly log: (line: string) => void;
  readonly few: boolean;
}

/** Of one model under these protocols: other ones begin anew. */
function logOf<T>({ source, few }: Session, device: string, protocols: unknown): PointLog<T> {
  const model = createHash('sha256').update(source.bytes).update(JSON.stringify(protocols)).digest('hex').slice(0, 12);
  return new PointLog(join(root, 'bench', '.cache', 'search', `${few ? 'few-' : ''}${device}-${model}.jsonl`));
}

type Taken = Pick<Recording, 'points' | 'variants' | 'refused'>;

async function variantsOf(
  { maker, log, source }: Session,
  recipes: readonly SpaceRecipe[],
): Promise<{ readonly made: MadeVariant[]; readonly refused: Refused[] }> {
  const made: MadeVariant[] = [];
  const refused: Refused[] = [];
  for (const recipe of recipes) {
    const one = await maker.make(recipe);
    if ('artifact' in one) made.push(one);
    else refused.push(one);
  }
  log(`${source.name}: ${made.length} variants, ${refused.length} refused`);
  return { made, refused };
}

/** Both numbers of threads in turn: what the machine does meanwhile, it does to both. */
async function takeHosts(session: Session): Promise<Record<1 | 2, Taken>> {
  const { made, refused } = await variantsOf(session, session.few ? hostRecipes.slice(0, 3) : hostRecipes);
  const device = new HostDevice();
  const log = logOf<Pick<RecordedPoint, 'quick' | 'standard'>>(session, 'host', hostProtocols);
  const points = { 1: [] as RecordedPoint[], 2: [] as RecordedPoint[] };
  try {
    const all = made.flatMap(({ variant, artifact }) =>
      levels.map((graphLevel) => ({ recipe: variant.recipe, artifact, graphLevel })),
    );
    for (const [i, { recipe, artifact, graphLevel }] of shuffled(all, 7).entries()) {
      for (const threads of [1, 2] as const) {
        const settings: RunSettings = { threads, graphLevel };
        const key = `${recipe} ${settingsKey(settings)}`;
        const results = await log.of(key, async () => ({
          quick: await device.run(artifact, settings, 'quick'),
          standard: await device.run(artifact, settings, 'standard'),
        }));
        points[threads].push({ recipe, settings, ...results });
      }
      if (i % 20 === 0) session.log(`${session.source.name}: ${i} of ${all.length} points on this machine`);
    }
  } finally {
    device.close();
  }
  const taken = (threads: 1 | 2): Taken => ({
    points: points[threads],
    variants: made.map(({ variant }) => variant),
    refused,
  });
  return { 1: taken(1), 2: taken(2) };
}

async function takePico(session: Session): Promise<Taken> {
  const device = await PicoDevice.open();
  const log = logOf<Pick<RecordedPoint, 'quick' | 'standard'>>(session, 'pico', boardProtocols);
  const points: RecordedPoint[] = [];
  const variants: MadeVariant['variant'][] = [];
  const refused: Refused[] = [];
  try {
    const [control, ...others] = boardRecipes.toSorted(
      (a, b) => Number(b === boardControl) - Number(a === boardControl),
    );
    for (const recipe of [control!, ...shuffled(others, 7)]) {
      if (points.length >= (session.few ? 3 : boardPoints)) break;
      const one = await session.maker.make(recipe);
      if (!('artifact' in one)) {
        refused.push(one);
        continue;
      }
      try {
        const { artifact } = one;
        const results = await log.of(recipe.name, async () => device.runs(await device.planOf(artifact, session.host)));
        points.push({ recipe: recipe.name, settings: { threads: 1, graphLevel: 'all' }, ...results });
        variants.push(one.variant);
      } catch (error) {
        if (!isLabError(error)) throw error;
        refused.push({ recipe: recipe.name, code: error.code });
      }
      if (points.length % 20 === 1) session.log(`${session.source.name}: ${points.length} points on the Pico`);
    }
  } finally {
    await device.close();
  }
  return { points, variants, refused };
}

const boardControl = boardRecipes.find(({ name }) => name === 'int8')!;

function keep(
  session: Session,
  device: string,
  taken: Taken,
  protocols: Record<'quick' | 'standard', RecordedProtocol>,
  startedAt: string,
): void {
  const { source } = session;
  const isPico = device === 'pico';
  const recording: Recording = {
    model: source.name,
    device,
    emulated: isPico,
    startedAt,
    endedAt: new Date().toISOString(),
    machine: machine(),
    items: { validation: source.validation.items, evaluation: source.evaluation.items },
    classes: source.evaluation.classes ?? 10,
    protocols,
    control: isPico ? taken.points[0]!.recipe : 'fp32',
    ...taken,
    notes: [
      'protocols are the lab’s own with shorter loops, so that a whole grid can be measured; seconds are those in which the run held the device',
      'accuracy by ONNX Runtime in the coordinator’s host, not on the device',
      ...(isPico ? [] : ['each block a session of its own, in one process']),
      ...(isPico ? ['emulated: cycles are counted, seconds are those of the emulation'] : []),
    ],
  };
  session.log(`${source.name} on ${device}: ${recording.points.length} points`);
  if (session.few) session.log(JSON.stringify(recording.points[0]));
  else writeRecording(recording);
}

async function run({ quick, log }: BenchOptions): Promise<BenchResult> {
  // Whatever else this machine does goes first.
  setPriority(10);
  const host = createHost();
  try {
    const sources = await models(host);
    const order = ['fashion-resnet', 'fashion-resnet-slim', 'fashion-resnet-micro'];
    const sessions = (quick ? order.slice(2) : order).map((name): Session => {
      const source = sources.find((one) => one.name === name)!;
      return { source, host, log, few: quick, maker: new VariantMaker(source, host) };
    });
    // `pico`, `host` or a model's name alone, where the others are taken by another process.
    const { HILLTOP_DEVICE: onlyDevice = '', HILLTOP_MODEL: onlyModel } = process.env;
    const isWanted = ({ source }: Session, device: string): boolean =>
      device.startsWith(onlyDevice) &&
      (onlyModel ?? source.name) === source.name &&
      (quick || !isRecorded(source.name, device));
    for (const session of sessions.filter((one) => isWanted(one, 'host-1'))) {
      const startedAt = new Date().toISOString();
      const hosts = await takeHosts(session);
      for (const threads of [1, 2] as const) keep(session, `host-${threads}`, hosts[threads], hostProtocols, startedAt);
    }
    // The smallest first: it is done soonest.
    for (const session of sessions.toReversed().filter((one) => isWanted(one, 'pico'))) {
      const startedAt = new Date().toISOString();
      keep(session, 'pico', await takePico(session), boardProtocols, startedAt);
    }
  } finally {
    await host.close();
  }
  const kept = readRecordings();
  const figures = kept.map(({ model, device, points }) => ({
    what: `points of ${model} on ${device}`,
    value: points.length,
    unit: '',
    bound: { op: '>=' as const, value: 150 },
  }));
  return {
    outcome: outcomeOf(figures),
    figures,
    notes: ['what is there already is kept: delete a file of bench/recordings to take it again'],
  };
}

export const recordSearch: Bench = {
  name: 'record-search',
  title: 'Recordings for the bench search: every point of three models on three devices',
  run,
};
