import { type Device, Frontier, Job, type JobCreate, type Model, Recipe, type Run } from '@hilltop/contracts';
import type { LabClient } from '../lab/client.js';
import { followJob, hasEnded } from '../lab/follow-job.js';
import type { Terminal } from '../shell/terminal.js';
import { type SampleName, sampleModel } from './sample-models.js';

export interface StarterJob {
  readonly name: string;
  readonly model: SampleName;
  /** In the order in which they are measured. */
  readonly recipes: readonly string[];
}

/**
 * The main job is chosen so that it ends within a minute on two cores, with the recipes that span the frontier; what
 * follows fills it in.
 */
export const starterJobs: readonly [main: StarterJob, ...further: StarterJob[]] = [
  {
    name: 'starter',
    model: 'fashion-resnet',
    recipes: ['fp32', 'int8-static', 'fp16', 'int8-weights', 'prune-channels-25+int8'],
  },
  {
    name: 'starter, more recipes',
    model: 'fashion-resnet',
    recipes: ['optimized', 'prune-channels-25', 'prune-channels-50', 'prune-channels-50+int8', 'int4-weights'],
  },
  { name: 'starter, micro', model: 'fashion-resnet-micro', recipes: ['fp32', 'int8-static', 'int8-weights'] },
];

export interface StarterResult {
  readonly job: Job;
  readonly frontier: Frontier;
}

/**
 * Runs a starter job on a device and returns its frontier. Asked for again it finds the job by its name, follows it if it
 * still runs, and repeats no run. Recipes that this lab does not know are left out.
 */
export async function runStarterJob(
  client: LabClient,
  starter: StarterJob,
  device: Device,
  terminal: Terminal,
  onRunEnded?: (run: Run) => void,
): Promise<StarterResult> {
  const model = await sampleModel(client, starter.model);
  let job = await findJob(client, starter, model, device);
  job ??= await client.post(
    '/api/v1/jobs',
    await jobRequest(client, starter, model, device),
    Job,
    `hilltop-demo:${starter.name.replaceAll(/[^a-z]+/g, '-')}:${model.id}:${device.id}`,
  );
  if (!hasEnded(job)) job = await followJob(client, job.id, terminal, onRunEnded);
  const frontier = await client.get('/api/v1/frontier', Frontier, {
    model: model.id,
    device: device.id,
    protocol: job.protocol.name,
  });
  return { job, frontier };
}

async function findJob(client: LabClient, starter: StarterJob, model: Model, device: Device): Promise<Job | undefined> {
  const jobs = await client.list<Job>('/api/v1/jobs', Job);
  return jobs.find(
    (job) => job.name === starter.name && job.modelId === model.id && job.selector.devices.includes(device.id),
  );
}

async function jobRequest(client: LabClient, starter: StarterJob, model: Model, device: Device): Promise<JobCreate> {
  const known = new Set((await client.list<Recipe>('/api/v1/recipes', Recipe)).map((recipe) => recipe.name));
  return {
    name: starter.name,
    model: model.id,
    recipes: starter.recipes.filter((recipe) => known.has(recipe)),
    selector: { devices: [device.id], labels: {} },
    protocol: 'quick',
  };
}
