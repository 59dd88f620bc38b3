import { readFileSync } from 'node:fs';
import type { Baseline, Device, Gate, Job, Reservation, Run, Schedule, Sweep, Variant } from '@hilltop/contracts';
import { example, type LabOptions, startLab, type TestLab } from './lab.js';
import { bytes, message } from './onnx.js';
import { type SeededEffort, seedOf } from './seeded-device.js';
import { type SeededDevice, SeededFleet, type SeededTask } from './seeded-fleet.js';

export interface SeededLabOptions extends LabOptions {
  readonly seed: number;
  /** Runs at least; 220 unless told otherwise. More are the same points measured again. */
  readonly runs?: number;
  /** Six have a name and a part in the story; more are boards of a farm. */
  readonly devices?: number;
  /** Latencies told of each block: 40 unless told otherwise. */
  readonly inferences?: number;
}

export interface SeededLab {
  readonly lab: TestLab;
  readonly fleet: SeededFleet;
  /** Token of each person, by name. */
  readonly people: Readonly<Record<'Mira Berg' | 'Jo Okafor' | 'Lu Chen' | 'Visitor', string>>;
  readonly models: readonly string[];
  /** Measures until somebody ends it with `fleet.end`. */
  readonly live: Run;
  /** Each way that a run can end, and one that waits. */
  readonly endings: Readonly<Record<'failed' | 'cancelled' | 'queued', string>>;
  readonly search: Sweep;
  readonly schedule: Schedule;
  /** Of the last night: worse, inconclusive and missing rows. */
  readonly gate: Gate;
  readonly stop: () => Promise<void>;
}

const story: readonly SeededDevice[] = [
  { name: 'seeded-rpi-a', type: 'rpi-4b', slowness: 1, labels: { room: 'bench' } },
  { name: 'seeded-rpi-b', type: 'rpi-4b', slowness: 1.02, labels: { room: 'bench' } },
  { name: 'seeded-orin', type: 'orin-nano', slowness: 0.22, power: true, labels: { room: 'rack' } },
  { name: 'seeded-nano', type: 'nano-2', slowness: 1.6, labels: { room: 'rack' } },
  { name: 'seeded-x86', type: 'x86-mini', slowness: 0.31, labels: { room: 'rack' } },
  { name: 'seeded-pico', type: 'pico', slowness: 70, board: true, emulated: true, labels: { room: 'bench' } },
];

/** Models of the story: the small sample network under other names, and what the story says of it. */
const models = [
  { name: 'seeded-vision', latencyMs: 12, accuracy: 0.905, memoryBytes: 21e6 },
  { name: 'seeded-keywords', latencyMs: 3.4, accuracy: 0.942, memoryBytes: 6e6 },
  { name: 'seeded-gesture', latencyMs: 7.1, accuracy: 0.881, memoryBytes: 11e6 },
] as const;

/** What a recipe does in the story: share of the latency and of the memory, and points of accuracy lost. */
const recipes: Readonly<Record<string, readonly [latency: number, memory: number, loss: number]>> = {
  fp32: [1, 1, 0],
  optimized: [0.9, 0.97, 0],
  fp16: [0.98, 0.62, 0.0005],
  'int8-static': [0.46, 0.42, 0.009],
  'int8-portable': [0.47, 0.42, 0.012],
  'int8-dynamic': [0.61, 0.45, 0.004],
  'int8-weights': [1.04, 0.5, 0.003],
  'prune-50': [0.93, 0.9, 0.006],
  'cluster-16': [1.01, 0.8, 0.007],
  'low-rank-90': [0.78, 0.74, 0.013],
  'prune-channels-25+int8': [0.37, 0.36, 0.022],
  'prune-channels-50+int8': [0.26, 0.29, 0.061],
};
/** What is made of the models beside the first: fewer, since each is really compressed. */
const fewRecipes = ['fp32', 'fp16', 'int8-static', 'int8-portable', 'prune-channels-25+int8', 'prune-channels-50+int8'];
const recipesOf = (model: string): string[] => (model === models[0].name ? Object.keys(recipes) : fewRecipes);
const boardRecipes = ['int8-portable', 'prune-channels-50+int8'] as const;
const nightRecipes = ['int8-static', 'prune-channels-25+int8', 'int8-dynamic'] as const;
const items = 400;
const nights = 4;

/** What the device makes of the variant, by the seed alone. */
function effortOf(seed: number, { device, model, recipe, start }: SeededTask, isLastNight: boolean): SeededEffort {
  const base = models.find(({ name }) => name === model) ?? { latencyMs: 1, accuracy: 0.9, memoryBytes: 4e6 };
  const [latency, memory, loss] = recipes[recipe] ?? [0.5, 0.5, 0.02];
  // A device has its own taste: what is fast on one need not be on another.
  const taste = recipe === 'fp32' ? 1 : 0.9 + (0.2 * (seedOf(seed, device.type, recipe) % 1000)) / 1000;
  const { threads } = start.settings;
  const worse = isLastNight && device.name === 'seeded-rpi-a' && recipe === 'int8-static' ? 1.09 : 1;
  const noisy = isLastNight && device.name === 'seeded-rpi-a' && recipe === 'int8-dynamic';
  return {
    latencyMs: (base.latencyMs * latency * device.slowness * taste * worse) / (1 + 0.55 * (threads - 1)),
    between: device.board ? 0 : noisy ? 0.013 : 0.002,
    memoryBytes: device.board ? Math.round(96e3 * memory) : base.memoryBytes * memory,
    accuracy: base.accuracy - loss,
    itemSeed: seedOf(seed, model),
  };
}

async function until<T>(look: () => Promise<T | undefined>, what: string, timeoutMs = 300_000): Promise<T> {
  for (const endAt = performance.now() + timeoutMs; ; ) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > endAt) throw new Error(`the seeded lab: ${what} did not come within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/**
 * A whole lab by a seed: a real coordinator in a process of its own and scripted agents that speak the real protocol. Everything went the way of real
 * work (models were pushed and compressed, jobs dispatched, runs summarised), only the numbers of the devices are the story's: names, types and versions
 * say `seeded`, and none of it is a measurement. The same seed gives the same numbers; ids and times are of the day.
 *
 * About 20 s for the 220 runs of the tests; a bench that wants many asks for them: `startSeededLab({ seed: 42, runs: 10_000, devices: 100, inferences: 10 })`.
 */
export async function startSeededLab(options: SeededLabOptions): Promise<SeededLab> {
  const { seed, runs = 220, devices = story.length, inferences = 40 } = options;
  const lab = await startLab({
    ...options,
    env: {
      HILLTOP_LOG: 'warn',
      HILLTOP_LIMIT_AGENT_MESSAGES: '100000',
      HILLTOP_LIMIT_AGENT_BYTES: '1000000000',
      ...options.env,
    },
  });
  const fleet = new SeededFleet(lab, seed, inferences);
  const stop = async (): Promise<void> => {
    await fleet.stop();
    await lab.stop();
  };
  try {
    return { ...(await tell(lab, fleet, { seed, runs, devices })), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function tell(
  lab: TestLab,
  fleet: SeededFleet,
  { seed, runs, devices }: { seed: number; runs: number; devices: number },
): Promise<Omit<SeededLab, 'stop'>> {
  let isLastNight = false;
  fleet.effort = (task) => effortOf(seed, task, isLastNight);
  const people = await invite(lab);
  const made = prepareModels(lab, fleet);
  const all: SeededDevice[] = [
    ...story,
    ...Array.from({ length: Math.max(0, devices - story.length) }, (_, i) => ({
      name: `seeded-farm-${String(i + 1).padStart(3, '0')}`,
      type: 'farm-board',
      slowness: 0.8 + (0.4 * (seedOf(seed, i) % 1000)) / 1000,
      labels: { room: 'farm' },
    })),
  ];
  const token = await lab.joinToken(all.length);
  for (const device of all) await fleet.join(device, token);
  await made;

  // Everything everywhere, in turns until there are enough.
  const hosts = all.filter(({ board }) => !board).map(({ name }) => name);
  const points = models.reduce((sum, { name }) => sum + recipesOf(name).length, 0);
  const aNight = 2 * (nightRecipes.length + 2) * 2;
  const replicates = Math.ceil(Math.max(1, runs - nights * aNight) / (hosts.length * points));
  fleet.fate = ({ device, model, recipe, time }) => {
    if (recipe === 'fp32' || model === 'canary' || device.board) return 'clean';
    const dice = seedOf(seed, device.name, model, recipe, time) % 100;
    return dice < 5 ? 'disturbed' : dice < 7 ? 'invalid' : 'clean';
  };
  const jobs: Job[] = [];
  for (const { name } of models) {
    const common = { model: name, protocol: 'quick', evaluationItems: items } as const;
    jobs.push(
      await lab.submit({
        ...common,
        name: `${name}-everywhere`,
        recipes: recipesOf(name),
        selector: { devices: hosts, labels: {} },
        ...(replicates > 1 && { replicates: Math.min(20, replicates) }),
      }),
      await lab.submit({ ...common, recipes: [...boardRecipes], selector: { devices: ['seeded-pico'], labels: {} } }),
    );
  }
  await Promise.all(jobs.map(({ id }) => lab.ended(id, 600_000 + 60 * runs)));

  fleet.fate = () => 'clean';
  const search = await sweepOf(lab, seed);
  const { schedule, gate } = await nightsOf(lab, fleet, () => {
    isLastNight = true;
  });
  isLastNight = false;
  const endings = await endingsOf(lab, fleet);
  const live = await liveRun(lab, fleet);
  await aroundTheLab(lab, fleet, { people, gate });
  return {
    lab,
    fleet,
    people,
    models: models.map(({ name }) => name),
    live,
    endings: { ...endings },
    search,
    schedule,
    gate,
  };
}

async function invite(lab: TestLab): Promise<SeededLab['people']> {
  const token = async (name: string, role: 'viewer' | 'operator'): Promise<string> => {
    const { id } = await lab.api<{ id: string }>('POST', '/users', { name, role });
    return (await lab.api<{ secret: string }>('POST', '/tokens', { kind: 'usr', userId: id })).secret;
  };
  return {
    'Mira Berg': await token('Mira Berg', 'operator'),
    'Jo Okafor': await token('Jo Okafor', 'operator'),
    'Lu Chen': await token('Lu Chen', 'operator'),
    Visitor: await token('Visitor', 'viewer'),
  };
}

/** Pushes the models and waits until every variant is made, so that a device is never idle for want of one. */
async function prepareModels(lab: TestLab, fleet: SeededFleet): Promise<void> {
  const source = readFileSync(example('models/fashion-resnet-micro.onnx'));
  const [calibration, evaluation] = ['calibration', 'validation'].map((set) =>
    readFileSync(example(`data/fashion-${set}.npz`)),
  );
  for (const { name } of models) {
    // ModelProto: metadata_props = 14 { key = 1, value = 2 }. Another text is another model.
    const model = Buffer.concat([source, message(14, bytes(1, 'seeded'), bytes(2, name))]);
    const { id } = await lab.push(name, { model, calibration: calibration!, evaluation: evaluation! });
    await lab.api('POST', '/variants', { model: id, recipes: recipesOf(name) });
    const variants = await until(async () => {
      const { items: list } = await lab.api<{ items: Variant[] }>('GET', `/variants?model=${id}&limit=100`);
      return list.length > 0 && list.every(({ state }) => state === 'ready' || state === 'failed') ? list : undefined;
    }, `variants of ${name}`);
    for (const { artifact, recipe } of variants)
      if (artifact) fleet.variants.set(artifact.sha256, { model: name, recipe });
  }
}

/** A search that has ended: trials, why each was chosen, hypervolume. */
async function sweepOf(lab: TestLab, seed: number): Promise<Sweep> {
  const { id } = await lab.api<Sweep>('POST', '/sweeps', {
    file: {
      name: 'seeded-search',
      models: ['seeded-vision'],
      recipes: Object.keys(recipes).filter((name) => name !== 'fp32'),
      settings: { threads: [1, 2] },
      selector: { devices: ['seeded-orin'], labels: {} },
      protocol: 'quick',
      evaluationItems: items,
      budget: { runs: 26 },
      sampler: { name: 'adaptive', seed },
      healthCheck: false,
    },
  });
  return ended(lab, id);
}

const ended = (lab: TestLab, id: string): Promise<Sweep> =>
  until(async () => {
    const sweep = await lab.api<Sweep>('GET', `/sweeps/${id}`);
    return ['succeeded', 'failed', 'cancelled'].includes(sweep.state) ? sweep : undefined;
  }, `the end of sweep ${id}`);

/** Nights that are the same but for the last: one variant is slower, one cannot be told, one was lost with its board. */
async function nightsOf(
  lab: TestLab,
  fleet: SeededFleet,
  beginLast: () => void,
): Promise<{ schedule: Schedule; gate: Gate }> {
  const file = {
    name: 'seeded-nightly',
    models: ['seeded-vision'],
    recipes: [...nightRecipes],
    selector: { devices: ['seeded-rpi-a', 'seeded-rpi-b'], labels: {} },
    protocol: 'quick',
    evaluationItems: items,
    replicates: 2,
    sampler: { name: 'grid' },
    healthCheck: false,
  };
  const { id } = await lab.api<Schedule>('POST', '/schedules', {
    name: 'seeded-nightly',
    cron: '0 2 * * *',
    timezone: 'Europe/Berlin',
    file,
    baseline: 'last-good-night',
    maxRegression: 0.03,
  });
  for (let night = 1; night <= nights; night++) {
    if (night === nights) {
      beginLast();
      fleet.fate = ({ device, recipe }) =>
        device.name === 'seeded-rpi-b' && recipe === 'prune-channels-25+int8' ? 'infrastructure' : 'clean';
    }
    await lab.api('POST', `/schedules/${id}/trigger`, {});
    await until(async () => {
      const { last } = await lab.api<Schedule>('GET', `/schedules/${id}`);
      const isJudged =
        last?.state === 'ended' && (night === 1 || last.gateId !== undefined || last.error !== undefined);
      if (last?.state === 'failed') throw new Error(`a night: ${last.error?.message}`);
      return isJudged ? last : undefined;
    }, `night ${night}`);
    if (night === 1)
      await lab.api<Baseline>('POST', '/baselines', { name: 'last-good-night', sweep: 'seeded-nightly' });
  }
  fleet.fate = () => 'clean';
  const schedule = await lab.api<Schedule>('GET', `/schedules/${id}`);
  return { schedule, gate: await lab.api<Gate>('GET', `/gates/${schedule.last!.gateId}`) };
}

async function endingsOf(lab: TestLab, fleet: SeededFleet): Promise<SeededLab['endings']> {
  const wish = { model: 'seeded-gesture', protocol: 'quick', evaluationItems: items, repeats: 0 } as const;
  const submit = async (name: string, recipe: string, device: string): Promise<string> => {
    const job = await lab.submit({ ...wish, name, recipes: [recipe], selector: { devices: [device], labels: {} } });
    return (await lab.runs(job.id))[0]!.id;
  };
  const state = (id: string, wanted: string): Promise<Run> =>
    until(async () => {
      const run = await lab.api<Run>('GET', `/runs/${id}`);
      return run.state === wanted ? run : undefined;
    }, `a run that is ${wanted}`);
  fleet.fate = () => 'failed';
  const failed = await submit('seeded-failure', 'fp16', 'seeded-rpi-b');
  await state(failed, 'failed');
  fleet.fate = () => 'held';
  const cancelled = await submit('seeded-cancelled', 'fp16', 'seeded-x86');
  const { jobId } = await state(cancelled, 'running');
  await lab.api('POST', `/jobs/${jobId}/cancel`, { reason: 'the wrong recipe' });
  await state(cancelled, 'cancelled');
  fleet.fate = () => 'clean';
  // A device that has gone: what waits for it waits on.
  await fleet.leave('seeded-x86');
  const queued = await submit('seeded-waiting', 'fp32', 'seeded-x86');
  return { failed, cancelled, queued };
}

/** One run that measures, on the device with the power meter. */
async function liveRun(lab: TestLab, fleet: SeededFleet): Promise<Run> {
  fleet.fate = () => 'held';
  const job = await lab.submit({
    name: 'seeded-live',
    model: 'seeded-vision',
    recipes: ['int8-static', 'fp16'],
    protocol: 'standard',
    evaluationItems: items,
    selector: { devices: ['seeded-orin'], labels: {} },
  });
  const run = await until(
    async () => (await lab.runs(job.id)).find(({ state }) => state === 'running'),
    'a run that measures',
  );
  fleet.speak('seeded-orin');
  return run;
}

/** Who holds what, what people wrote, which device is out. */
async function aroundTheLab(
  lab: TestLab,
  _fleet: SeededFleet,
  { people, gate }: { people: SeededLab['people']; gate: Gate },
): Promise<void> {
  const as = async <T>(name: keyof SeededLab['people'], method: string, path: string, body: unknown): Promise<T> => {
    const response = await lab.raw(method, `/api/v1${path}`, { body, token: people[name] });
    if (!response.ok) throw new Error(`${name}, ${method} ${path}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  await lab.api('POST', '/devices/seeded-nano/quarantine', { reason: 'seeded: its canary is 18 % slower than it was' });
  const reserve = (name: keyof SeededLab['people'], forSeconds: number): Promise<Reservation> =>
    as(name, 'POST', '/leases', { selector: { devices: ['seeded-rpi-a'], labels: {} }, forSeconds });
  await reserve('Mira Berg', 2400);
  await reserve('Jo Okafor', 1800);
  await reserve('Lu Chen', 3600);
  await lab.api('POST', '/leases', { selector: { devices: ['seeded-rpi-a'], labels: {} }, forSeconds: 900 });
  const device = await lab.api<Device>('GET', '/devices/seeded-nano');
  await as('Jo Okafor', 'POST', '/notes', {
    subject: { kind: 'device', id: device.id },
    text: 'Its fan stands still. @Mira Berg, do we have another?',
  });
  const worse = gate.rows.find(({ verdict }) => verdict === 'worse');
  if (worse)
    await as('Lu Chen', 'POST', '/notes', {
      subject: { kind: 'gate', id: gate.id, row: worse.row },
      text: 'Since the new runtime, I think: fp32 did not move.',
    });
  const { id } = await lab.api<{ id: string }>('GET', '/models/seeded-vision');
  await as('Mira Berg', 'POST', '/notes', { subject: { kind: 'model', id }, text: 'Ship int8-static on the Pi?' });
}
