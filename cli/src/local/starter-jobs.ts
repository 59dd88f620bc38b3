import { type Device, Frontier, isLabError, Job, type JobCreate, type Model, Recipe, Run } from '@hilltop/contracts';
import type { LabClient } from '../lab/client.js';
import { failedByInfrastructure, followJob, hasEnded } from '../lab/follow-job.js';
import { makeVariants } from '../lab/make-variants.js';
import type { Terminal } from '../shell/terminal.js';
import { type SampleName, sampleModel } from './sample-models.js';

export interface StarterJob {
  readonly name: string;
  readonly model: SampleName;
  /** In the order in which they are measured. */
  readonly recipes: readonly string[];
  /** Quality on the first so many items only. */
  readonly evaluationItems?: number;
}

/**
 * The main job is chosen so that it ends within a minute on two cores, with the recipes that span the frontier; what
 * follows fills it in.
 */
export const starterJobs: readonly [main: StarterJob, ...further: StarterJob[]] = [
  {
    name: 'starter',
    model: 'fashion-resnet',
    recipes: ['fp32', 'int8-static', 'prune-channels-50', 'prune-channels-25+int8', 'int8-weights'],
  },
  {
    name: 'starter-more',
    model: 'fashion-resnet',
    recipes: ['prune-channels-50+int8', 'fp16', 'prune-channels-25', 'int4-weights', 'optimized'],
  },
  { name: 'starter-micro', model: 'fashion-resnet-micro', recipes: ['fp32', 'int8-static', 'int8-weights'] },
];

/**
 * For the emulated Pico, when this machine is done with the main job: one is measured while the other rests. The same items for each
 * variant, however busy this machine is: an emulator takes 4 to 25 ms an item, all 2500 would take minutes.
 */
export const boardJob: StarterJob = {
  name: 'starter-pico',
  model: 'fashion-resnet-micro',
  recipes: ['int8-static', 'prune-channels-25+int8', 'prune-channels-50+int8'],
  evaluationItems: 400,
};

export interface StarterResult {
  readonly job: Job;
  /** Absent when no run has succeeded. */
  readonly frontier?: Frontier;
}

/**
 * Runs a starter job on a device and returns its frontier. Asked for again it finds the job by its name, follows it if it
 * still runs, and repeats no run; what a cancelled job or the infrastructure kept from succeeding is asked for again.
 * Recipes that this lab does not know are left out.
 */
export async function runStarterJob(
  client: LabClient,
  starter: StarterJob,
  device: Device,
  terminal: Terminal,
  onRunEnded?: (run: Run) => void,
): Promise<StarterResult> {
  const model = await sampleModel(client, starter.model);
  const before = await jobsBefore(client, starter, model, device);
  const recipes = await recipesToDo(client, starter, before);
  const job =
    before[0] && recipes.length === 0
      ? before[0]
      : await submit({ client, starter, model, device, terminal, recipes, before: before.length });
  const ended = hasEnded(job) ? job : await followJob(client, job.id, terminal, onRunEnded);
  const query = { model: model.id, device: device.id, protocol: job.protocol.name };
  const frontier = await client.get('/api/v1/frontier', Frontier, query).catch((error: unknown) => {
    if (isLabError(error, 'frontier.no-points')) return undefined;
    throw error;
  });
  return { job: ended, ...(frontier && { frontier }) };
}

/** Why a starter job has no frontier. */
export function noFrontier({ job }: StarterResult): string {
  const { error } = job.devices.find((device) => device.error) ?? job;
  return `${job.name} brought no point on ${job.devices.map((device) => device.deviceName).join(', ')}${error ? `: ${error.code}: ${error.message}` : ''}`;
}

/** Jobs of this name for the model on the device, newest first. */
async function jobsBefore(client: LabClient, starter: StarterJob, model: Model, device: Device): Promise<Job[]> {
  const jobs = await client.list<Job>('/api/v1/jobs', Job);
  return jobs
    .filter((job) => job.name === starter.name && job.modelId === model.id && job.selector.devices.includes(device.id))
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}

async function recipesToDo(client: LabClient, starter: StarterJob, before: readonly Job[]): Promise<readonly string[]> {
  const [newest] = before;
  if (!newest) return starter.recipes;
  if (newest.state !== 'cancelled' && !failedByInfrastructure(newest)) return [];
  const runs = await Promise.all(
    before.map((job) => client.list<Run>('/api/v1/runs', Run, { job: job.id, state: 'succeeded' })),
  );
  const done = new Set(runs.flat().map((run) => run.recipe));
  return newest.recipes.filter((recipe) => !done.has(recipe));
}

interface Submission {
  readonly client: LabClient;
  readonly starter: StarterJob;
  readonly model: Model;
  readonly device: Device;
  readonly terminal: Terminal;
  readonly recipes: readonly string[];
  /** How many jobs of this name there were before: part of the key, so that an answer that got lost starts no second one. */
  readonly before: number;
}

/** Variants first: what is made while this machine measures would disturb the measurement. */
async function submit({ client, starter, model, device, terminal, recipes, before }: Submission): Promise<Job> {
  const known = new Set((await client.list<Recipe>('/api/v1/recipes', Recipe)).map((recipe) => recipe.name));
  const usable = recipes.filter((recipe) => known.has(recipe));
  await makeVariants(client, model, usable, terminal);
  const selector = { devices: [device.id], labels: {} };
  const { name, evaluationItems } = starter;
  const request: JobCreate = {
    name,
    model: model.id,
    recipes: usable,
    selector,
    protocol: 'quick',
    ...(evaluationItems !== undefined && { evaluationItems }),
  };
  return client.post('/api/v1/jobs', request, Job, `hilltop-demo:${starter.name}:${model.id}:${device.id}:${before}`);
}
