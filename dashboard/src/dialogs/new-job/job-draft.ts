import {
  type Device,
  Name,
  type ProtocolName,
  type QualityMetric,
  type Recipe,
  type RunSettings,
  runtimeIdOf,
} from '@hilltop/contracts';
import { emptyOptions, type JobOptions, jobFields, optionErrors, settingsParts } from './job-options.js';
import type { FileRole } from './sort-files.js';

/** What a person has chosen so far. */
export interface JobDraft {
  /** An existing model's id; absent: the dropped files become a new one. */
  readonly modelId: string | undefined;
  readonly files: Readonly<Partial<Record<FileRole, File>>>;
  readonly modelName: string;
  readonly metric: QualityMetric | undefined;
  readonly recipes: ReadonlySet<string>;
  /** Empty: every device. */
  readonly devices: ReadonlySet<string>;
  readonly protocol: ProtocolName;
  /** Comma separated, e.g. `1, 2`: each is its own run. */
  readonly threads: string;
  /** Each is its own run; empty: every device's first. */
  readonly runtimes: ReadonlySet<string>;
  readonly options: JobOptions;
}

/** fp32 is the reference of every frontier, so it is in unless taken out. */
export const emptyDraft: JobDraft = {
  modelId: undefined,
  files: {},
  modelName: '',
  metric: undefined,
  recipes: new Set(['fp32']),
  devices: new Set(),
  protocol: 'quick',
  threads: '1',
  runtimes: new Set(),
  options: emptyOptions,
};

/** The threads of a draft; undefined when the text is not a list of whole numbers from 1 to 256. */
export function threadsOf(text: string): number[] | undefined {
  const parts = text.split(/[,\s]+/).filter((part) => part !== '');
  const threads = [...new Set(parts.map(Number))];
  return threads.length > 0 && threads.length <= 20 && threads.every((n) => Number.isInteger(n) && n >= 1 && n <= 256)
    ? threads
    : undefined;
}

/** Which data a model has, or will have once its files are sent. */
export interface DataAtHand {
  readonly calibration: boolean;
  readonly validation: boolean;
}

/** The sets that a recipe needs and that are not there. */
export function lacksOf(recipe: Recipe, data: DataAtHand): (keyof DataAtHand)[] {
  return [
    ...(recipe.needsCalibration && !data.calibration ? (['calibration'] as const) : []),
    ...(recipe.needsValidation && !data.validation ? (['validation'] as const) : []),
  ];
}

/** What still stands between the draft and its start, in the order of the form; empty when nothing does. */
export function missingOf(draft: JobDraft, recipes: readonly Recipe[], data: DataAtHand): string[] {
  const isNew = draft.modelId === undefined;
  const chosen = recipes.filter((recipe) => draft.recipes.has(recipe.name));
  const missing = (['calibration', 'validation'] as const).flatMap((set) => {
    const needing = chosen.filter((recipe) => lacksOf(recipe, data).includes(set)).map((recipe) => recipe.name);
    return needing.length === 0
      ? []
      : [
          isNew
            ? `drop a ${set} set: ${needing.join(', ')} need${needing.length === 1 ? 's' : ''} one`
            : `leave out ${needing.join(', ')}: the model has no ${set} set`,
        ];
  });
  return [
    ...(isNew && !draft.files.model ? ['choose a model or drop an .onnx file'] : []),
    ...(isNew && draft.files.model && !Name.safeParse(draft.modelName).success
      ? ['give the model a name that starts with a letter or digit']
      : []),
    ...(draft.recipes.size === 0 ? ['choose at least one recipe'] : []),
    ...missing,
    ...(threadsOf(draft.threads) === undefined ? ['give threads as whole numbers, e.g. 1, 2'] : []),
    ...optionErrors(draft.options),
  ];
}

/** The draft for another model: names of variants that only the one before has are taken out. */
export function withModel(draft: JobDraft, modelId: string | undefined, recipes: readonly Recipe[]): JobDraft {
  const known = new Set(recipes.map((recipe) => recipe.name));
  return { ...draft, modelId, recipes: new Set([...draft.recipes].filter((name) => known.has(name))) };
}

/** Runtimes that the chosen hosts offer, by name, where one of them has several: elsewhere there is nothing to choose. */
export function runtimeChoices(draft: Pick<JobDraft, 'devices'>, devices: readonly Device[]): string[] {
  const hosts = devices.filter(
    ({ id, kind }) => kind === 'host' && (draft.devices.size === 0 || draft.devices.has(id)),
  );
  if (!hosts.some(({ facts }) => facts.runtimes.length > 1)) return [];
  return [...new Set(hosts.flatMap(({ facts }) => facts.runtimes.map(runtimeIdOf)))].sort();
}

/** The settings that a draft asks for: each of its threads with each of its runtimes and of what else was chosen. */
export function settingsOf({
  threads,
  runtimes,
  options = emptyOptions,
}: Pick<JobDraft, 'threads' | 'runtimes'> & Partial<Pick<JobDraft, 'options'>>): RunSettings[] {
  const wishes = runtimes.size === 0 ? [{}] : [...runtimes].map((runtime) => ({ runtime }));
  return wishes.flatMap((wish) =>
    settingsParts(options).flatMap((part) =>
      (threadsOf(threads) ?? []).map((count) => ({ threads: count, graphLevel: 'all' as const, ...wish, ...part })),
    ),
  );
}

/** What multiplies to the runs that the draft asks for. */
export function factorsOf(draft: JobDraft, deviceCount: number) {
  return {
    ...{ recipes: draft.recipes.size, devices: draft.devices.size || deviceCount },
    ...{ settings: settingsOf(draft).length, replicates: jobFields(draft.options).replicates ?? 1 },
  };
}

/** How many runs the draft asks for. */
export function runsOf(draft: JobDraft, deviceCount: number): number {
  return Object.values(factorsOf(draft, deviceCount)).reduce((product, factor) => product * factor, 1);
}
