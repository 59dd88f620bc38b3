import {
  graphLevels,
  Job,
  type JobCreate,
  LabError,
  PowerMode,
  precisions,
  protocolNames,
  type RunSettings,
  RuntimeId,
  Variant,
} from '@hilltop/contracts';
import type { Context } from '../context.js';
import { followJob, jobStatus } from '../lab/follow-job.js';
import type { ExitStatus } from '../shell/exit-status.js';
import type { Options } from '../shell/options.js';
import { usageError } from '../shell/usage-error.js';
import { countsText, jobText } from '../text/job-text.js';
import { jobRuns } from './job-show.js';

/** Starts a job: variants x devices x protocol. */
export async function run(context: Context): Promise<ExitStatus> {
  const { options, lab, terminal } = context;
  const request = jobRequest(options);
  const names = options.flag('all-variants') ? await variantNames(context, request.model) : [];
  const recipes = names.length > 0 ? [...new Set([...options.texts('recipe'), ...names])] : request.recipes;
  const job = await lab.post('/api/v1/jobs', { ...request, recipes }, Job);
  const address = jobAddress(lab.url, job);
  context.say(`${job.id}: ${address}`);
  if (!options.flag('wait')) {
    context.answer(
      job,
      () => `${job.id}  ${countsText(job) || job.state}; follow it: hilltop job show ${job.id} --wait\n`,
    );
    return 0;
  }
  const ended = await followJob(lab, job.id, terminal);
  const runs = await jobRuns(lab, job.id);
  context.answer(ended, () => jobText(ended, runs, context.style, terminal.now(), address));
  return jobStatus(ended);
}

/** The variants a model has by name. Throws `artifact.missing` where it has none. */
async function variantNames({ lab }: Context, model: string): Promise<string[]> {
  const all = await lab.list<Variant>('/api/v1/variants', Variant, { model });
  const names = all.filter(({ state }) => state !== 'failed').map(({ recipe }) => recipe);
  if (names.length === 0)
    throw new LabError(
      'artifact.missing',
      `${model} has no variant yet: \`hilltop run -m ${model} -r RECIPE\` makes them`,
    );
  return names;
}

/** Where a person looks at a job. */
export const jobAddress = (url: string, job: Pick<Job, 'id'>): string => `${url}/jobs/${job.id}`;

/** The request that a command line stands for. Throws `usage.invalid`. */
export function jobRequest(options: Options): JobCreate {
  const recipes = options.texts('recipe');
  const devices = options.texts('device');
  const labels = options.labels();
  if (devices.length === 0 && Object.keys(labels).length === 0) {
    throw usageError(
      '`hilltop run` needs a device: -d DEVICE, or -l key=value for all that carry a label (`hilltop devices` lists them).',
    );
  }
  const protocol = options.choice('protocol', protocolNames);
  if (options.flag('official') && protocol !== 'strict') throw usageError('--official goes with --protocol strict.');
  const [parallel, maxFailures] = [options.integer('parallel', 1), options.integer('max-failures', 1)];
  const [evaluationItems, repeats] = [options.integer('items', 1), options.integer('repeats', 0)];
  const [priority, replicates] = [options.integer('priority', -10), options.integer('replicates', 1)];
  if (priority !== undefined && priority > 10) throw usageError('--priority goes from -10 to 10.');
  if (replicates !== undefined && replicates > 20) throw usageError('--replicates goes from 1 to 20.');
  return {
    model: options.required('model', '-m MODEL'),
    recipes: recipes.length > 0 ? [...recipes] : ['fp32'],
    selector: { devices: [...devices], labels },
    ...(protocol && { protocol }),
    ...(options.flag('official') && { official: true }),
    settings: settingsOf(options),
    ...(evaluationItems !== undefined && { evaluationItems }),
    ...(repeats !== undefined && { repeats }),
    ...(parallel !== undefined && { parallel }),
    ...(maxFailures !== undefined && { maxFailures }),
    ...(priority !== undefined && { priority }),
    ...(replicates !== undefined && { replicates }),
  };
}

/** Every combination of runtime, provider, precision, batch, power mode, threads and graph level. Throws `usage.invalid`. */
function settingsOf(options: Options): RunSettings[] {
  const threads = options.integers('threads', 1);
  const levels = options.choices('graph-level', graphLevels);
  const precision = options.choices('precision', precisions);
  const wrong = options.texts('runtime').find((name) => !RuntimeId.safeParse(name).success);
  if (wrong !== undefined)
    throw usageError(`--runtime ${wrong} is no name of a runtime, such as onnxruntime or tflite.`);
  const noMode = options.texts('power-mode').find((name) => !PowerMode.safeParse(name).success);
  if (noMode !== undefined)
    throw usageError(`--power-mode ${noMode} is no name of a mode, such as performance or MAXN.`);
  let all: RunSettings[] = (threads.length > 0 ? threads : [1]).flatMap((count) =>
    (levels.length > 0 ? levels : (['all'] as const)).map((graphLevel) => ({ threads: count, graphLevel })),
  );
  all = combined(all, options.texts('runtime'), (runtime) => ({ runtime }));
  all = combined(all, options.texts('provider'), (provider) => ({ provider }));
  all = combined(all, precision, (each) => ({ precision: each }));
  all = combined(all, options.integers('batch', 1), (batch) => ({ batch }));
  return combined(all, options.texts('power-mode'), (powerMode) => ({ powerMode }));
}

/** Each of the settings with each of the values; where there is none, as they are. */
function combined<T>(
  all: RunSettings[],
  values: readonly T[],
  part: (value: T) => Partial<RunSettings>,
): RunSettings[] {
  if (values.length === 0) return all;
  return values.flatMap((value) => all.map((settings) => ({ ...settings, ...part(value) })));
}
